import { request as httpRequest } from 'node:http'
import { systemClock } from '@portvakt/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createControl } from '../../src/control/page-routes.js'
import { ownOrigins, refuseForeign } from '../../src/control/same-origin.js'
import { type ServedMockMaskinporten, startMockMaskinporten } from '../../src/index.js'
import { createMockAt } from '../../src/mock-maskinporten.js'

interface Answer {
  readonly status: number | undefined
  readonly text: string
}

/** Sends exactly these headers. */
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

const ANSWERED: readonly (readonly [string, Headers])[] = [
  ['its own host', (port) => ({ host: `127.0.0.1:${port}` })],
  ['localhost', (port) => ({ host: `localhost:${port}` })],
  ['localhost in upper case', (port) => ({ host: `LOCALHOST:${port}` })],
  ['loopback in IPv6', (port) => ({ host: `[::1]:${port}` })],
  ['its own Origin', (port) => ({ host: `127.0.0.1:${port}`, origin: `http://127.0.0.1:${port}` })],
  [
    'its own Origin, by localhost',
    (port) => ({ host: `localhost:${port}`, origin: `http://localhost:${port}` }),
  ],
  ['a page of its own', (port) => ({ host: `127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin' })],
  ['an address that was typed', (port) => ({ host: `127.0.0.1:${port}`, 'sec-fetch-site': 'none' })],
]

const REFUSED: readonly (readonly [string, Headers])[] = [
  ['the name of a container', (port) => ({ host: `foo:${port}` })],
  ['the name of the host of containers', (port) => ({ host: `host.docker.internal:${port}` })],
  ['a registered name', (port) => ({ host: `evil.example:${port}` })],
  ['a name that begins as its address', (port) => ({ host: `127.0.0.1.evil.example:${port}` })],
  ['a name below localhost', (port) => ({ host: `evil.localhost:${port}` })],
  ['localhost with a dot', (port) => ({ host: `localhost.:${port}` })],
  ['another address', (port) => ({ host: `192.0.2.1:${port}` })],
  ['another address in IPv6', (port) => ({ host: `[2001:db8::1]:${port}` })],
  ['another port', (port) => ({ host: `127.0.0.1:${Number(port) - 1}` })],
  ['another port of localhost', () => ({ host: 'localhost:3000' })],
  ['its own address without a port', () => ({ host: '127.0.0.1' })],
  ['a name before its own address', (port) => ({ host: `evil@127.0.0.1:${port}` })],
  ['an empty Host', () => ({ host: '' })],
  ['no Host', () => ({})],
  ['a foreign Origin', (port) => ({ host: `127.0.0.1:${port}`, origin: 'https://evil.example' })],
  ['the Origin of another port', (port) => ({ host: `localhost:${port}`, origin: 'http://localhost:3000' })],
  [
    'its own Origin over https',
    (port) => ({ host: `localhost:${port}`, origin: `https://localhost:${port}` }),
  ],
  [
    'its own Origin by another name',
    (port) => ({ host: `127.0.0.1:${port}`, origin: `http://localhost:${port}` }),
  ],
  ['a null Origin', (port) => ({ host: `127.0.0.1:${port}`, origin: 'null' })],
  ['an empty Origin', (port) => ({ host: `127.0.0.1:${port}`, origin: '' })],
  ['a page of another site', (port) => ({ host: `127.0.0.1:${port}`, 'sec-fetch-site': 'cross-site' })],
  ['a page of another port', (port) => ({ host: `127.0.0.1:${port}`, 'sec-fetch-site': 'same-site' })],
]

describe('every route of a served mock', () => {
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

  it('is found', () => {
    const found = routes.map((route) => route.join(' '))
    expect(found).toEqual(
      expect.arrayContaining([
        'GET /',
        'POST /token',
        'POST /api/v1/token',
        'GET /portvakt',
        'POST /portvakt/apps',
      ]),
    )
    expect(found.filter((route) => /[:*]/.test(route))).toEqual([])
  })

  it.each(ANSWERED)('answers %s', async (_title, headers) => {
    for (const [method, path] of routes) {
      const { status } = await ask(new URL(path, mock.url).href, method, headers(port))
      expect([method, path, status === 403]).toEqual([method, path, false])
    }
  })

  it.each(REFUSED)('refuses %s', async (_title, headers) => {
    const isNamed = /^[\w.:[\]-]+$/.test(headers(port)['host'] ?? '')
    for (const [method, path] of routes) {
      const { status, text } = await ask(new URL(path, mock.url).href, method, headers(port))
      // A Host that is missing or not one is refused by the server itself.
      expect([method, path, status]).toEqual([method, path, isNamed ? 403 : 400])
      if (isNamed && method !== 'HEAD')
        expect(JSON.parse(text)).toEqual({ error: 'access_denied', error_description: expect.any(String) })
    }
  })

  it('refuses HTTP/1.0 without a Host, which the server itself lets through', async () => {
    const { connect } = await import('node:net')
    const socket = connect(Number(port), '127.0.0.1')
    socket.end('GET /portvakt HTTP/1.0\r\n\r\n')
    const answer = (await socket.toArray()).join('')
    expect(answer).not.toContain('MASKINPORTEN')
    expect(answer).toMatch(/^(HTTP\/1\.1 400|$)/)
  })

  it('hands out a token to an OAuth client, and not to a page of another site or by another name', async () => {
    const form = 'identity_provider=maskinporten&target=portvakt:demo.read'
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    const token = (headers: Headers) =>
      ask(`${mock.url}api/v1/token`, 'POST', { ...type, ...headers(port) }, form)
    expect((await token((port) => ({ host: `127.0.0.1:${port}` }))).text).toContain('access_token')
    for (const [title, headers] of REFUSED) {
      const { status, text } = await token(headers)
      expect([title, status === 403 || status === 400, text.includes('access_token')]).toEqual([
        title,
        true,
        false,
      ])
    }
  })

  it('counts no request that was refused', async () => {
    const before = mock.requests.jwk
    await ask(`${mock.url}jwk`, 'GET', { host: `foo:${port}` })
    expect(mock.requests.jwk).toBe(before)
  })
})

describe('the hosts of a mock', () => {
  const answers = (url: string, served: [string, string?, string?], local: object = {}, origin?: string) => {
    const [at, hostname = '127.0.0.1', issuer = at] = served
    const request = new Request(url, origin === undefined ? {} : { headers: { origin } })
    return refuseForeign(request, ownOrigins(at, hostname, issuer), local) === undefined
  }
  const ALL = 'http://0.0.0.0:8089/'

  it.each<[string, boolean, ...Parameters<typeof answers>]>([
    ['its issuer, where it is http', true, 'http://mock:8089/', [ALL, '0.0.0.0', 'http://mock:8089/']],
    [
      'its issuer, before which something ends TLS',
      true,
      'http://mock.test/',
      [ALL, '0.0.0.0', 'https://mock.test/'],
    ],
    ['its issuer at another port', false, 'http://mock:8089/', [ALL, '0.0.0.0', 'http://mock:9000/']],
    [
      'a published port that its issuer names',
      true,
      'http://localhost:9000/',
      [ALL, '', 'http://localhost:9000/'],
    ],
    ['the name that it listens on', true, 'http://mock:8089/', ['http://172.18.0.2:8089/', 'mock']],
    ['another name, where it listens on every address', false, 'http://mock:8089/', [ALL, '0.0.0.0']],
    ['the address that it says when it listens on every one', true, ALL, [ALL, '0.0.0.0']],
    ['the same in IPv6', true, 'http://[::]:8089/', ['http://[::]:8089/', '::']],
    ['localhost, where it listens on every address', true, 'http://localhost:8089/', [ALL, '0.0.0.0']],
  ])('%s: %s', (_title, isAnswered, ...given) => {
    expect(answers(...given)).toBe(isAnswered)
  })

  it.each<[string, boolean, string, object]>([
    ['in IPv4', true, 'http://192.168.1.5:8089/', { localAddress: '192.168.1.5', localPort: 8089 }],
    [
      'in IPv4 over IPv6',
      true,
      'http://192.168.1.5:8089/',
      { localAddress: '::ffff:192.168.1.5', localPort: 8089 },
    ],
    ['in IPv6', true, 'http://[fd00::5]:8089/', { localAddress: 'fd00::5', localPort: 8089 }],
    ['but no other', false, 'http://192.168.1.6:8089/', { localAddress: '192.168.1.5', localPort: 8089 }],
    ['but no other port', false, 'http://192.168.1.5:80/', { localAddress: '192.168.1.5', localPort: 8089 }],
    ['but not after the connection has ended', false, 'http://192.168.1.5:8089/', {}],
  ])('the address that was connected to %s: %s', (_title, isAnswered, url, connectedTo) => {
    expect(answers(url, [ALL, '0.0.0.0'], connectedTo)).toBe(isAnswered)
  })

  it('have the scheme of the issuer in the Origin of its pages', () => {
    const served: [string, string, string] = [ALL, '0.0.0.0', 'https://mock.test/']
    expect(answers('http://mock.test/', served, {}, 'https://mock.test')).toBe(true)
    expect(answers('http://mock.test/', served, {}, 'http://mock.test')).toBe(false)
    expect(answers('http://localhost:8089/', served, {}, 'https://mock.test')).toBe(false)
  })
})
