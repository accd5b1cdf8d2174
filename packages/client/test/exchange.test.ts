import { createTestClock, type TestClock } from '@portvakt/mock'
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import { exchange, type Fetch } from '../src/exchange.js'

const ENDPOINT = 'https://x.no/token'
const MAX_BYTES = 256 * 1024

let clock: TestClock
beforeEach(() => {
  clock = createTestClock()
})
afterEach(() => {
  vi.unstubAllEnvs()
})

const ask = (fetch: Fetch, isOwnFetch = true) =>
  exchange(ENDPOINT, { method: 'POST', body: 'x' }, { fetch, isOwnFetch, clock, attemptTimeout: 5000 })
const answer = (body: BodyInit | null, init?: ResponseInit) => ask(async () => new Response(body, init))

describe('an answer', () => {
  it('is read whole, with its status and the time that it asks for', async () => {
    expect(await answer('{"a":1}', { status: 429, headers: { 'retry-after': '30' } })).toEqual({
      status: 429,
      body: { a: 1 },
      retryAfter: 30,
    })
  })

  test.each(['', 'Wed, 21 Oct 2026 07:28:00 GMT', '1.5', '-1', ' 1 2', '1234567', '5s', 's5'])(
    'asks for no time by %j',
    async (value) => {
      expect((await answer('{}', { headers: { 'retry-after': value } })).retryAfter).toBeUndefined()
    },
  )

  it('asks for no time when it does not say', async () => {
    expect((await answer('{}')).retryAfter).toBeUndefined()
  })

  test.each([null, '', '<html>', '{'])('of %j has no body to read', async (body) => {
    expect((await answer(body)).body).toBeUndefined()
  })

  it('may be 256 KiB, and is nothing when it is longer', async () => {
    const text = (length: number) => JSON.stringify('x'.repeat(length - 2))
    expect((await answer(text(MAX_BYTES))).body).toHaveLength(MAX_BYTES - 2)
    expect((await answer(text(MAX_BYTES + 1))).body).toBeUndefined()
  })

  it('may share a letter between two pieces', async () => {
    const bytes = new TextEncoder().encode('"å"')
    const pieces = [bytes.subarray(0, 2), bytes.subarray(2)]
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        const piece = pieces.shift()
        if (piece) controller.enqueue(piece)
        else controller.close()
      },
    })
    expect((await answer(body)).body).toBe('å')
  })
})

describe('a request', () => {
  it('is sent as it is, follows no redirect, and ends with its deadline', async () => {
    const fetch = vi.fn<Fetch>(() => new Promise(() => undefined))
    const outcome = ask(fetch).catch((error: unknown) => error)
    const [url, init] = fetch.mock.calls[0] ?? []
    expect(url).toBe(ENDPOINT)
    expect(init).toMatchObject({ method: 'POST', body: 'x', redirect: 'manual' })
    expect(init?.signal?.aborted).toBe(false)
    clock.advance(5)
    const error = await outcome
    expect(error).toMatchObject({ code: 'unavailable', retryable: true, hint: 'it did not answer in time' })
    expect(Object.hasOwn(error as object, 'cause')).toBe(false)
    expect(init?.signal?.aborted).toBe(true)
  })

  it('leaves no timer behind when it is answered', async () => {
    let signal: AbortSignal | null | undefined
    await ask(async (_url, init) => {
      signal = init?.signal
      return Response.json({})
    })
    clock.advance(60)
    expect(signal?.aborted).toBe(false)
  })
})

describe('what cannot be reached', () => {
  const cause = new TypeError('fetch failed')
  const down = () => Promise.reject(cause)
  const DIRECT = 'it cannot be reached: check outbound access and DNS'

  it('is an outage, with its cause', async () => {
    await expect(ask(down)).rejects.toMatchObject({
      code: 'unavailable',
      retryable: true,
      cause,
      hint: DIRECT,
    })
    await expect(ask(down, false)).rejects.toMatchObject({ hint: DIRECT })
  })

  it('is perhaps behind a proxy that the platform’s fetch does not use', async () => {
    vi.stubEnv('NODE_USE_ENV_PROXY', undefined)
    vi.stubEnv('HTTPS_PROXY', 'http://webproxy.example:8088')
    await expect(ask(down, false)).rejects.toMatchObject({
      hint: expect.stringContaining('HTTPS_PROXY is set'),
    })
    await expect(ask(down, true)).rejects.toMatchObject({ hint: DIRECT })
  })
})
