import { inspect } from 'node:util'
import { createTestClock } from '@portvakt/mock'
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import { exchange, type Fetch } from '../src/exchange.js'
import { errorOf } from './kit.js'

const ENDPOINT = 'https://x.no/token'
const MAX_BYTES = 256 * 1024

const clock = createTestClock()
let signal: AbortSignal
beforeEach(() => {
  signal = new AbortController().signal
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})

const ask = (fetch: Fetch | undefined, server?: 'altinn') =>
  exchange(ENDPOINT, { method: 'POST', body: 'x' }, { fetch, clock }, signal, server)
const answer = (body: BodyInit | null, init?: ResponseInit) => ask(async () => new Response(body, init))

it('the client reads the status, the body and the Retry-After of an answer', async () => {
  const expected = { status: 429, body: { a: 1 }, retryAfter: 30 }
  expect(await answer('{"a":1}', { status: 429, headers: { 'retry-after': '30' } })).toEqual(expected)
  expect((await answer('{}')).retryAfter).toBeUndefined()
})

test.each(['', '-1', '1.5', '1234567'])('the client ignores the Retry-After %j', async (value) => {
  expect((await answer('{}', { headers: { 'retry-after': value } })).retryAfter).toBeUndefined()
})

test.each([null, '<html>'])('the client reads the body %j as undefined', async (body) => {
  expect((await answer(body)).body).toBeUndefined()
})

it('the client reads a body of Altinn as text, even if the body is JSON', async () => {
  expect((await ask(async () => new Response(' "a"\n'), 'altinn')).body).toBe(' "a"\n')
})

it('the client replaces a byte that is not UTF-8, and reads the rest of the body', async () => {
  expect((await answer(Buffer.from('{"a":"p\u00e5"}', 'latin1'))).body).toEqual({ a: 'p\ufffd' })
})

it('the client reads a body of 256 KiB, and not a larger body', async () => {
  const text = (length: number) => JSON.stringify('x'.repeat(length - 2))
  expect((await answer(text(MAX_BYTES))).body).toHaveLength(MAX_BYTES - 2)
  expect((await answer(text(MAX_BYTES + 1))).body).toBeUndefined()
})

it('a connection that fails during the body is reported as an outage, whatever the status', async () => {
  const body = () =>
    new ReadableStream({
      pull: (stream) => stream.error(Object.assign(new Error('x'), { code: 'ECONNRESET' })),
    })
  const hint = { cause: 'it cannot be reached (ECONNRESET)' }
  const failure = { code: 'unavailable', server: 'maskinporten', retryable: true, hint }
  for (const status of [200, 400]) expect(await errorOf(answer(body(), { status }))).toMatchObject(failure)
})

it('the client adds only `redirect: manual` and the attempt’s signal to a request', async () => {
  const fetch = vi.fn<Fetch>(async () => Response.json({}))
  await ask(fetch)
  const init = { method: 'POST', body: 'x', redirect: 'manual', signal }
  expect(fetch.mock.calls).toEqual([[ENDPOINT, init]])
})

it('the client sends no request after the end of the attempt', async () => {
  signal = AbortSignal.abort()
  const fetch = vi.fn<Fetch>()
  await expect(ask(fetch)).rejects.toMatchObject({ name: 'AbortError' })
  expect(fetch).not.toHaveBeenCalled()
})

it('the client cancels an unfinished body at the end of the attempt', async () => {
  const controller = new AbortController()
  signal = controller.signal
  const cancel = vi.fn()
  const asked = errorOf(answer(new ReadableStream({ cancel })))
  setImmediate(() => controller.abort())
  expect(await asked).toMatchObject({ code: 'unavailable' })
  expect(cancel).toHaveBeenCalledTimes(1)
})

describe('a network failure', () => {
  const down = () => Promise.reject(new TypeError('fetch failed'))
  const DIRECT = {
    cause: 'it cannot be reached',
    fix: 'check outbound access, DNS and whether a proxy is needed',
  }

  it('a `fetch` that rejects is reported as an outage, whose cause has only the name of the error', async () => {
    vi.stubGlobal('fetch', down)
    for (const fetch of [down, undefined]) {
      await expect(ask(fetch)).rejects.toMatchObject({
        code: 'unavailable',
        retryable: true,
        hint: DIRECT,
        cause: { name: 'TypeError', message: 'An error without a system code' },
      })
    }
  })

  it('the error of an outage names the failed server and the system code of its cause, but not the cause’s message', async () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), { code: 'ECONNREFUSED' })
    const error = await errorOf(ask(() => Promise.reject(new TypeError('x', { cause: refused })), 'altinn'))
    expect(error).toMatchObject({
      server: 'altinn',
      hint: {
        cause: 'it cannot be reached (ECONNREFUSED)',
        fix: 'nothing listens at the address: check host and port, and that the server has started',
      },
      cause: { name: 'TypeError', code: 'ECONNREFUSED', message: 'ECONNREFUSED' },
    })
    expect(inspect(error)).not.toContain('10.0.0.1')
  })

  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['a response whose status is a string', { status: '200', headers: new Headers(), body: null }],
  ])('a `fetch` that resolves with %s is reported as an outage', async (_title, response) => {
    await expect(ask(async () => response as Response)).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('the hint of an outage names HTTPS_PROXY only if the global fetch, which ignores that variable, cannot connect', async () => {
    vi.stubEnv('NODE_USE_ENV_PROXY', undefined)
    vi.stubEnv('HTTPS_PROXY', 'http://webproxy.example:8088')
    vi.stubGlobal('fetch', down)
    const hint = { fix: expect.stringContaining('HTTPS_PROXY is set') }
    await expect(ask(undefined)).rejects.toMatchObject({ hint })
    await expect(ask(down)).rejects.toMatchObject({ hint: DIRECT })
  })
})
