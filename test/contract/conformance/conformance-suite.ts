import { request as httpRequest } from 'node:http'
import { MaskinportenError, type MaskinportenReason } from '@portvakt/core'
import { denialOf } from '@portvakt/core/adapter'
import { createMockMaskinporten, DEFAULT_CONSUMER } from '@portvakt/mock'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { createConformance, READ, WRITE } from './api.js'
import { authorization, type Case, caseIn, REALM } from './case.js'
import { CASES } from './cases.js'
import { type Answer, type RawHeaders, type Running, send, sendHttp2 } from './host.js'
import { HOSTS } from './hosts.js'
import type { Mode } from './modes.js'

const mock = await createMockMaskinporten()

const optionsOf = ({ token = {} }: Case) => (typeof token === 'function' ? token() : token)

async function headersOf(one: Case): Promise<RawHeaders> {
  const issued = await mock.issueToken({ scope: READ, ...optionsOf(one) })
  return one.headers ? one.headers(issued) : authorization(`Bearer ${issued}`)
}

/** Compares an answer with core's denial for this reason. */
function expectRefusal(answer: Answer, refused: MaskinportenReason, challenge?: string, hasBody = true) {
  const requiredScopes = /scope="([^"]*)"/.exec(challenge ?? '')?.[1]?.split(' ') ?? []
  const table = denialOf(new MaskinportenError(refused, { requiredScopes }))
  expect(answer.body).toBe(hasBody ? table.body : '')
  expect(answer.status).toBe(table.status)
  expect(answer.headers['www-authenticate']).toBe(challenge)
  expect(table.headers['www-authenticate']).toBe(challenge)
  expect(answer.headers['cache-control']).toBe('no-store')
  // Some hosts add a charset. JSON is always UTF-8.
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json(; charset=utf-8)?$/)
  const retryAfter = answer.headers['retry-after'] ?? ''
  expect(retryAfter).toMatch(table.code === 'temporarily_unavailable' ? /^[1-9]\d*$/ : /^$/)
}

/** Checks that the handler answered with the consumer from the token of this request. */
function expectHandled(answer: Answer, one: Case): void {
  const { consumer = DEFAULT_CONSUMER } = optionsOf(one)
  expect(answer).toMatchObject({ status: 200, body: JSON.stringify({ consumer }) })
}

/** The title of a case, with its expected outcome and its source. */
function titleOf({ title, source, refused, status }: Case): string {
  const outcome = status === undefined ? 'is allowed' : `gets ${status} from the framework`
  return `${title} ${refused === undefined ? outcome : `is refused as ${refused}`} (${source})`
}

/** Request targets that resemble guarded routes. */
const TARGETS = [
  ...['//read', '/read/', '/read//', '/./read', '/x/../read', '/%72ead', '/read%2f', '/read%00'],
  ...['/read;x=1', '/read?', '/read#x', '/READ', '/read.json', '/read\\'],
  ...['http://localhost/read', 'http://evil.example/read'],
  ...['//router/read', '/router//read', '/router/./read', '/ROUTER/read'],
  ...['/mounted//read', '/mounted/%72ead', '/mounted/../read', '/mounted/read/'],
]

/** Runs every case on every host, with validators of a mode. */
export function describeConformance(mode: Mode): void {
  describe(`conformance of adapters, verifying by ${mode}`, () => {
    const api = createConformance(mode, mock)

    describe.each(HOSTS)('$name', (host) => {
      let running: Running
      beforeAll(async () => {
        running = await host.start(api)
      })
      afterAll(() => running.close())
      const takeHandled = async () => (await running.takeHandled?.()) ?? api.takeHandled()

      it('a route without a guard answers a request without a token', async () => {
        expect(await send(running.port, 'GET', '/open')).toMatchObject({ status: 200, body: '{"open":true}' })
      })

      const cases = CASES.filter((one) => host.stacks !== false || !one.stacked).map((one) =>
        caseIn(mode, one),
      )
      test.each(cases.map((one) => [titleOf(one), one] as const))('%s', async (_title, one) => {
        const { method = 'GET', path = '/read' } = one
        const answer = await send(running.port, method, path, await headersOf(one))
        const handled = await takeHandled()
        if (one.refused !== undefined) expectRefusal(answer, one.refused, one.challenge)
        else if (one.status !== undefined) expect(answer.status).toBe(one.status)
        else expectHandled(answer, one)
        expect(handled).toBe(answer.status === 200 ? 1 : 0)
      })

      // In NestJS on Fastify, a HEAD request could bypass a guard.
      it('a HEAD request without a token gets 401 without a body', async () => {
        const answer = await send(running.port, 'HEAD', '/read')
        expectRefusal(answer, 'no_credentials', REALM, false)
        expect(await takeHandled()).toBe(0)
      })

      test.each(TARGETS)('a request for %s without a token runs no handler', async (target) => {
        for (const method of ['GET', 'POST', 'HEAD', 'OPTIONS']) {
          const answer = await send(running.port, method, target)
          // The framework, not the guard, answers OPTIONS requests and unknown paths, so the status varies.
          expect(answer.status).not.toBe(500)
          expect(await takeHandled()).toBe(0)
        }
      })

      it('after a caller disconnected while the guard waited, the server answers the next request', async () => {
        const own = createConformance(mode, mock)
        const second = await host.start(own)
        const bearer = `Bearer ${await mock.issueToken({ scope: READ })}`
        const url = `http://127.0.0.1:${second.port}/slow`
        const call = httpRequest(url, { agent: false, headers: { authorization: bearer } })
        call.on('error', () => undefined).end()
        const left = new Promise((resolve) => call.on('close', resolve))
        await own.asked
        call.destroy()
        await left
        await own.release()
        const answer = await send(second.port, 'GET', '/slow', authorization(bearer))
        expect(answer.status).toBe(200)
        await second.close()
      })

      it('each of 100 parallel requests is decided by its own token', async () => {
        const tokens = await Promise.all([READ, WRITE].map((scope) => mock.issueToken({ scope })))
        const answers = await Promise.all(
          Array.from({ length: 100 }, (_, index) =>
            send(running.port, 'GET', '/read', authorization(`Bearer ${tokens[index % 2]}`)),
          ),
        )
        const statuses = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? 200 : 403))
        expect(answers.map(({ status }) => status)).toEqual(statuses)
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
        ['a valid token', (token) => [`Bearer ${token}`], 200],
        ['a request without credentials', () => [], 401],
        ['a second token joined by a comma', (token) => [`Bearer ${token}`, `Bearer ${token}`], 400],
        ['a token with another signature', (token) => [`Bearer ${token}x`], 401],
      ])('%s gets the expected status over HTTP/2', async (_title, credentials, status) => {
        const token = await mock.issueToken({ scope: READ })
        const answer = await sendHttp2(running?.port ?? 0, '/read', credentials(token))
        expect(answer.status).toBe(status)
        expect(api.takeHandled()).toBe(status === 200 ? 1 : 0)
        if (status !== 200) expect(answer.headers['cache-control']).toBe('no-store')
      })
    })
  })
}
