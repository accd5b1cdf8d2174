import { beforeEach, describe, expect, it, test } from 'vitest'
import { authorizedFetch } from '../src/authorized-fetch.js'

const API = 'https://api.example.no/a'

let sent: { url: string; method: string | undefined; headers: Headers; body: string | undefined }[]
/** The recorded calls of `get` and `replace`. */
let tokenCalls: string[]
/** The next answers of the API, in order; after them, every answer is 200. */
let answers: Response[]
beforeEach(() => {
  sent = []
  tokenCalls = []
  answers = []
})

const call = authorizedFetch(
  {
    async get() {
      tokenCalls.push('get')
      return { accessToken: 'opaque' }
    },
    async replace(rejected) {
      tokenCalls.push(`replace ${rejected}`)
      return { accessToken: 'another' }
    },
  },
  async (input, init) => {
    const body = init?.body ? await new Response(init.body).text() : undefined
    sent.push({ url: String(input), method: init?.method, headers: new Headers(init?.headers), body })
    return answers.shift() ?? new Response('done')
  },
)
const redirect = (status: number, location = '/b') => new Response('moved', { status, headers: { location } })

describe('a redirect within the API', () => {
  test.each<[number, string, string]>([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [301, 'PUT', 'PUT'],
    [302, 'DELETE', 'DELETE'],
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
  const described = Object.fromEntries([...CONTENT, 'x-own'].map((name) => [name, '3']))

  it('a redirect that becomes a GET drops the body and the headers that describe the body', async () => {
    answers = [redirect(302)]
    await call(API, { method: 'POST', body: 'hei', headers: described })
    expect(sent.map(({ body }) => body)).toEqual(['hei', undefined])
    expect(CONTENT.filter((name) => sent[1]?.headers.has(name))).toEqual([])
    expect(sent[1]?.headers.get('x-own')).toBe('3')
  })

  it('a redirect that keeps the method also keeps the body and the headers that describe the body', async () => {
    answers = [redirect(307)]
    await call(API, { method: 'POST', body: 'hei', headers: described })
    expect(sent.map(({ body }) => body)).toEqual(['hei', 'hei'])
    expect(CONTENT.filter((name) => !sent[1]?.headers.has(name))).toEqual([])
  })

  it('a redirect to an address of 8000 characters is followed', async () => {
    answers = [redirect(302, `/${'b'.repeat(7999)}`)]
    expect((await call(API)).status).toBe(200)
  })

  it('20 redirects are followed, as by the standard fetch, and the 21st is not', async () => {
    answers = Array.from({ length: 20 }, () => redirect(302))
    expect((await call(API)).status).toBe(200)
    answers = Array.from({ length: 21 }, () => redirect(302))
    sent = []
    expect((await call(API)).status).toBe(302)
    expect(sent).toHaveLength(21)
  })
})

describe('a redirect that is not followed', () => {
  test.each<[string, () => Response]>([
    ['to another host', () => redirect(302, 'https://evil.example/')],
    ['to another port', () => redirect(302, 'https://api.example.no:8443/')],
    ['to another scheme', () => redirect(302, 'http://api.example.no/')],
    ['without an address', () => new Response('moved', { status: 302 })],
    ['to an invalid address', () => redirect(302, 'https://')],
    ['to an address of more than 8000 characters', () => redirect(302, `/${'b'.repeat(8000)}`)],
    ['with status 201', () => redirect(201)],
    ['with status 300', () => redirect(300)],
  ])('a redirect %s is returned to the caller', async (_title, answer) => {
    const expected = answer().status
    answers = [answer()]
    expect((await call(API)).status).toBe(expected)
    expect(sent).toHaveLength(1)
  })
})

describe('a discarded answer', () => {
  it.each([
    ['a followed redirect', 302],
    ['a 401 after which the call is repeated', 401],
  ])('the client cancels the unread body of %s', async (_title, status) => {
    let cancelled = 0
    const body = new ReadableStream({ cancel: () => void cancelled++ })
    answers = [new Response(body, { status, headers: { location: '/b' } })]
    await call(API)
    expect(cancelled).toBe(1)
  })

  it('a redirect without a body is followed', async () => {
    answers = [new Response(null, { status: 302, headers: { location: '/b' } })]
    expect((await call(API)).status).toBe(200)
  })
})

it('a token is replaced after a 401, and not after a 403', async () => {
  await call(API)
  answers = [new Response('', { status: 403 })]
  expect((await call(API)).status).toBe(403)
  expect(tokenCalls).toEqual(['get', 'get'])
  answers = [new Response('', { status: 401 })]
  await call(API)
  expect(tokenCalls.slice(2)).toEqual(['get', 'replace opaque'])
  expect(sent.at(-1)?.headers.get('authorization')).toBe('Bearer another')
})

const EVIL = ['127', 'localhost', '127.0.0.1'].map((host) => `http://${host}.evil.example/`)
it.each(['http://api.example.no/', 'ftp://127.0.0.1/', 'ws://localhost/', ...EVIL])(
  'no token is fetched for or sent to %s',
  async (url) => {
    await expect(call(url)).rejects.toMatchObject({
      code: 'insecure_url',
      hint: {
        cause: 'a token is only sent over https, or to this machine',
        fix: 'call the API by its https: address',
      },
    })
    expect([sent, tokenCalls]).toEqual([[], []])
  },
)

it.each(['https://api.example.no/', 'http://127.0.0.1:8080/', 'http://localhost/'])(
  'a token is sent to %s',
  async (url) => {
    await call(url)
    expect(sent.map((request) => request.url)).toEqual([url])
  },
)
