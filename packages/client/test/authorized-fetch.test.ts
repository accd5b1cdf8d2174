import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'
import { createMaskinportenValidator } from '@portvakt/core'
import { describe, expect, it } from 'vitest'
import type { Fetch } from '../src/index.js'
import { kit, SCOPE, useKit } from './kit.js'
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
  const redirecting: RequestListener = async (request, response) => {
    await once(request.resume(), 'end')
    response.writeHead(307, { location: '/new' }).end()
  }

  it('a redirect is not followed when the body is a stream, which cannot be sent again', async () => {
    const { url } = await serve(redirecting)
    expect((await call()(url, streamed())).status).toBe(307)
  })

  it('a redirect is not followed with `redirect: manual` or `redirect: error`', async () => {
    const { url } = await serve(redirecting)
    expect((await call()(url, { redirect: 'manual' })).status).toBe(307)
    await expect(call()(url, { redirect: 'error' })).rejects.toThrow(TypeError)
  })
})
