import type { RequestListener } from 'node:http'
import { gzipSync } from 'node:zlib'
import { createTestClock } from '@portvakt/mock'
import { afterEach, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/platform/clock.js'
import { withDeadline } from '../../src/platform/deadline.js'
import {
  type Fetch,
  fetchJson,
  fetchText,
  UpstreamError,
  type UpstreamFailure,
} from '../../src/platform/fetch-json.js'
import { deferred } from '../deferred.js'
import { isNode } from '../is-node.js'
import { closeServer, startServer } from './local-server.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

const serve = async (listener: RequestListener) => `${(await startServer(listener)).origin}/jwk`
const get = (url: string) => withDeadline(systemClock, 5000, (signal) => fetchJson(url, undefined, signal))
const upstreamError = (reason: UpstreamFailure) => ({ name: 'UpstreamError', reason })

const largest = 'x'.repeat(64 * 1024 - 2)
it.each<[string, string, unknown]>([
  ['of any content type', '{"keys":[]}', { keys: [] }],
  ['after a byte order mark (RFC 8259 §8.1)', '\ufeff{"keys":[]}', { keys: [] }],
  ['of exactly 64 KiB', JSON.stringify(largest), largest],
])('fetchJson returns a document %s', async (_title, text, expected) => {
  expect(await get(await serve((_request, response) => response.end(text)))).toEqual(expected)
})

const bomb = gzipSync(Buffer.alloc(1_000_000, 32))
it.each<[string, UpstreamFailure, RequestListener]>([
  ['a redirect', 'redirected', (_q, s) => s.writeHead(302, { location: '/elsewhere' }).end()],
  ['status 304', 'redirected', (_q, s) => s.writeHead(304).end()],
  ['status 204', 'bad_status', (_q, s) => s.writeHead(204).end()],
  ['status 404', 'bad_status', (_q, s) => s.writeHead(404).end('{"keys":[]}')],
  ['HTML', 'not_json', (_q, s) => s.end('<html>Log in</html>')],
  ['two byte order marks', 'not_json', (_q, s) => s.end('\ufeff\ufeff{}')],
  ['a byte order mark alone', 'not_json', (_q, s) => s.end('\ufeff')],
  ['bytes that are not UTF-8', 'not_json', (_q, s) => s.end(Buffer.of(0x22, 0xff, 0x22))],
  ['one byte too many', 'too_large', (_q, s) => s.end(JSON.stringify(`${largest}x`))],
  ['much packed text', 'too_large', (_q, s) => s.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)],
  ['a connection that breaks', 'unreachable', (q) => q.socket.destroy()],
])('on %s, fetchJson fails with `%s`, and the error omits the address', async (_title, reason, listener) => {
  const error: unknown = await get(await serve(listener)).catch((failure: unknown) => failure)
  expect(error).toMatchObject(upstreamError(reason))
  expect(String(error)).not.toContain('127.0.0.1')
})

it('the message of a failure by its status has the status, but no other value that a custom fetch gives', async () => {
  const failureOf = (value: unknown) =>
    fetchWith(async () => Object.defineProperty(Response.json({}), 'status', { value }))
  await expect(failureOf(404)).rejects.toThrow(/answered with an error status \(404\)$/)
  for (const value of ['secret', { toString: () => 'secret' }, 404.5])
    await expect(failureOf(value)).rejects.toThrow(/answered with an error status$/)
})

it.runIf(isNode)('the failure of a refused connection has its code and no address', async () => {
  const { server, origin } = await startServer(() => undefined)
  await closeServer(server)
  const error: unknown = await get(origin).catch((failure: unknown) => failure)
  expect(error).toMatchObject({
    reason: 'unreachable',
    code: 'ECONNREFUSED',
    message: expect.stringContaining('could not be reached (ECONNREFUSED): '),
    cause: { name: 'TypeError', code: 'ECONNREFUSED' },
  })
  expect(String(error)).not.toContain('127.0.0.1')
})

