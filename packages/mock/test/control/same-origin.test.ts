import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { systemClock } from '@portvakt/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createControl } from '../../src/control/page-routes.js'
import { ownOrigins, refuseForeign } from '../../src/control/same-origin.js'
import { type ServedMockMaskinporten, startMockMaskinporten } from '../../src/index.js'
import { createMockAt } from '../../src/mock-maskinporten.js'

interface Answer {
  readonly status: number | undefined
  readonly text: string
}

/** Sends a request with exactly these headers. */
function ask(url: string, method: string, headers: Record<string, string>, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    httpRequest(url, { method, headers, setHost: false, agent: false }, async (response) => {
      resolve({ status: response.statusCode, text: (await response.toArray()).join('') })
    })
      .on('error', reject)
      .end(body)
  })
}

type Headers = (port: string) => Record<string, string>
/**
 * Returns headers with this `Host`, in which PORT is replaced by the mock's port, and with the other headers.
 */
const host =
  (name: string, others: Record<string, string> = {}): Headers =>
  (port) =>
    Object.fromEntries(
      Object.entries({ host: name, ...others }).map(([header, value]) => [
        header,
        value.replace('PORT', port),
      ]),
    )
const SELF = '127.0.0.1:PORT'

const ANSWERED: readonly (readonly [string, Headers])[] = [
  ['its own host', host(SELF)],
  ['localhost', host('localhost:PORT')],
  ['localhost in upper case', host('LOCALHOST:PORT')],
  ['loopback in IPv6', host('[::1]:PORT')],
  ['its own Origin', host(SELF, { origin: `http://${SELF}` })],
  ['the Origin of localhost at localhost', host('localhost:PORT', { origin: 'http://localhost:PORT' })],
  ['the Sec-Fetch-Site of its own page', host(SELF, { 'sec-fetch-site': 'same-origin' })],
  ['the Sec-Fetch-Site of a typed address', host(SELF, { 'sec-fetch-site': 'none' })],
]

const REFUSED: readonly (readonly [string, Headers])[] = [
  ['the name of a container', host('foo:PORT')],
  ['the name of the container host', host('host.docker.internal:PORT')],
  ['a registered name', host('evil.example:PORT')],
  ['a name that begins with its address', host('127.0.0.1.evil.example:PORT')],
  ['a subdomain of localhost', host('evil.localhost:PORT')],
  ['localhost with a trailing dot', host('localhost.:PORT')],
  ['another address', host('192.0.2.1:PORT')],
  ['another address in IPv6', host('[2001:db8::1]:PORT')],
  ['another port', (port) => ({ host: `127.0.0.1:${Number(port) - 1}` })],
  ['another port of localhost', host('localhost:3000')],
  ['its own address without a port', host('127.0.0.1')],
  ['a user name before its address', host(`evil@${SELF}`)],
  ['an empty Host', host('')],
  ['no Host', () => ({})],
  ['a foreign Origin', host(SELF, { origin: 'https://evil.example' })],
  ['the Origin of another port', host('localhost:PORT', { origin: 'http://localhost:3000' })],
  ['its own Origin over https', host('localhost:PORT', { origin: 'https://localhost:PORT' })],
  ['the Origin of its other name', host(SELF, { origin: 'http://localhost:PORT' })],
  ['a null Origin', host(SELF, { origin: 'null' })],
  ['an empty Origin', host(SELF, { origin: '' })],
  ['the Sec-Fetch-Site of another site', host(SELF, { 'sec-fetch-site': 'cross-site' })],
  ['the Sec-Fetch-Site of another port', host(SELF, { 'sec-fetch-site': 'same-site' })],
]

let mock: ServedMockMaskinporten
let port: string
let routes: readonly (readonly [method: string, path: string])[]
beforeAll(async () => {
  mock = await startMockMaskinporten()
  port = new URL(mock.url).port
  const { app } = await createMockAt(mock.url, {})
  const control = createControl(mock, systemClock)
  const clientId = mock.env['MASKINPORTEN_CLIENT_ID'] ?? ''
  routes = [
    ...[...app.routes, ...control.routes].map(
      ({ method, path }) =>
        [
          method === 'ALL' ? 'PUT' : method,
          path.replace(':clientId', clientId).replace(':code', 'MP-121').replace(/\*$/, 'another'),
        ] as const,
    ),
    ['GET', '/no-such-path'],
    ['OPTIONS', '/token'],
    ['HEAD', '/portvakt'],
  ]
})
afterAll(() => mock.close())

it('these tests request every route of a served mock', () => {
  const found = routes.map((route) => route.join(' '))
  const some = ['GET /', 'POST /token', 'POST /api/v1/token', 'GET /portvakt', 'POST /portvakt/apps']
  expect(found).toEqual(expect.arrayContaining(some))
  expect(found.filter((route) => /[:*]/.test(route))).toEqual([])
})

it.each(ANSWERED)('a served mock answers a request with %s', async (_title, headers) => {
  for (const [method, path] of routes) {
    const { status } = await ask(new URL(path, mock.url).href, method, headers(port))
    expect([method, path, status === 403]).toEqual([method, path, false])
  }
})

