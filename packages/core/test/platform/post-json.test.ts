import { once } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { createTestClock } from '@portvakt/mock'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Clock, systemClock } from '../../src/platform/clock.js'
import { withDeadline } from '../../src/platform/deadline.js'
import { getStatus, post } from '../../src/platform/post-json.js'
import { introspect, statusOfGet } from '../../src/verifiers/introspect.js'
import { deferred } from '../deferred.js'
import { isNode } from '../is-node.js'
import { closeServer, startServer } from './local-server.js'

const TOKEN = 'header.payload.signature'
const REFUSAL = '{"active":false,"error":"invalid token: ExpiredSignature"}'

let server: Server
let connections: Set<Socket>
let opened: number
let seen: { readonly body: string; readonly request: IncomingMessage }[]
let answer: (response: ServerResponse, request: IncomingMessage) => void
let endpoint: string
beforeEach(async () => {
  connections = new Set()
  opened = 0
  seen = []
  answer = (response) => response.end(REFUSAL)
  const started = await startServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    seen.push({ body, request })
    answer(response, request)
  })
  server = started.server
  server.on('connection', (socket: Socket) => {
    opened++
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
  })
  endpoint = `${started.origin}/api/v1/introspect`
})
afterEach(() => {
  vi.unstubAllGlobals()
})

const ask = (inBackground = false, clock: Clock = systemClock) =>
  withDeadline(clock, 5000, (signal) =>
    introspect(TOKEN, { endpoint, fetch: undefined }, signal, inBackground),
  )
const fails = (asked: Promise<unknown>, expected: object) =>
  expect(asked).rejects.toMatchObject({ name: 'UpstreamError', ...expected })

it('outside Node, `post` and `getStatus` are undefined, so that `fetch` is used', () => {
  expect([post, getStatus]).toEqual([undefined, undefined])
})