it('withDeadline aborts the signal at the deadline, and rejects even if the work ignores the signal', async () => {
  const clock = createTestClock()
  let signal: AbortSignal | undefined
  const outcome = withDeadline(clock, 5000, (given) => {
    signal = given
    return new Promise(() => undefined)
  }).catch((error: unknown) => error)
  clock.advance(4.999)
  expect(signal?.aborted).toBe(false)
  clock.advance(0.001)
  expect(await outcome).toMatchObject({ reason: 'timeout' })
  expect(signal?.aborted).toBe(true)
})

it('fetchJson frees the connection of a late or endless body, even if `fetch` ignores the signal', async () => {
  const clock = createTestClock()
  const cancelled: string[] = []
  const body = (name: string) =>
    new ReadableStream<Uint8Array>({ cancel: () => void cancelled.push(name) }, { highWaterMark: 0 })
  const timedOut = async (fetch: Fetch) => {
    const outcome = withDeadline(clock, 5000, (signal) => fetchJson('https://x.no/jwk', fetch, signal))
    const failed = expect(outcome).rejects.toMatchObject({ reason: 'timeout' })
    await new Promise(setImmediate)
    clock.advance(5)
    await failed
  }
  const late = deferred()
  await timedOut(() => late.promise.then(() => new Response(body('late'))))
  late.resolve(undefined)
  await timedOut(async () => new Response(body('endless')))
  await new Promise(setImmediate)
  expect(cancelled.sort()).toEqual(['endless', 'late'])
})

it('fetchJson does not return a partial body that arrived before the deadline', async () => {
  const deadline = new AbortController()
  const body = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('{}')) })
  const outcome = fetchJson('https://x.no/jwk', async () => new Response(body), deadline.signal)
  const failed = expect(outcome).rejects.toMatchObject({ reason: 'timeout' })
  await new Promise(setImmediate)
  deadline.abort()
  await failed
})

it('the timer of withDeadline keeps the process running, except for work in the background', async () => {
  const clock = createTestClock()
  const after = vi.spyOn(clock, 'after')
  await withDeadline(clock, 5000, async () => undefined)
  expect(after).toHaveBeenLastCalledWith(5000, expect.any(Function), false)
  await withDeadline(clock, 5000, async () => undefined, true)
  expect(after).toHaveBeenLastCalledWith(5000, expect.any(Function), true)
})

it('fetchText fails with `not_json` on bytes that are not UTF-8', async () => {
  const text = fetchText(
    'https://x.no/',
    async () => new Response(Buffer.of(0xff)),
    new AbortController().signal,
    {},
  )
  await expect(text).rejects.toMatchObject(upstreamError('not_json'))
})

it('withDeadline rejects with an UpstreamError when the work rejects with any other error', async () => {
  const foreign = Object.assign(new Error('quotes a token'), { code: 'EPIPE' })
  await expect(withDeadline(createTestClock(), 5000, () => Promise.reject(foreign))).rejects.toMatchObject({
    ...upstreamError('unreachable'),
    cause: { code: 'EPIPE', message: 'EPIPE' },
  })
})

const { signal } = new AbortController()
const fetchWith = (fetch: Fetch) => fetchJson('https://x.no/jwk', fetch, signal)
const fetchBody = (body: BodyInit | null) => fetchWith(async () => new Response(body))

it('fetchText adds `accept: application/json` and `redirect: manual` to a request', async () => {
  const fetch = vi.fn(async () => Response.json({}))
  const init = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }
  await fetchText('https://x.no/introspect', fetch, signal, init)
  expect(fetch).toHaveBeenCalledWith('https://x.no/introspect', {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    redirect: 'manual',
    signal,
  })
})

it('fetchJson fails with `redirected` on an opaque redirect', async () => {
  const hidden = Object.defineProperties(Response.error(), { type: { value: 'opaqueredirect' } })
  await expect(fetchWith(async () => hidden)).rejects.toMatchObject(upstreamError('redirected'))
  await expect(fetchWith(async () => Response.error())).rejects.toMatchObject(upstreamError('bad_status'))
})

