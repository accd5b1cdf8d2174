import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'
import { beforeEach, describe, expect, it, test, vi } from 'vitest'
import { authorizedFetch } from '../src/authorized-fetch.js'
import { serve } from './loopback.js'

const API = 'https://api.example.no/a'

let sent: { url: string; method: string | undefined; headers: Headers; body: string | undefined }[]
let fetchedTokens: number
/** The next answers of the API, in order; after them, every answer is 200. */
let answers: Response[]
beforeEach(() => {
  sent = []
  fetchedTokens = 0
  answers = []
})

const tokens = {
  async get() {
    fetchedTokens++
    return { accessToken: 'opaque' }
  },
  replace: async () => ({ accessToken: 'another' }),
}
const call = authorizedFetch(tokens, async (input, init) => {
  const body = init?.body ? await new Response(init.body).text() : undefined
  sent.push({ url: String(input), method: init?.method, headers: new Headers(init?.headers), body })
  return answers.shift() ?? new Response('done')
})
const redirect = (status: number, location = '/b') => new Response('moved', { status, headers: { location } })

describe('a redirect within the API', () => {
  test.each<[number, string, string]>([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [302, 'PUT', 'PUT'],
    [307, 'POST', 'POST'],
    [308, 'POST', 'POST'],
  ])(
    'on a redirect with status %i, a %s request is repeated as a %s request',
    async (status, method, then) => {
      answers = [redirect(status)]
      expect(await (await call(API, { method })).text()).toBe('done')
      expect(sent.map(({ url }) => url)).toEqual([API, 'https://api.example.no/b'])
      expect(sent[1]?.method).toBe(then)
      expect(sent[1]?.headers.get('authorization')).toBe('Bearer opaque')
    },
  )

  const CONTENT = ['encoding', 'language', 'location', 'type', 'length'].map((name) => `content-${name}`)
  test.each([
    ['drops the body and the headers that describe it, if it becomes a GET', 302, undefined, []],
    ['keeps the body and the headers that describe it, if it keeps the method', 307, 'hei', CONTENT],
  ])('a redirect %s', async (_title, status, body, kept) => {
    answers = [redirect(status)]
    const headers = Object.fromEntries([...CONTENT, 'x-own'].map((name) => [name, '3']))
    await call(API, { method: 'POST', body: 'hei', headers })
    expect(sent.map((request) => request.body)).toEqual(['hei', body])
    expect(CONTENT.filter((name) => sent[1]?.headers.has(name))).toEqual(kept)
    expect(sent[1]?.headers.get('x-own')).toBe('3')
  })

  it.each([
    ['to an address of 8000 characters', `/${'b'.repeat(7999)}`, 'moved'],
    ['without a body', '/b', null],
  ])('a redirect %s is followed', async (_title, location, body) => {
    answers = [new Response(body, { status: 302, headers: { location } })]
    expect((await call(API)).status).toBe(200)
  })

  const twentyRedirects = () => Array.from({ length: 20 }, () => redirect(302))

  it('20 redirects are followed, and the 21st rejects the call, as with the standard fetch', async () => {
    answers = twentyRedirects()
    expect((await call(API)).status).toBe(200)
    const cancel = vi.fn()
    const last = new Response(new ReadableStream({ cancel }), redirect(302))
    answers = [...twentyRedirects(), last]
    const mistake = 'fetch failed: the API redirected the request more than 20 times'
    await expect(call(API)).rejects.toThrow(new TypeError(mistake))
    expect(sent).toHaveLength(21 + 21)
    expect(cancel).toHaveBeenCalledTimes(1)
  })

  it('after 20 redirects, a redirect to another origin is returned to the caller', async () => {
    answers = [...twentyRedirects(), redirect(302, 'https://evil.example/')]
    expect((await call(API)).status).toBe(302)
  })
})

test.each<[string, () => Response]>([
  ['to another host', () => redirect(302, 'https://evil.example/')],
  ['to another port', () => redirect(302, 'https://api.example.no:8443/')],
  ['to another scheme', () => redirect(302, 'http://api.example.no/')],
  ['without an address', () => new Response('moved', { status: 302 })],
  ['to an invalid address', () => redirect(302, 'https://')],
  ['to an address of more than 8000 characters', () => redirect(302, `/${'b'.repeat(8000)}`)],
  ['with status 300', () => redirect(300)],
])('a redirect %s is returned to the caller', async (_title, answer) => {
  answers = [answer()]
  expect((await call(API)).status).toBe(answer().status)
  expect(sent).toHaveLength(1)
})

