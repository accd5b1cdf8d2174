import { beforeEach, describe, expect, it, test } from 'vitest'
import { authorizedFetch } from '../src/authorized-fetch.js'

const API = 'https://api.example.no/a'

interface Sent {
  readonly url: string
  readonly method: string | undefined
  readonly headers: Headers
  readonly body: string | undefined
}

let sent: Sent[]
/** How each token was asked for. */
let gotten: string[]
/** What the API answers, in this order; then 200. */
let answers: Response[]
beforeEach(() => {
  sent = []
  gotten = []
  answers = []
})

const call = authorizedFetch(
  {
    async get() {
      gotten.push('kept')
      return { accessToken: 'opaque' }
    },
    async replace(rejected) {
      gotten.push(`in place of ${rejected}`)
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
  ])('by %i of a %s is followed by a %s', async (status, method, then) => {
    answers = [redirect(status)]
    expect(await (await call(API, { method })).text()).toBe('done')
    expect(sent.map(({ url }) => url)).toEqual([API, 'https://api.example.no/b'])
    expect(sent[1]?.method).toBe(then)
    expect(sent[1]?.headers.get('authorization')).toBe('Bearer opaque')
  })

  const CONTENT = ['encoding', 'language', 'location', 'type', 'length'].map((name) => `content-${name}`)
  const described = Object.fromEntries([...CONTENT, 'x-own'].map((name) => [name, '3']))

  it('a redirect that becomes a GET drops the body and its headers', async () => {
    answers = [redirect(302)]
    await call(API, { method: 'POST', body: 'hei', headers: described })
    expect(sent.map(({ body }) => body)).toEqual(['hei', undefined])
    expect(CONTENT.filter((name) => sent[1]?.headers.has(name))).toEqual([])
    expect(sent[1]?.headers.get('x-own')).toBe('3')
  })

  it('a redirect that keeps its method keeps the body and its headers', async () => {
    answers = [redirect(307)]
    await call(API, { method: 'POST', body: 'hei', headers: described })
    expect(sent.map(({ body }) => body)).toEqual(['hei', 'hei'])
    expect(CONTENT.filter((name) => !sent[1]?.headers.has(name))).toEqual([])
  })

  it('is followed to an address of 8000 characters', async () => {
    answers = [redirect(302, `/${'b'.repeat(7999)}`)]
    expect((await call(API)).status).toBe(200)
  })

  it('is followed 20 times, as the standard fetch does', async () => {
    answers = Array.from({ length: 20 }, () => redirect(302))
    expect((await call(API)).status).toBe(200)
    answers = Array.from({ length: 21 }, () => redirect(302))
    sent = []
    expect((await call(API)).status).toBe(302)
    expect(sent).toHaveLength(21)
  })
})

describe('the caller gets a redirect that is not followed, to', () => {
  test.each<[string, () => Response]>([
    ['another host', () => redirect(302, 'https://evil.example/')],
    ['another port', () => redirect(302, 'https://api.example.no:8443/')],
    ['another scheme', () => redirect(302, 'http://api.example.no/')],
    ['nowhere', () => new Response('moved', { status: 302 })],
    ['no address', () => redirect(302, 'https://')],
    ['an address of more than 8000 characters', () => redirect(302, `/${'b'.repeat(8000)}`)],
    ['a place beside an answer of another kind', () => redirect(201)],
    ['a choice', () => redirect(300)],
  ])('%s', async (_title, answer) => {
    const expected = answer().status
    answers = [answer()]
    expect((await call(API)).status).toBe(expected)
    expect(sent).toHaveLength(1)
  })
})

describe('an answer that is not the caller’s to see', () => {
  it.each([
    ['a redirect that is followed', 302],
    ['a 401 after which it is tried again', 401],
  ])('the body of an answer that the caller does not get is not read: %s', async (_title, status) => {
    let cancelled = 0
    const body = new ReadableStream({
      cancel() {
        cancelled++
      },
    })
    answers = [new Response(body, { status, headers: { location: '/b' } })]
    await call(API)
    expect(cancelled).toBe(1)
  })

  it('may have no body', async () => {
    answers = [new Response(null, { status: 302, headers: { location: '/b' } })]
    expect((await call(API)).status).toBe(200)
  })
})

it('a token is replaced only after a 401', async () => {
  await call(API)
  answers = [new Response('', { status: 403 })]
  expect((await call(API)).status).toBe(403)
  expect(gotten).toEqual(['kept', 'kept'])
  answers = [new Response('', { status: 401 })]
  await call(API)
  expect(gotten.slice(2)).toEqual(['kept', 'in place of opaque'])
  expect(sent.at(-1)?.headers.get('authorization')).toBe('Bearer another')
})

it.each(['http://api.example.no/', 'ftp://127.0.0.1/', 'ws://localhost/'])(
  'a token is not sent to %s',
  async (url) => {
    await expect(call(url)).rejects.toMatchObject({
      code: 'insecure_url',
      hint: { cause: 'a token is only sent over https, or to this machine' },
    })
    expect(sent).toEqual([])
  },
)

it.each(['https://api.example.no/', 'http://127.0.0.1:8080/', 'http://localhost/'])(
  'a token is sent to %s',
  async (url) => {
    await call(url)
    expect(sent.map((request) => request.url)).toEqual([url])
  },
)
