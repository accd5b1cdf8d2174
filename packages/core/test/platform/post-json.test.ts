import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { createTestClock, type TestClock } from '@portvakt/mock'
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import { systemClock } from '../../src/platform/clock.js'
import { withDeadline } from '../../src/platform/deadline.js'
import { UpstreamError } from '../../src/platform/fetch-json.js'
import { getStatus, post } from '../../src/platform/post-json.js'
import { introspect, statusOfGet } from '../../src/verifiers/introspect.js'

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
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    seen.push({ body, request })
    answer(response, request)
  })
  server.on('connection', (socket: Socket) => {
    opened++
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/introspect`
})
afterEach(async () => {
  vi.unstubAllGlobals()
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
})

const ask = (clock: Parameters<typeof withDeadline>[0] = systemClock, seconds = 5) =>
  withDeadline(clock, seconds * 1000, (signal) => {
    return introspect(TOKEN, { endpoint, fetch: undefined }, signal, false)
  })
const failure = async (asked: Promise<unknown>) => {
  const error = await asked.then(
    () => expect.unreachable('nothing failed'),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(UpstreamError)
  return error as UpstreamError
}

it('`post` and `getStatus` are undefined outside Node, where `fetch` is used', () => {
  expect([post, getStatus]).toEqual([undefined, undefined])
})

// Elsewhere Texas is asked by `fetch`.
describe.skipIf('bun' in process.versions || 'deno' in process.versions)('on Node', () => {
  it('a token is introspected by a POST of JSON, and not by the global fetch', async () => {
    vi.stubGlobal('fetch', () => expect.unreachable('asked by fetch'))
    expect(await ask()).toBe(false)
    expect(seen).toMatchObject([
      {
        body: JSON.stringify({ identity_provider: 'maskinporten', token: TOKEN }),
        request: {
          method: 'POST',
          url: '/api/v1/introspect',
          headers: { 'content-type': 'application/json', accept: 'application/json' },
        },
      },
    ])
    expect(seen[0]?.request.headers).not.toHaveProperty('accept-encoding')
  })

  it('successive requests share a connection', async () => {
    for (let times = 0; times < 5; times++) await ask()
    expect(opened).toBe(1)
  })

  it('at most 64 connections are open, and every request gets its answer', async () => {
    const waiting: ServerResponse[] = []
    let most = 0
    answer = (response) => {
      waiting.push(response)
      most = Math.max(most, connections.size)
      // The first 64 wait for each other, so that all of them are in flight at once.
      if (seen.length >= 64) for (const one of waiting.splice(0)) one.end(REFUSAL)
    }
    await Promise.all(Array.from({ length: 200 }, () => ask()))
    expect([seen.length, most]).toEqual([200, 64])
  })

  test.each<[string, string, (response: ServerResponse) => void]>([
    ['a redirect', 'redirected', (s) => s.writeHead(307, { location: '/elsewhere' }).end()],
    ['not modified', 'redirected', (s) => s.writeHead(304).end()],
    ['another success', 'bad_status', (s) => s.writeHead(201).end(REFUSAL)],
    ['an error', 'bad_status', (s) => s.writeHead(500).end(REFUSAL)],
    ['an endless error', 'bad_status', (s) => s.writeHead(500).write('x'.repeat(100_000))],
    [
      'an encoding',
      'not_json',
      (s) => s.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(REFUSAL)),
    ],
    [
      'an encoding that is not used',
      'not_json',
      (s) => s.writeHead(200, { 'content-encoding': 'br' }).end(REFUSAL),
    ],
    ['an empty body', 'not_json', (s) => s.end()],
    ['bytes that are not UTF-8', 'not_json', (s) => s.end(Buffer.of(0x22, 0xff, 0x22))],
    ['a byte order mark', 'not_json', (s) => s.end(`\ufeff${REFUSAL}`)],
    ['one byte more than 64 KiB', 'too_large', (s) => s.end(REFUSAL.padEnd(64 * 1024 + 1))],
    [
      'half a body',
      'unreachable',
      (s) => s.writeHead(200, { 'content-length': '9' }).write('{', () => s.destroy()),
    ],
    ['half a header', 'unreachable', (s) => s.socket?.end('HTTP/1.1 200 OK\r\nContent-')],
    ['another protocol than HTTP', 'unreachable', (s) => s.socket?.end('SSH-2.0-OpenSSH\r\n')],
  ])('%s is a failure: %s', async (_title, reason, given) => {
    answer = given
    const error = await failure(ask())
    expect(error.reason).toBe(reason)
    expect(seen).toHaveLength(1)
  })

  it('a body of exactly 64 KiB is read', async () => {
    answer = (response) => response.end(REFUSAL.padEnd(64 * 1024))
    expect(await ask()).toBe(false)
  })

  it('the error of a refused connection has the platform’s code and nothing of the token', async () => {
    server.close()
    await once(server, 'close')
    const error = await failure(ask())
    expect(error).toMatchObject({ reason: 'unreachable', code: 'ECONNREFUSED' })
    expect(JSON.stringify([error, error.cause, String(error.stack)])).not.toContain('payload')
    server.listen(0)
  })

  describe('getStatus', () => {
    const get = () =>
      withDeadline(systemClock, 5000, (signal) => statusOfGet({ endpoint, fetch: undefined }, signal, true))

    it('opens a new connection, even while a kept one is free, and closes it', async () => {
      await ask()
      answer = (response) => response.writeHead(405).end('x'.repeat(100_000))
      expect(await get()).toBe(405)
      expect(seen.map(({ request }) => request.method)).toEqual(['POST', 'GET'])
      expect(opened).toBe(2)
      const [, own] = seen
      if (!own?.request.socket.destroyed) await once(own?.request.socket ?? server, 'close')
      expect(connections.size).toBe(1)
    })

    it('is answered while 64 requests wait for their answers', async () => {
      const waiting: ServerResponse[] = []
      answer = (response, { method }) => {
        if (method === 'POST') waiting.push(response)
        else response.writeHead(405).end()
      }
      const asked = Array.from({ length: 64 }, () => ask())
      await vi.waitUntil(() => waiting.length === 64, { timeout: 30_000 })
      expect(await get()).toBe(405)
      for (const response of waiting) response.end(REFUSAL)
      expect(new Set(await Promise.all(asked))).toEqual(new Set([false]))
    })

    it('fails if the connection is closed without an answer', async () => {
      answer = (_response, { socket }) => socket.destroy()
      expect(await failure(get())).toMatchObject({ reason: 'unreachable', code: 'ECONNRESET' })
      expect(seen).toHaveLength(1)
    })
  })

  describe('the deadline', () => {
    const atDeadline = async (clock: TestClock, reached: Promise<unknown>) => {
      const asked = failure(ask(clock, 2))
      await reached
      clock.advance(1.9)
      expect(connections.size).toBe(1)
      clock.advance(0.1)
      return asked
    }

    it.each([
      ['before an answer', () => undefined],
      ['during an answer', (response: ServerResponse) => void response.write('{')],
    ])('is measured by the injected clock, and closes the connection %s', async (_title, given) => {
      const reached = new Promise<ServerResponse>((resolve) => {
        answer = (response) => {
          given(response)
          resolve(response)
        }
      })
      expect(await atDeadline(createTestClock(), reached)).toMatchObject({ reason: 'timeout' })
      const response = await reached
      if (!response.destroyed) await once(response, 'close')
      expect(seen).toHaveLength(1)
    })
  })

  describe('a kept connection that the server closes', () => {
    it('does not lose any of 1,500 requests when the second on each connection is not answered', async () => {
      const used = new WeakSet<Socket>()
      answer = (response, { socket }) => {
        if (used.has(socket)) return socket.destroy()
        used.add(socket)
        return response.end(REFUSAL)
      }
      const rounds = Array.from({ length: 50 }, async () => {
        for (let times = 0; times < 30; times++) expect(await ask()).toBe(false)
      })
      await Promise.all(rounds)
      expect(seen.length).toBeGreaterThan(1500)
    })

    it('does not repeat the request once a byte of the answer has arrived', async () => {
      await ask()
      answer = (response) => response.socket?.end('H')
      expect(await failure(ask())).toMatchObject({ reason: 'unreachable' })
      expect(seen).toHaveLength(2)
    })

    it('is replaced only once: closing the new connection is a failure', async () => {
      await ask()
      answer = (_response, { socket }) => socket.destroy()
      expect(await failure(ask())).toMatchObject({ reason: 'unreachable', code: 'ECONNRESET' })
      expect([seen.length, opened]).toEqual([3, 2])
    })
  })

  it('a request on a new connection that is closed without an answer is not repeated', async () => {
    let attempts = 0
    const closing = createTcpServer((socket) => {
      attempts++
      socket.on('error', () => undefined)
      socket.once('data', () => socket.destroy())
    }).listen(0, '127.0.0.1')
    await once(closing, 'listening')
    endpoint = `http://127.0.0.1:${(closing.address() as AddressInfo).port}/`
    expect(await failure(ask())).toMatchObject({ reason: 'unreachable' })
    expect(attempts).toBe(1)
    closing.close()
  })
})