it('when a body breaks off, the cause of the failure has only the name and the code of the original error', async () => {
  const socket = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' })
  const broken = new TypeError('terminated', { cause: socket })
  const body = new ReadableStream({ pull: (controller) => controller.error(broken) })
  await expect(fetchBody(body)).rejects.toMatchObject({
    ...upstreamError('unreachable'),
    cause: { name: 'TypeError', code: 'UND_ERR_SOCKET', message: 'UND_ERR_SOCKET' },
  })
})

it('fetchJson stops reading an endless document', async () => {
  const cancel = vi.fn()
  const pull = vi.fn((controller) => controller.enqueue(new Uint8Array(64 * 1024)))
  const endless = new ReadableStream({ pull, cancel }, { highWaterMark: 0 })
  await expect(fetchBody(endless)).rejects.toMatchObject(upstreamError('too_large'))
  expect(cancel).toHaveBeenCalledTimes(1)
  expect(pull.mock.calls.length).toBeLessThan(10)
})

/** Returns a body that arrives in these chunks. */
const inChunks = (...chunks: Uint8Array[]) =>
  new ReadableStream({
    pull: (controller) => {
      const chunk = chunks.shift()
      if (chunk) controller.enqueue(chunk)
      else controller.close()
    },
  })

it.each([
  ['an answer without a body', () => null],
  ['a chunk that is not UTF-8', () => inChunks(Buffer.from('{"a":"'), Buffer.of(0xff), Buffer.from('"}'))],
  ['a body that ends in the middle of a character', () => Buffer.of(0x22, 0x22, 0xc3)],
])('fetchJson fails with `not_json` on %s', async (_title, body) => {
  await expect(fetchBody(body())).rejects.toMatchObject(upstreamError('not_json'))
})

it('fetchJson decodes a character that is split between two chunks', async () => {
  const bytes = new TextEncoder().encode('"å"')
  expect(await fetchBody(inChunks(bytes.subarray(0, 2), bytes.subarray(2)))).toBe('å')
})

it('a failure of the application’s own fetch is never reported as an unused proxy', async () => {
  vi.stubEnv('HTTPS_PROXY', 'http://webproxy.example:8088')
  const down = () => Promise.reject(new TypeError('fetch failed'))
  await expect(fetchWith(down)).rejects.toMatchObject(upstreamError('unreachable'))
})

const MESSAGES: Readonly<Record<UpstreamFailure, RegExp>> = {
  unreachable: /could not be reached: check outbound access, DNS/,
  proxy_not_used: /could not be reached directly, and HTTPS_PROXY is set but not used: .*EnvHttpProxyAgent$/,
  timeout: /did not answer in time/,
  redirected: /redirected; redirects are not followed/,
  bad_status: /error status/,
  too_large: /larger than the limit$/,
  not_json: /did not answer with JSON/,
  wrong_metadata: /does not name the configured issuer/,
  no_usable_key: /without a usable key/,
  not_introspection: /not an introspection response/,
  no_upstream: /Texas could not get Maskinporten’s keys/,
  not_enabled: /`spec\.maskinporten\.enabled: true` in nais\.yaml/,
}

it.each(Object.entries(MESSAGES))('the message of an UpstreamError says what failed: %s', (reason, text) => {
  const error = new UpstreamError(reason as UpstreamFailure)
  expect(error.message).toMatch(text)
  expect(error.name).toBe('UpstreamError')
})

it.runIf(isNode)('fetchJson reports a proxy that is set but not used', async () => {
  vi.stubEnv('HTTPS_PROXY', 'http://webproxy.example:8088')
  const refused = () => get('https://127.0.0.1:1/jwk')
  await expect(refused()).rejects.toMatchObject(upstreamError('proxy_not_used'))
  vi.stubEnv('NODE_USE_ENV_PROXY', '1')
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isHeeded = major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21)
  await expect(refused()).rejects.toMatchObject(upstreamError(isHeeded ? 'unreachable' : 'proxy_not_used'))
})
