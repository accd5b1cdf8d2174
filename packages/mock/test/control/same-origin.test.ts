import { connect } from 'node:net'
import { systemClock } from '@portvakt/core'
import { afterAll, expect, it } from 'vitest'
import { createControl } from '../../src/control/page-routes.js'
import { ownOrigins, refuseForeign } from '../../src/control/same-origin.js'
import { startMockMaskinporten } from '../../src/index.js'
import { createMockAt } from '../../src/mock-maskinporten.js'
import { rawRequest } from '../raw-request.js'

const mock = await startMockMaskinporten()
afterAll(() => mock.close())
const { port } = new URL(mock.url)
const SELF = `127.0.0.1:${port}`
const LOCALHOST = `localhost:${port}`

const { app } = await createMockAt(mock.url, {})
const clientId = mock.env['MASKINPORTEN_CLIENT_ID'] ?? ''
const ROUTES: readonly (readonly [method: string, path: string])[] = [
  ...[...app.routes, ...createControl(mock, systemClock).routes].map(({ method, path }) => {
    const filledIn = path.replace(':clientId', clientId).replace(':code', 'MP-121').replace(/\*$/, 'another')
    const requested = filledIn.replace(':provider', 'maskinporten')
    return [method === 'ALL' ? 'PUT' : method, requested] as const
  }),
  ['GET', '/no-such-path'],
  ['OPTIONS', '/token'],
  ['HEAD', '/portvakt'],
]

/** Sends a request with exactly these headers. */
const ask = (method: string, path: string, headers: Readonly<Record<string, string>>) =>
  rawRequest(new URL(path, mock.url).href, { method, headers, setHost: false })

it.each([
  ['its own host', { host: SELF }],
  ['localhost', { host: LOCALHOST }],
  ['localhost in upper case', { host: `LOCALHOST:${port}` }],
  ['loopback in IPv6', { host: `[::1]:${port}` }],
  ['its own Origin', { host: SELF, origin: `http://${SELF}` }],
  ['the Origin of localhost at localhost', { host: LOCALHOST, origin: `http://${LOCALHOST}` }],
  ['the Sec-Fetch-Site of its own page', { host: SELF, 'sec-fetch-site': 'same-origin' }],
  ['the Sec-Fetch-Site of a typed address', { host: SELF, 'sec-fetch-site': 'none' }],
])('a served mock answers a request with %s', async (_title, headers) => {
  for (const [method, path] of ROUTES) {
    const { status } = await ask(method, path, headers)
    expect([method, path, status === 403]).toEqual([method, path, false])
  }
})

