import { request as httpRequest } from 'node:http'
import { denialOf, MaskinportenError } from '@portvakt/core'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { type Conformance, createConformance, READ, WRITE } from './api.js'
import type { Case } from './case.js'
import { CASES } from './cases.js'
import { type Answer, type RawHeaders, type Running, send, sendHttp2 } from './host.js'
import { HOSTS } from './hosts.js'

let api: Conformance
beforeAll(async () => {
  api = await createConformance()
})

async function headersOf({ token, headers }: Case): Promise<RawHeaders> {
  const issued = await api.mock.issueToken({ scope: READ, ...token })
  return headers ? headers(issued) : [['Authorization', `Bearer ${issued}`]]
}

/** The answer table, as core has it; what a host may not add to or take from. */
function expectRefusal(answer: Answer, { refused, challenge }: Case, hasBody = true): void {
  if (refused === undefined) throw new Error('This case expects no refusal')
  const requiredScopes = /scope="([^"]*)"/.exec(challenge ?? '')?.[1]?.split(' ') ?? []
  const table = denialOf(new MaskinportenError(refused, { requiredScopes }))
  expect(answer.status).toBe(table.status)
  expect(answer.headers['www-authenticate']).toBe(challenge)
  expect(table.headers['www-authenticate']).toBe(challenge)
  expect(answer.headers['cache-control']).toBe('no-store')
  // Some hosts add a charset; UTF-8 is what JSON has anyway.
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json(; charset=utf-8)?$/)
  expect(answer.headers['retry-after'] !== undefined).toBe(refused === 'keys_unavailable')
  expect(answer.body).toBe(hasBody ? table.body : '')
}

const portOf = (running: Running, path = '/read') => running.portOf?.(path) ?? running.port

describe.each(HOSTS)('$name', (host) => {
  let running: Running
  beforeAll(async () => {
    running = await host.start(api)
  })
  afterAll(() => running.close())
  const takeHandled = async () => (await running.takeHandled?.()) ?? api.takeHandled()

  it('serves what is public', async () => {
    expect(await send(running.port, 'GET', '/open')).toMatchObject({ status: 200, body: '{"open":true}' })
  })

  test.each(CASES.filter((one) => host.stacks !== false || !one.stacked))('$title ($source)', async (one) => {
    const answer = await send(
      portOf(running, one.path),
      one.method ?? 'GET',
      one.path ?? '/read',
      await headersOf(one),
    )
    const handled = await takeHandled()
    if (one.refused !== undefined) expectRefusal(answer, one)
    else expect(answer.status).toBe(one.status ?? 200)
    expect(handled).toBe(answer.status === 200 ? 1 : 0)
  })

  it('refuses HEAD without a body, and runs no handler', async () => {
    const answer = await send(running.port, 'HEAD', '/read')
    expectRefusal(
      answer,
      { title: '', source: '', refused: 'no_credentials', challenge: 'Bearer realm="maskinporten"' },
      false,
    )
    expect(await takeHandled()).toBe(0)
  })

  test.each([
    '//read',
    '/read/',
    '/read//',
    '/./read',
    '/x/../read',
    '/%72ead',
    '/read%2f',
    '/read%00',
    '/read;x=1',
    '/read?',
    '/read#x',
    '/READ',
    '/read.json',
    '/read\\',
    'http://localhost/read',
    'http://evil.example/read',
    '//router/read',
    '/router//read',
    '/router/./read',
    '/ROUTER/read',
    '/mounted//read',
    '/mounted/%72ead',
    '/mounted/../read',
    '/mounted/read/',
  ])('runs no handler for %s without a token, however it is routed', async (target) => {
    for (const method of ['GET', 'POST', 'HEAD', 'OPTIONS']) {
      const answer = await send(running.port, method, target)
      // OPTIONS and unknown paths are the framework's own; what matters is that nothing ran.
      expect(answer.status).not.toBe(500)
      expect(await takeHandled()).toBe(0)
    }
  })

  it('survives a caller that leaves while keys load', async () => {
    const own = await createConformance()
    const second = await host.start(own)
    const authorization = `Bearer ${await own.mock.issueToken({ scope: READ })}`
    const call = httpRequest({
      port: portOf(second, '/slow'),
      host: '127.0.0.1',
      path: '/slow',
      agent: false,
      headers: { authorization },
    })
    call.on('error', () => undefined).end()
    const left = new Promise((resolve) => call.on('close', resolve))
    await own.asked
    call.destroy()
    await left
    await own.release()
    const answer = await send(portOf(second, '/slow'), 'GET', '/slow', [['Authorization', authorization]])
    expect(answer.status).toBe(200)
    await second.close()
  })

  it('decides each of many parallel requests by its own token', async () => {
    const tokens = await Promise.all([READ, WRITE].map((scope) => api.mock.issueToken({ scope })))
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const { status } = await send(running.port, 'GET', '/read', [
          ['Authorization', `Bearer ${tokens[index % 2]}`],
        ])
        return status
      }),
    )
    expect(answers).toEqual(Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? 200 : 403)))
    expect(await takeHandled()).toBe(50)
  })
})

describe.each(HOSTS.filter((host) => host.startHttp2))('$name over HTTP/2', (host) => {
  let running: Running | undefined
  beforeAll(async () => {
    running = await host.startHttp2?.(api)
  })
  afterAll(() => running?.close())

  test.each<[string, (token: string) => string[], number]>([
    ['a good call', (token) => [`Bearer ${token}`], 200],
    ['no credentials', () => [], 401],
    ['two tokens joined', (token) => [`Bearer ${token}`, `Bearer ${token}`], 400],
    ['a bad token', (token) => [`Bearer ${token}x`], 401],
  ])('%s', async (_title, authorization, status) => {
    const token = await api.mock.issueToken({ scope: READ })
    const answer = await sendHttp2(running?.port ?? 0, '/read', authorization(token))
    expect(answer.status).toBe(status)
    expect(api.takeHandled()).toBe(status === 200 ? 1 : 0)
    if (status !== 200) expect(answer.headers['cache-control']).toBe('no-store')
  })
})
