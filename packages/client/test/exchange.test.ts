import { inspect } from 'node:util'
import { createTestClock } from '@portvakt/mock'
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import { exchange, type Fetch } from '../src/exchange.js'

const ENDPOINT = 'https://x.no/token'
const MAX_BYTES = 256 * 1024

const clock = createTestClock()
let controller: AbortController
beforeEach(() => {
  controller = new AbortController()
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})

const ask = (fetch: Fetch | undefined) =>
  exchange(ENDPOINT, { method: 'POST', body: 'x' }, { fetch, clock }, controller.signal)
const answer = (body: BodyInit | null, init?: ResponseInit) => ask(async () => new Response(body, init))

describe('an answer', () => {
  it('an answer is read with its status and Retry-After', async () => {
    expect(await answer('{"a":1}', { status: 429, headers: { 'retry-after': '30' } })).toEqual({
      status: 429,
      body: { a: 1 },
      retryAfter: 30,
    })
  })

  test.each(['', 'Wed, 21 Oct 2026 07:28:00 GMT', '1.5', '-1', ' 1 2', '1234567', '5s', 's5'])(
    'the Retry-After %j is ignored',
    async (value) => {
      expect((await answer('{}', { headers: { 'retry-after': value } })).retryAfter).toBeUndefined()
    },
  )

  it('retryAfter is undefined without the header', async () => {
    expect((await answer('{}')).retryAfter).toBeUndefined()
  })

  test.each([null, '', '<html>', '{'])('the body %j is unreadable', async (body) => {
    expect((await answer(body)).body).toBeUndefined()
  })

  it('a body of 256 KiB is read, and a longer one is not', async () => {
    const text = (length: number) => JSON.stringify('x'.repeat(length - 2))
    expect((await answer(text(MAX_BYTES))).body).toHaveLength(MAX_BYTES - 2)
    expect((await answer(text(MAX_BYTES + 1))).body).toBeUndefined()
  })

  it('a character can be split between two chunks', async () => {
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
  it('the request is sent unchanged, without redirects, with the signal of its attempt', async () => {
    const fetch = vi.fn<Fetch>(async () => Response.json({}))
    await ask(fetch)
    const [url, init] = fetch.mock.calls[0] ?? []
    expect(url).toBe(ENDPOINT)
    const { signal } = controller
    expect(init).toEqual({ method: 'POST', body: 'x', redirect: 'manual', signal })
  })

  it('is not sent once its attempt has ended', async () => {
    const fetch = vi.fn<Fetch>(async () => Response.json({}))
    controller.abort()
    await expect(ask(fetch)).rejects.toThrow(/aborted/)
    expect(fetch).not.toHaveBeenCalled()
  })
})

describe('what cannot be reached', () => {
  const down = () => Promise.reject(new TypeError('fetch failed'))
  const DIRECT = {
    cause: 'it cannot be reached',
    fix: 'check outbound access, DNS and whether a proxy is needed',
  }

  it('a failing fetch is an outage with the name of the error', async () => {
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

  it('hint and cause of an outage name the system’s code', async () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), { code: 'ECONNREFUSED' })
    const error = await ask(() => Promise.reject(new TypeError('x', { cause: refused }))).catch(
      (failure: unknown) => failure,
    )
    expect(error).toMatchObject({
      hint: {
        cause: 'it cannot be reached (ECONNREFUSED)',
        fix: 'nothing listens at the address: check host and port, and that the server has started',
      },
      cause: { name: 'TypeError', code: 'ECONNREFUSED', message: 'ECONNREFUSED' },
    })
    expect(inspect(error)).not.toContain('10.0.0.1')
  })

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', 'ok'],
    ['no response', {}],
    ['a status that is not a number', { status: '200', headers: new Headers(), body: null }],
  ])('a `fetch` that resolves with %s is an outage', async (_title, response) => {
    await expect(ask(async () => response as Response)).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('the hint names a proxy that the platform’s fetch does not use', async () => {
    vi.stubEnv('NODE_USE_ENV_PROXY', undefined)
    vi.stubEnv('HTTPS_PROXY', 'http://webproxy.example:8088')
    vi.stubGlobal('fetch', down)
    await expect(ask(undefined)).rejects.toMatchObject({
      hint: { fix: expect.stringContaining('HTTPS_PROXY is set') },
    })
    await expect(ask(down)).rejects.toMatchObject({ hint: DIRECT })
    const untrusted = Object.assign(new Error('x'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    const reached = () => Promise.reject(new TypeError('fetch failed', { cause: untrusted }))
    vi.stubGlobal('fetch', reached)
    await expect(ask(undefined)).rejects.toMatchObject({
      hint: { fix: expect.stringContaining('NODE_EXTRA_CA_CERTS') },
    })
  })
})