it.each<[string, { host?: string; origin?: string; 'sec-fetch-site'?: string }]>([
  ['a registered name', { host: `evil.example:${port}` }],
  ['a name that begins with its address', { host: `127.0.0.1.evil.example:${port}` }],
  ['a subdomain of localhost', { host: `evil.localhost:${port}` }],
  ['localhost with a trailing dot', { host: `localhost.:${port}` }],
  ['another address', { host: `192.0.2.1:${port}` }],
  ['another port', { host: `127.0.0.1:${Number(port) - 1}` }],
  ['its own address without a port', { host: '127.0.0.1' }],
  ['a user name before its address', { host: `evil@${SELF}` }],
  ['an empty Host', { host: '' }],
  ['no Host', {}],
  ['a foreign Origin', { host: SELF, origin: 'https://evil.example' }],
  ['the Origin of another port', { host: LOCALHOST, origin: 'http://localhost:3000' }],
  ['its own Origin over https', { host: LOCALHOST, origin: `https://${LOCALHOST}` }],
  ['the Origin of its other name', { host: SELF, origin: `http://${LOCALHOST}` }],
  ['a null Origin', { host: SELF, origin: 'null' }],
  ['an empty Origin', { host: SELF, origin: '' }],
  ['the Sec-Fetch-Site of another site', { host: SELF, 'sec-fetch-site': 'cross-site' }],
  ['the Sec-Fetch-Site of another port', { host: SELF, 'sec-fetch-site': 'same-site' }],
])('a served mock refuses a request with %s', async (_title, headers) => {
  const isNamed = /^[\w.:[\]-]+$/.test(headers.host ?? '')
  for (const [method, path] of ROUTES) {
    const { status, text } = await ask(method, path, headers)
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

it('a served mock does not count a refused request', async () => {
  const before = mock.requests.jwk
  await ask('GET', '/jwk', { host: `foo:${port}` })
  expect(mock.requests.jwk).toBe(before)
})

const ALL = 'http://0.0.0.0:8089/'
/** Where a mock is served, the host name that it listens on, and its issuer if that differs. */
type Served = [at: string, hostname: string, issuer?: string]
const EVERY: [string, string] = [ALL, '0.0.0.0']
const PROXIED: Served = [...EVERY, 'https://mock.test/']
const PUBLISHED: Served = [ALL, '', 'http://localhost:9000/']
const answers = (url: string, served: Served, local: object = {}, origin?: string) => {
  const [at, hostname, issuer = at] = served
  const request = new Request(url, origin === undefined ? {} : { headers: { origin } })
  return refuseForeign(request, ownOrigins(at, hostname, issuer), local) === undefined
}

const CONNECTED = { localAddress: '192.168.1.5', localPort: 8089 }
const MAPPED = { localAddress: '::ffff:192.168.1.5', localPort: 8089 }
const V6 = { localAddress: 'fd00::5', localPort: 8089 }
it.each<['accepts' | 'refuses', string, ...Parameters<typeof answers>]>([
  ['accepts', 'the host of an http issuer', 'http://mock:8089/', [...EVERY, 'http://mock:8089/']],
  ['accepts', 'the host of an https issuer behind a proxy', 'http://mock.test/', PROXIED],
  ['accepts', 'the published port in its issuer', 'http://localhost:9000/', PUBLISHED],
  ['accepts', 'the host name that it listens on', 'http://mock:8089/', ['http://172.18.0.2:8089/', 'mock']],
  ['accepts', '0.0.0.0 when it listens there', ALL, EVERY],
  ['accepts', '[::] when it listens there', 'http://[::]:8089/', ['http://[::]:8089/', '::']],
  ['accepts', 'localhost when it listens on every address', 'http://localhost:8089/', EVERY],
  ['refuses', 'the name of its issuer at another port', 'http://mock:8089/', [...EVERY, 'http://mock:9000/']],
  ['refuses', 'another name when it listens on every address', 'http://mock:8089/', EVERY],
  ['accepts', 'the connection’s IPv4 address', 'http://192.168.1.5:8089/', EVERY, CONNECTED],
  ['accepts', 'the connection’s IPv4 address mapped to IPv6', 'http://192.168.1.5:8089/', EVERY, MAPPED],
  ['accepts', 'the connection’s IPv6 address', 'http://[fd00::5]:8089/', EVERY, V6],
  ['refuses', 'an address other than the connection’s', 'http://192.168.1.6:8089/', EVERY, CONNECTED],
  ['refuses', 'a port other than the connection’s', 'http://192.168.1.5:80/', EVERY, CONNECTED],
  ['refuses', 'the address of a connection that has ended', 'http://192.168.1.5:8089/', EVERY, {}],
])('a mock %s a Host header with %s', (verb, _title, ...given) => {
  expect(answers(...given)).toBe(verb === 'accepts')
})

it('for a request to the issuer’s host, a served mock accepts only an Origin with the issuer’s scheme', () => {
  expect(answers('http://mock.test/', PROXIED, {}, 'https://mock.test')).toBe(true)
  expect(answers('http://mock.test/', PROXIED, {}, 'http://mock.test')).toBe(false)
  expect(answers('http://localhost:8089/', PROXIED, {}, 'https://mock.test')).toBe(false)
})
