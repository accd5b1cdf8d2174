import { Socket } from 'node:net'
import { describe, expect, it, test, vi } from 'vitest'
import { createMockMaskinporten } from '../src/index.js'

it('publishes Maskinporten’s own metadata, field by field', async () => {
  const mock = await createMockMaskinporten()
  const response = await mock.fetch('https://test.maskinporten.no/.well-known/oauth-authorization-server')
  expect(await response.json()).toEqual({
    authorization_details_types_supported: ['urn:altinn:systemuser', 'urn:altinn:consent'],
    issuer: 'https://test.maskinporten.no/',
    token_endpoint: 'https://test.maskinporten.no/token',
    jwks_uri: 'https://test.maskinporten.no/jwk',
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    grant_types_supported: ['urn:ietf:params:oauth:grant-type:jwt-bearer'],
    token_endpoint_auth_signing_alg_values_supported: ['RS256', 'RS384', 'RS512'],
  })
})

describe('the metadata with a trailing slash, as Spring and Digdir’s own settings ask for it', () => {
  const PATH = '/.well-known/oauth-authorization-server'

  it.each(['GET', 'HEAD'])('is answered as without the slash: %s', async (method) => {
    const mock = await createMockMaskinporten()
    const [without, withSlash] = await Promise.all(
      [PATH, `${PATH}/`].map(async (path) => {
        const response = await mock.fetch(new URL(path, mock.issuer), { method })
        return [response.status, response.headers.get('content-type'), await response.text()]
      }),
    )
    expect(withSlash).toEqual(without)
    expect(without?.[0]).toBe(200)
  })

  it('is counted and logged as the metadata, and fails with it', async () => {
    const mock = await createMockMaskinporten()
    mock.addFault('metadata', { status: 503 }, { times: 1 })
    const ask = async () => (await mock.fetch(new URL(`${PATH}/`, mock.issuer))).status
    expect([await ask(), await ask()]).toEqual([503, 200])
    expect(mock.requests.metadata).toBe(2)
    expect(mock.received[0]).toMatchObject({ endpoint: 'metadata', path: `${PATH}/` })
  })

  it('is the only endpoint with one: Digdir documents no other', async () => {
    const mock = await createMockMaskinporten()
    expect((await mock.fetch(`${mock.issuer}jwk/`)).status).toBe(404)
    expect((await mock.fetch(`${mock.issuer}token/`, { method: 'POST' })).status).toBe(404)
    expect((await mock.fetch(new URL(`${PATH}//`, mock.issuer))).status).toBe(404)
  })
})

it('publishes its keys at /jwk, and nothing where Maskinporten has nothing', async () => {
  const mock = await createMockMaskinporten()
  expect(await (await mock.fetch('https://test.maskinporten.no/jwk')).json()).toEqual(mock.jwks())
  for (const path of ['jwks', '.well-known/openid-configuration', 'introspect', '']) {
    expect((await mock.fetch(`https://test.maskinporten.no/${path}`)).status).toBe(404)
  }
  expect((await mock.fetch('https://test.maskinporten.no/token')).status).toBe(404)
})

it('counts what it was asked', async () => {
  const mock = await createMockMaskinporten()
  await mock.fetch(new URL('/jwk', mock.issuer))
  await mock.fetch(new Request(new URL('/jwk', mock.issuer)))
  await mock.fetch(new URL('/token', mock.issuer), { method: 'POST' })
  expect(mock.requests).toEqual({ metadata: 0, jwk: 2, token: 1 })
  expect(() => Object.assign(mock.requests, { jwk: 0 })).toThrow(TypeError)
})