// Other runtimes call Texas with `fetch`.
describe.runIf(isNode)('introspect', () => {
  it('introspect sends a POST of JSON, and does not call the global fetch', async () => {
    vi.stubGlobal('fetch', () => expect.unreachable('called'))
    expect(await ask()).toBe(false)
    const body = JSON.stringify({ identity_provider: 'maskinporten', token: TOKEN })
    const headers = { 'content-type': 'application/json', accept: 'application/json' }
    const request = { method: 'POST', url: '/api/v1/introspect', headers }
    expect(seen).toMatchObject([{ body, request }])
    expect(seen[0]?.request.headers).not.toHaveProperty('accept-encoding')
  })

  it('successive calls of introspect share a connection', async () => {
    for (let times = 0; times < 5; times++) await ask()
    expect(opened).toBe(1)
  })

  it('introspect opens at most 64 connections at once, and every request gets its answer', async () => {
    const waiting: ServerResponse[] = []
    let most = 0
    answer = (response) => {
      waiting.push(response)
      most = Math.max(most, connections.size)
      // The first 64 requests are answered together, so that all of them are in flight at once.
      if (seen.length >= 64) for (const one of waiting.splice(0)) one.end(REFUSAL)
    }
    await Promise.all(Array.from({ length: 200 }, () => ask()))
    expect([seen.length, most]).toEqual([200, 64])
  })

  const encodedBy = (encoding: string) => ({ 'content-encoding': encoding })
  const long = { 'content-length': '9' }
  it.each<[string, string, (response: ServerResponse) => void]>([
    ['a redirect', 'redirected', (s) => s.writeHead(307, { location: '/elsewhere' }).end()],
    ['status 201', 'bad_status', (s) => s.writeHead(201).end(REFUSAL)],
    ['an endless error', 'bad_status', (s) => s.writeHead(500).write('x'.repeat(100_000))],
    ['an encoded body', 'not_json', (s) => s.writeHead(200, encodedBy('gzip')).end(gzipSync(REFUSAL))],
    ['a plain body said to be encoded', 'not_json', (s) => s.writeHead(200, encodedBy('br')).end(REFUSAL)],
    ['bytes that are not UTF-8', 'not_json', (s) => s.end(Buffer.of(0x22, 0xff, 0x22))],
    ['a byte order mark', 'not_json', (s) => s.end(`\ufeff${REFUSAL}`)],
    ['one byte more than 64 KiB', 'too_large', (s) => s.end(REFUSAL.padEnd(64 * 1024 + 1))],
    ['half a body', 'unreachable', (s) => s.writeHead(200, long).write('{', () => s.destroy())],
    ['half a header', 'unreachable', (s) => s.socket?.end('HTTP/1.1 200 OK\r\nContent-')],
  ])('on %s, introspect fails with `%s`', async (title, reason, given) => {
    answer = given
    const status = /\d{3}/.exec(title)?.[0]
    await fails(ask(), status ? { reason, message: expect.stringContaining(status) } : { reason })
    expect(seen).toHaveLength(1)
  })

  it('introspect reads a body of exactly 64 KiB', async () => {
    answer = (response) => response.end(REFUSAL.padEnd(64 * 1024))
    expect(await ask()).toBe(false)
  })

  it('the error of a refused connection has the system’s error code and no part of the token', async () => {
    await closeServer(server)
    const error = await ask().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ name: 'UpstreamError', reason: 'unreachable', code: 'ECONNREFUSED' })
    const { cause, stack } = error as Error
    expect(JSON.stringify([error, cause, stack])).not.toContain('payload')
  })

  const get = (inBackground = false, clock: Clock = systemClock) =>
    withDeadline(clock, 5000, (signal) => statusOfGet({ endpoint, fetch: undefined }, signal, inBackground))

  const CALLS: [string, typeof ask | typeof get][] = [
    ['introspect', ask],
    ['getStatus', get],
  ]

  it.each(CALLS)('%s uses TLS for an https endpoint', async (_title, call) => {
    endpoint = endpoint.replace('http:', 'https:')
    await fails(call(false), { code: expect.stringMatching(/^(EPROTO|ERR_SSL_)/) })
    expect(seen).toEqual([])
  })

  it.each(CALLS)('%s keeps the process alive unless it is `inBackground`', async (_title, call) => {
    const counts: number[] = []
    for (const inBackground of [false, true]) {
      const asked = deferred<ServerResponse>()
      answer = (response) => asked.resolve(response)
      const called = call(inBackground)
      const response = await asked.promise
      counts.push(process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length)
      response.end(REFUSAL)
      await called
      await vi.waitUntil(() => connections.size <= 1)
    }
    expect(counts[0]).toBe((counts[1] ?? 0) + 1)
  })

  it('getStatus opens a new connection and closes it, even if an idle connection could be reused', async () => {
    await ask()
    answer = (response) => response.writeHead(405).end('x'.repeat(100_000))
    expect(await get()).toBe(405)
    expect(seen.map(({ request }) => request.method)).toEqual(['POST', 'GET'])
    expect(opened).toBe(2)
    await vi.waitUntil(() => connections.size === 1)
  })

  it.each(CALLS)('%s does not repeat a request on a new connection', async (_title, call) => {
    answer = (_response, { socket }) => socket.destroy()
    await fails(call(false), { reason: 'unreachable', code: 'ECONNRESET' })
    expect(seen).toHaveLength(1)
  })

  it.each([
    ['getStatus', 'before an answer', get, () => undefined],
    ['introspect', 'before an answer', ask, () => undefined],
    ['introspect', 'during an answer', ask, (response: ServerResponse) => void response.write('{')],
  ])('%s closes the connection if its deadline passes %s', async (_call, _title, call, given) => {
    const [clock, reached] = [createTestClock(), deferred<ServerResponse>()]
    answer = (response) => {
      given(response)
      reached.resolve(response)
    }
    const failed = fails(call(false, clock), { reason: 'timeout' })
    const response = await reached.promise
    clock.advance(4.9)
    expect(connections.size).toBe(1)
    clock.advance(0.1)
    await failed
    if (!response.destroyed) await once(response, 'close')
    expect(seen).toHaveLength(1)
  })

  it('introspect does not repeat a request after a byte of the answer has arrived', async () => {
    await ask()
    answer = (response) => response.socket?.end('H')
    await fails(ask(), { reason: 'unreachable' })
    expect(seen).toHaveLength(2)
  })

  it('introspect replaces a closed connection by a new one, even if another could be reused', async () => {
    await Promise.all([ask(), ask()])
    const used = new Set(connections)
    answer = (response, { socket }) => (used.has(socket) ? socket.destroy() : response.end(REFUSAL))
    expect(await ask()).toBe(false)
    expect([used.size, seen.length, opened]).toEqual([2, 4, 3])
  })

  it('introspect replaces a closed connection only once, and fails if the new connection also closes', async () => {
    await ask()
    answer = (_response, { socket }) => socket.destroy()
    await fails(ask(), { reason: 'unreachable', code: 'ECONNRESET' })
    expect([seen.length, opened]).toEqual([3, 2])
  })
})
