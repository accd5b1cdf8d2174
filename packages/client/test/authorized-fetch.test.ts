import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'
import { createMaskinportenValidator } from '@portvakt/core'
import { describe, expect, it, vi } from 'vitest'
import { deferred } from '../../core/test/deferred.js'
import type { Fetch } from '../src/index.js'
import { errorOf, kit, pass, SCOPE, useKit } from './kit.js'
import { serve } from './loopback.js'

useKit()

/** Returns a `fetch` that sends tokens of the mock to servers on loopback. */
const call = (): Fetch => kit.callTo(fetch)

const rejecting: RequestListener = async (request, response) => {
  await once(request.resume(), 'end')
  response.writeHead(401).end('rejected')
}
const streamed = (): RequestInit =>
  ({ method: 'POST', body: new Blob(['hei']).stream(), duplex: 'half' }) as RequestInit

describe('a call', () => {
  it('`fetch` of a client sends a token that a guarded API accepts', async () => {
    const { clock } = kit
    const validator = createMaskinportenValidator({ issuer: kit.mock.issuer, fetch: kit.mock.fetch, clock })
    const { url } = await serve(async (request, response) => {
      const decision = await validator.decide(request.headers.authorization, SCOPE)
      response.writeHead(decision.allowed ? 200 : decision.denial.status).end(request.headers['x-own'])
    })
    const answer = await call()(url, { headers: { 'x-own': 'hei' } })
    expect([answer.status, await answer.text()]).toEqual([200, 'hei'])
  })

  it('`fetch` of a client sends method, body and type, and the length of a body that can be sent again', async () => {
    const { url } = await serve(async (request, response) => {
      const { 'content-length': length, 'content-type': type, 'transfer-encoding': coding } = request.headers
      response.end(JSON.stringify([request.method, length, type, coding, await text(request)]))
    })
    const form = await call()(url, { method: 'POST', body: new URLSearchParams({ a: 'æ' }) })
    const type = 'application/x-www-form-urlencoded;charset=UTF-8'
    expect(await form.json()).toEqual(['POST', '8', type, null, 'a=%C3%A6'])
    const plain = await call()(new Request(url, { method: 'PATCH', body: 'hei' }))
    expect(await plain.json()).toEqual(['PATCH', null, 'text/plain;charset=UTF-8', 'chunked', 'hei'])
  })
})

describe('a call after a 401', () => {
  it('`fetch` of a client repeats a call once after a 401, with a new token and the same body', async () => {
    const seen: string[] = []
    const { url } = await serve(async (request, response) => {
      seen.push(`${request.headers.authorization} ${await text(request)}`)
      response.writeHead(seen.length === 1 ? 401 : 200).end()
    })
    expect((await call()(url, { method: 'PUT', body: 'hei' })).status).toBe(200)
    expect(seen).toHaveLength(2)
    expect(seen[0]).not.toBe(seen[1])
    for (const line of seen) expect(line).toMatch(/^Bearer \S+ hei$/)
  })

  it('if an API rejects every token, `fetch` replaces the token and repeats a call only once in 30 seconds', async () => {
    const { url, received } = await serve(rejecting)
    const skatt = call()
    for (const [seconds, tokenRequests, calls] of [
      [0, 2, 2],
      [0, 2, 3],
      [29.999, 2, 4],
      [0.001, 3, 6],
    ] as const) {
      kit.clock.advance(seconds)
      expect(await (await skatt(url)).text()).toBe('rejected')
      expect([kit.tokenRequests.length, received.requests]).toEqual([tokenRequests, calls])
    }
  })

  it('after a 401, a call is repeated with a token that another call fetched in the meantime', async () => {
    let first: string | undefined
    const arrival = deferred<void>()
    const rejection = deferred<void>()
    const { url } = await serve(async (request, response) => {
      const { authorization } = request.headers
      first ??= authorization
      const isLate = request.url === '/late' && authorization === first
      if (isLate) arrival.resolve()
      if (isLate) await rejection.promise
      response.writeHead(authorization === first ? 401 : 200).end()
    })
    const skatt = call()
    const late = skatt(`${url}/late`)
    await arrival.promise
    expect((await skatt(url)).status).toBe(200)
    rejection.resolve()
    expect((await late).status).toBe(200)
    expect(kit.tokenRequests).toHaveLength(2)
  })

  it('a call rejects with the client’s error when no new token is available after a 401', async () => {
    const { url } = await serve(async (...given) => {
      kit.answer = () => Promise.reject(new TypeError('fetch failed'))
      await rejecting(...given)
    })
    const error = errorOf(call()(url))
    await vi.waitUntil(() => kit.tokenRequests.length === 2, 60_000)
    await pass(kit.clock, 2)
    expect(await error).toMatchObject({ code: 'unavailable' })
  })

  it('a call whose body is a stream is not repeated after a 401', async () => {
    const { url, received } = await serve(rejecting)
    expect((await call()(url, streamed())).status).toBe(401)
    // The body of a Request is a stream. With `body: null`, the Request keeps its own body.
    const request = () => new Request(url, { method: 'POST', body: 'hei' })
    expect((await call()(request())).status).toBe(401)
    expect((await call()(request(), { body: null })).status).toBe(401)
    expect(received.requests).toBe(3)
  })
})

describe('a redirect', () => {
  const redirecting =
    (status: number, location: string): RequestListener =>
    async (request, response) => {
      await once(request.resume(), 'end')
      if (request.url === '/') response.writeHead(status, { location }).end()
      else response.end(`${request.method} ${request.url} ${request.headers.authorization?.slice(0, 7)}`)
    }

  it('`fetch` of a client does not follow a redirect to another origin', async () => {
    const other = await serve((_request, response) => response.end())
    const { url } = await serve(redirecting(307, `${other.url}/`))
    const answer = await call()(url)
    expect([answer.status, answer.headers.get('location')]).toEqual([307, `${other.url}/`])
    expect(other.received.requests).toBe(0)
  })

  it('`fetch` of a client follows a redirect within the API, with the token', async () => {
    const { url } = await serve(redirecting(302, '/new'))
    expect(await (await call()(url, { method: 'POST', body: 'x' })).text()).toBe('GET /new Bearer ')
  })

  it('a redirect is not followed when the body is a stream, which cannot be sent again', async () => {
    const { url } = await serve(redirecting(307, '/new'))
    expect((await call()(url, streamed())).status).toBe(307)
  })

  it('a redirect is not followed with `redirect: manual` or `redirect: error`', async () => {
    const { url } = await serve(redirecting(302, '/new'))
    expect((await call()(url, { redirect: 'manual' })).status).toBe(302)
    await expect(call()(url, { redirect: 'error' })).rejects.toThrow(TypeError)
  })
})