it.each([
  ['a followed redirect', 302],
  ['a 401 after which the call is repeated', 401],
])('the client cancels the unread body of %s', async (_title, status) => {
  const cancel = vi.fn()
  answers = [new Response(new ReadableStream({ cancel }), { status, headers: { location: '/b' } })]
  await call(API)
  expect(cancel).toHaveBeenCalledTimes(1)
})

it('the caller gets the 401 of the API, with its body, if no token replaces the rejected one', async () => {
  const api = vi.fn(async () => new Response('rejected', { status: 401 }))
  const response = await authorizedFetch({ ...tokens, replace: async () => undefined }, api)(API)
  expect([response.status, await response.text()]).toEqual([401, 'rejected'])
  expect(api).toHaveBeenCalledTimes(1)
})

it('the client cancels the unread body of a 401 when the replacement of the rejected token fails', async () => {
  const replace = vi.fn(() => Promise.reject(new Error('down')))
  const cancel = vi.fn()
  const api = async () => new Response(new ReadableStream({ cancel }), { status: 401 })
  await expect(authorizedFetch({ ...tokens, replace }, api)(API)).rejects.toThrow('down')
  expect(replace.mock.calls).toEqual([['opaque']])
  expect(cancel).toHaveBeenCalledTimes(1)
})

it.each(['http://api.example.no/', 'ftp://127.0.0.1/', 'http://127.0.0.1.evil.example/'])(
  'no token is fetched for or sent to %s',
  async (url) => {
    await expect(call(url)).rejects.toMatchObject({
      code: 'insecure_url',
      hint: {
        cause: 'a token is only sent over https, or to this machine',
        fix: 'call the API by its https: address',
      },
    })
    expect([sent, fetchedTokens]).toEqual([[], 0])
  },
)

describe('a request to a server', () => {
  const callServer = authorizedFetch(tokens, fetch)
  const answering =
    (status: number): RequestListener =>
    async (request, response) => {
      await once(request.resume(), 'end')
      response.writeHead(status, { location: '/new' }).end()
    }
  const streamed = () => ({ method: 'POST', body: new Blob(['hei']).stream(), duplex: 'half' }) as RequestInit

  it('`fetch` of a client sends method, body and type, and the length of a body that can be sent again', async () => {
    const { url } = await serve(async (request, response) => {
      const { 'content-length': length, 'content-type': type, 'transfer-encoding': coding } = request.headers
      response.end(JSON.stringify([request.method, length, type, coding, await text(request)]))
    })
    const form = await callServer(url, { method: 'POST', body: new URLSearchParams({ a: 'æ' }) })
    const type = 'application/x-www-form-urlencoded;charset=UTF-8'
    expect(await form.json()).toEqual(['POST', '8', type, null, 'a=%C3%A6'])
    const plain = await callServer(new Request(url, { method: 'PATCH', body: 'hei' }))
    expect(await plain.json()).toEqual(['PATCH', null, 'text/plain;charset=UTF-8', 'chunked', 'hei'])
  })

  it('`fetch` of a client repeats a call once after a 401, with a new token and the same body', async () => {
    const seen: string[] = []
    const { url } = await serve(async (request, response) => {
      seen.push(`${request.headers.authorization} ${await text(request)}`)
      response.writeHead(401).end('rejected')
    })
    const answer = await callServer(url, { method: 'PUT', body: 'hei' })
    expect([answer.status, await answer.text()]).toEqual([401, 'rejected'])
    expect(seen).toEqual(['Bearer opaque hei', 'Bearer another hei'])
  })

  it('a call whose body is a stream is not repeated after a 401', async () => {
    const { url, received } = await serve(answering(401))
    expect((await callServer(url, streamed())).status).toBe(401)
    // The body of a Request is a stream. With `body: null`, the Request keeps its own body.
    const request = () => new Request(url, { method: 'POST', body: 'hei' })
    expect((await callServer(request())).status).toBe(401)
    expect((await callServer(request(), { body: null })).status).toBe(401)
    expect(received.requests).toBe(3)
  })

  it('a redirect is not followed when the body is a stream, which cannot be sent again', async () => {
    const { url } = await serve(answering(307))
    expect((await callServer(url, streamed())).status).toBe(307)
  })

  it('a redirect is not followed with `redirect: manual` or `redirect: error`', async () => {
    const { url } = await serve(answering(307))
    expect((await callServer(url, { redirect: 'manual' })).status).toBe(307)
    await expect(callServer(url, { redirect: 'error' })).rejects.toThrow(TypeError)
  })
})
