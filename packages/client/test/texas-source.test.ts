import type { RequestListener } from 'node:http'
import { createTestClock } from '@portvakt/mock'
import { afterEach, describe, expect, it, test, vi } from 'vitest'
import { deferred } from '../../core/test/deferred.js'
import type { Fetch } from '../src/exchange.js'
import { texasSource } from '../src/texas-source.js'
import { prepareTokenRequest, type TokenRequest } from '../src/token-request.js'
import { attempt, issued } from './kit.js'
import { serve } from './loopback.js'

const ENDPOINT = 'http://127.0.0.1:3000/api/v1/token'
const TOKEN = JSON.stringify({ access_token: 'x', token_type: 'Bearer', expires_in: 60 })
const ISSUED = { accessToken: 'x', expiresIn: 60, scope: undefined }
const REQUEST = prepareTokenRequest({ scope: 'nav:a' }, undefined)

const sourceWith = (fetch: Fetch | undefined, endpoint = ENDPOINT) =>
  texasSource(endpoint, { fetch, clock: createTestClock() })

describe('a token request to Texas', () => {
  const details = { authorizationDetails: [{ type: 'x' }] }
  test.each<[string, Omit<TokenRequest, 'scope'>, boolean, object]>([
    ['a resource', { resource: 'https://a.no/' }, false, { resource: 'https://a.no/' }],
    ['authorization details', details, false, { authorization_details: [{ type: 'x' }] }],
    ['a new token that bypasses the cache of Texas', {}, true, { skip_cache: true }],
  ])('a token request to Texas can request %s', async (_title, request, skipCache, members) => {
    const fetch = vi.fn<Fetch>(async () => issued())
    const checked = prepareTokenRequest({ scope: 'nav:a nav:b', ...request }, undefined)
    expect(await sourceWith(fetch).request(checked, skipCache, attempt())).toEqual(ISSUED)
    const [url, init] = fetch.mock.calls[0] ?? []
    expect(url).toBe(ENDPOINT)
    expect(init).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/json' } })
    const plain = { identity_provider: 'maskinporten', target: 'nav:a nav:b' }
    expect(JSON.parse(String(init?.body))).toStrictEqual({ ...plain, ...members })
  })

  test.each([
    ['consumerOrg', prepareTokenRequest({ scope: 'nav:a' }, '314168267')],
    ['pid', prepareTokenRequest({ scope: 'nav:a', pid: '01010199999' }, undefined)],
  ])(
    'a token request with %s is not sent to Texas, and the error names the member',
    async (member, request) => {
      const fetch = vi.fn<Fetch>(async () => issued())
      await expect(sourceWith(fetch).request(request, false, attempt())).rejects.toMatchObject({
        code: 'not_supported',
        hint: {
          cause: `Texas cannot get tokens with \`${member}\``,
          fix: "configure the client's own key instead",
        },
      })
      expect(fetch).not.toHaveBeenCalled()
    },
  )

  it('a malformed token from Texas is reported as an unexpected answer', async () => {
    const source = sourceWith(async () => issued({ access_token: 'a\r\nb' }))
    const asked = source.request(REQUEST, false, attempt())
    await expect(asked).rejects.toMatchObject({ code: 'unexpected_answer', status: 200, retryable: false })
  })

  it('on a platform without core’s `post`, the global fetch sends the token request to Texas', async () => {
    vi.doMock('@portvakt/core/internal', async (original) => ({ ...(await original()), post: undefined }))
    vi.resetModules()
    const fetch = vi.fn(async () => new Response(TOKEN))
    vi.stubGlobal('fetch', fetch)
    const { texasSource: withoutPost } = await import('../src/texas-source.js')
    const source = withoutPost(ENDPOINT, { fetch: undefined, clock: createTestClock() })
    expect(await source.request(REQUEST, false, attempt())).toEqual(ISSUED)
    expect(fetch).toHaveBeenCalledTimes(1)
  })
})

afterEach(() => {
  vi.doUnmock('@portvakt/core/internal')
  vi.resetModules()
  vi.unstubAllGlobals()
})

/** Starts a Texas on loopback. Returns a function that requests tokens from it, without any `fetch`. */
async function startTexas(listener: RequestListener) {
  vi.stubGlobal('fetch', () => expect.unreachable('the global fetch was used'))
  const { url, received } = await serve(listener)
  const source = sourceWith(undefined, `${url}/token`)
  return { received, ask: (signal?: AbortSignal) => source.request(REQUEST, false, attempt(signal)) }
}

const ask = async (listener: RequestListener, signal?: AbortSignal) =>
  (await startTexas(listener)).ask(signal)

// On Bun and Deno, the global `fetch` is used.
describe.skipIf('bun' in process.versions || 'deno' in process.versions)('Texas on Node', () => {
  it('on Node, a token request to Texas is a POST of JSON that does not use the global fetch', async () => {
    let sent: object | undefined
    const token = await ask(async (request, response) => {
      const { method, url, headers } = request
      const body = JSON.parse(Buffer.concat(await request.toArray()).toString())
      sent = { method, url, type: headers['content-type'], body }
      response.end(TOKEN)
    })
    expect(token).toEqual(ISSUED)
    const body = { identity_provider: 'maskinporten', target: 'nav:a' }
    expect(sent).toEqual({ method: 'POST', url: '/token', type: 'application/json', body })
  })

  it('on Node, the error of a Texas outage has the status, `error` and Retry-After of the answer', async () => {
    const error = 'temporarily_unavailable'
    const asked = ask((_request, response) => {
      response.writeHead(503, { 'retry-after': '7' }).end(JSON.stringify({ error }))
    })
    await expect(asked).rejects.toMatchObject({ code: 'unavailable', status: 503, retryAfter: 7, error })
  })

  it.each([
    [204, 'unexpected_answer', 204],
    [307, 'unexpected_answer', 307],
    [199, 'unavailable', undefined],
    [600, 'unavailable', 600],
  ])(
    'on Node, an answer of Texas with status %i is reported as %s with status %s',
    async (sent, code, status) => {
      const head = `HTTP/1.1 ${sent} X\r\nlocation: /b\r\ncontent-length: 0\r\n\r\n`
      const texas = await startTexas(({ socket }) => socket.end(head))
      await expect(texas.ask()).rejects.toMatchObject({ code, status, retryable: code === 'unavailable' })
      expect(texas.received.requests).toBe(1)
    },
  )

  it.each([
    ['is endless', { code: 'unexpected_answer', status: 200 }, 'x'.repeat(1_000_000)],
    ['has not ended when the attempt ends', { code: 'unavailable' }, '{'],
  ])('on Node, the connection is closed if the answer of Texas %s', async (_title, error, begin) => {
    const [controller, closed] = [new AbortController(), deferred<void>()]
    const asked = ask(({ socket }, response) => {
      socket.on('close', () => closed.resolve())
      response.write(begin, () => begin === '{' && controller.abort())
    }, controller.signal)
    await expect(asked).rejects.toMatchObject(error)
    await closed.promise
  })

  it('on Node, each token request to Texas uses a new connection', async () => {
    const texas = await startTexas((_request, response) => response.end(TOKEN))
    for (let times = 0; times < 3; times++) expect(await texas.ask()).toEqual(ISSUED)
    expect(texas.received).toEqual({ requests: 3, connections: 3 })
  })
})