it.each(REFUSED)('a served mock refuses a request with %s', async (_title, headers) => {
  const isNamed = /^[\w.:[\]-]+$/.test(headers(port)['host'] ?? '')
  for (const [method, path] of routes) {
    const { status, text } = await ask(new URL(path, mock.url).href, method, headers(port))
    // Node’s server itself refuses a missing or invalid Host.
    expect([method, path, status]).toEqual([method, path, isNamed ? 403 : 400])
    if (isNamed && method !== 'HEAD')
      expect(JSON.parse(text)).toEqual({ error: 'access_denied', error_description: expect.any(String) })
  }
})

it('a served mock refuses HTTP/1.0 without a Host, which Node’s server accepts', async () => {
  const socket = connect(Number(port), '127.0.0.1')
  socket.end('GET /portvakt HTTP/1.0\r\n\r\n')
  const answer = (await socket.toArray()).join('')
  expect(answer).not.toContain('MASKINPORTEN')
  expect(answer).toMatch(/^(HTTP\/1\.1 400|$)/)
})

it('a served mock issues tokens to an OAuth client, but not to a page of another site or at another host', async () => {
  const form = 'identity_provider=maskinporten&target=portvakt:demo.read'
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  const token = (headers: Headers) =>
    ask(`${mock.url}api/v1/token`, 'POST', { ...type, ...headers(port) }, form)
  expect((await token(host(SELF))).text).toContain('access_token')
  for (const [title, headers] of REFUSED) {
    const { status, text } = await token(headers)
    expect([title, [400, 403].includes(status ?? 0)]).toEqual([title, true])
    expect(text).not.toContain('access_token')
  }
})

it('a served mock does not count a refused request', async () => {
  const before = mock.requests.jwk
  await ask(`${mock.url}jwk`, 'GET', { host: `foo:${port}` })
  expect(mock.requests.jwk).toBe(before)
})

const ALL = 'http://0.0.0.0:8089/'
const EVERY: [string, string] = [ALL, '0.0.0.0']
const answers = (url: string, served: [string, string?, string?], local: object = {}, origin?: string) => {
  const [at, hostname = '127.0.0.1', issuer = at] = served
  const request = new Request(url, origin === undefined ? {} : { headers: { origin } })
  return refuseForeign(request, ownOrigins(at, hostname, issuer), local) === undefined
}

it.each<[string, ...Parameters<typeof answers>]>([
  ['an http issuer', 'http://mock:8089/', [...EVERY, 'http://mock:8089/']],
  ['an https issuer behind a proxy that ends TLS', 'http://mock.test/', [...EVERY, 'https://mock.test/']],
  ['a published port that its issuer names', 'http://localhost:9000/', [ALL, '', 'http://localhost:9000/']],
  ['the name that it listens on', 'http://mock:8089/', ['http://172.18.0.2:8089/', 'mock']],
  ['0.0.0.0 when it listens there', ALL, EVERY],
  ['[::] when it listens there', 'http://[::]:8089/', ['http://[::]:8089/', '::']],
  ['localhost when it listens on every address', 'http://localhost:8089/', EVERY],
])('the hosts of a mock include %s', (_title, ...given) => {
  expect(answers(...given)).toBe(true)
})

it.each<[string, ...Parameters<typeof answers>]>([
  ['the name of its issuer at another port', 'http://mock:8089/', [...EVERY, 'http://mock:9000/']],
  ['another name when it listens on every address', 'http://mock:8089/', EVERY],
])('the hosts of a mock exclude %s', (_title, ...given) => {
  expect(answers(...given)).toBe(false)
})

const CONNECTED = { localAddress: '192.168.1.5', localPort: 8089 }
const MAPPED = { localAddress: '::ffff:192.168.1.5', localPort: 8089 }
const V6 = { localAddress: 'fd00::5', localPort: 8089 }
it.each([
  ['an IPv4 address', true, 'http://192.168.1.5:8089/', CONNECTED],
  ['an IPv4 address mapped to IPv6', true, 'http://192.168.1.5:8089/', MAPPED],
  ['an IPv6 address', true, 'http://[fd00::5]:8089/', V6],
  ['another address', false, 'http://192.168.1.6:8089/', CONNECTED],
  ['another port', false, 'http://192.168.1.5:80/', CONNECTED],
  ['a connection that has ended', false, 'http://192.168.1.5:8089/', {}],
])(
  'the hosts of a mock include only the address of the connection: %s, %s',
  (_title, isAnswered, url, connectedTo) => {
    expect(answers(url, EVERY, connectedTo)).toBe(isAnswered)
  },
)

it('the accepted Origin for the issuer’s host has the scheme of the issuer', () => {
  const served: [string, string, string] = [...EVERY, 'https://mock.test/']
  expect(answers('http://mock.test/', served, {}, 'https://mock.test')).toBe(true)
  expect(answers('http://mock.test/', served, {}, 'http://mock.test')).toBe(false)
  expect(answers('http://localhost:8089/', served, {}, 'https://mock.test')).toBe(false)
})
