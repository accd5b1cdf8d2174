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
  it('is sent as it is, follows no redirect, and has the signal of its attempt', async () => {
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

  it('is an outage, with the name of the error', async () => {
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

  it('is named by the system’s code, in the hint and in the cause', async () => {
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
  ])('is what a `fetch` stands for that resolves with %s', async (_title, response) => {
    await expect(ask(async () => response as Response)).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('is perhaps behind a proxy that the platform’s fetch does not use', async () => {
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