it('has the variables that NAIS injects, with the scopes there are at the time', async () => {
  const mock = await createMockMaskinporten({ issuer: 'https://mp.example/', scopes: [{ name: 'nav:a' }] })
  mock.addScope({ name: 'nav:b' })
  const id = mock.env['MASKINPORTEN_CLIENT_ID']
  expect(mock.env).toEqual({
    MASKINPORTEN_ISSUER: 'https://mp.example/',
    MASKINPORTEN_JWKS_URI: 'https://mp.example/jwk',
    MASKINPORTEN_WELL_KNOWN_URL: 'https://mp.example/.well-known/oauth-authorization-server',
    NAIS_TOKEN_ENDPOINT: `https://mp.example/texas/${id}/api/v1/token`,
    NAIS_TOKEN_EXCHANGE_ENDPOINT: `https://mp.example/texas/${id}/api/v1/token/exchange`,
    NAIS_TOKEN_INTROSPECTION_ENDPOINT: `https://mp.example/texas/${id}/api/v1/introspect`,
    MASKINPORTEN_TOKEN_ENDPOINT: 'https://mp.example/token',
    MASKINPORTEN_CLIENT_ID: expect.stringMatching(/^[\da-f-]{36}$/),
    MASKINPORTEN_CLIENT_JWK: expect.stringMatching(/"d":/),
    MASKINPORTEN_SCOPES: 'nav:a nav:b',
  })
  expect(mock.env).toEqual(mock.env)
})

it('gives its default client a scope to ask for when none was named', async () => {
  expect((await createMockMaskinporten()).env['MASKINPORTEN_SCOPES']).toBe('portvakt:demo.read')
})

it('gives a client variables of its own, without a key where the client keeps its own', async () => {
  const mock = await createMockMaskinporten()
  const { jwk, env } = await mock.addClient({
    organisationNumber: '991825827',
    clientId: 'c1',
    scopes: ['nav:a'],
  })
  expect(env).toMatchObject({ MASKINPORTEN_CLIENT_ID: 'c1', MASKINPORTEN_SCOPES: 'nav:a' })
  expect(JSON.parse(env['MASKINPORTEN_CLIENT_JWK'] ?? '')).toEqual(jwk)
  const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...publicJwk } = jwk ?? {}
  const keeper = await mock.addClient({ jwk: publicJwk })
  expect(keeper.jwk).toBeUndefined()
  expect(keeper.env).not.toHaveProperty('MASKINPORTEN_CLIENT_JWK')
})

it('opens no socket', async () => {
  const connect = vi
    .spyOn(Socket.prototype, 'connect')
    .mockImplementation(() => expect.unreachable('a socket was opened'))
  const mock = await createMockMaskinporten()
  await mock.issueToken()
  for (const path of ['jwk', '.well-known/oauth-authorization-server']) await mock.fetch(mock.issuer + path)
  await mock.fetch(`${mock.issuer}token`, { method: 'POST', body: new URLSearchParams() })
  expect(connect).not.toHaveBeenCalled()
  connect.mockRestore()
})

describe('a mistake is named', () => {
  test.each<[string, object, RegExp]>([
    ['an unknown option', { isuer: 'https://x.no/' }, /no option `isuer`/],
    ['an issuer that is no URL', { issuer: 'maskinporten' }, /`issuer` must be a URL/],
    ['an issuer that is no text', { issuer: new URL('https://x.no/') }, /`issuer` must be a URL/],
    ['an issuer of another scheme', { issuer: 'ftp://x.no/' }, /`issuer` must be a URL/],
    ['an issuer with a path', { issuer: 'https://x.no/mp/' }, /without a path/],
    ['an issuer with a query', { issuer: 'https://x.no/?a' }, /without a path/],
    ['an issuer with a name and a password', { issuer: 'https://u:p@x.no/' }, /`issuer` must be a URL/],
    ['an issuer without its slash', { issuer: 'https://x.no' }, /with a trailing slash/],
    ['an issuer that a URL would rewrite', { issuer: 'https://X.no:443/' }, /`issuer` must be a URL/],
    ['a bad scope', { scopes: [{ name: 'afp.read' }] }, /prefix:subscope/],
    ['a bad client', { clients: [{ organisationNumber: '12345678' }] }, /"12345678" is not an organisation/],
  ])('%s', async (_title, options, message) => {
    await expect(createMockMaskinporten(options)).rejects.toThrow(message)
    await expect(createMockMaskinporten(options)).rejects.toThrow(TypeError)
  })

  it('in a rotation, which would otherwise keep the old keys', async () => {
    const mock = await createMockMaskinporten()
    await expect(mock.rotateKeys({ keepold: false } as never)).rejects.toThrow(/no option `keepold`/)
    expect(mock.jwks().keys).toHaveLength(1)
  })
})
