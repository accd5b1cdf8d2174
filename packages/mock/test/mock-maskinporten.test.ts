import { Socket } from 'node:net'
import { expect, it, vi } from 'vitest'
import { createMockMaskinporten } from '../src/index.js'
import { typeError } from './type-error.js'

const METADATA = '/.well-known/oauth-authorization-server'
async function kit() {
  const mock = await createMockMaskinporten()
  const ask = (path: string, init?: RequestInit) => mock.fetch(new URL(path, mock.issuer), init)
  return { mock, ask, statusOf: async (...given: Parameters<typeof ask>) => (await ask(...given)).status }
}

it('the mock’s metadata has the members and values of Maskinporten’s metadata', async () => {
  const { ask } = await kit()
  expect(await (await ask(METADATA)).json()).toEqual({
    authorization_details_types_supported: ['urn:altinn:systemuser', 'urn:altinn:consent'],
    issuer: 'https://test.maskinporten.no/',
    token_endpoint: 'https://test.maskinporten.no/token',
    jwks_uri: 'https://test.maskinporten.no/jwk',
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    grant_types_supported: ['urn:ietf:params:oauth:grant-type:jwt-bearer'],
    token_endpoint_auth_signing_alg_values_supported: ['RS256', 'RS384', 'RS512'],
  })
})

it('a mock answers, counts, logs and faults a metadata request with a trailing slash like one without', async () => {
  const { mock, ask } = await kit()
  for (const method of ['GET', 'HEAD']) {
    const [without, withSlash] = [await ask(METADATA, { method }), await ask(`${METADATA}/`, { method })]
    expect([withSlash.status, await withSlash.text()]).toEqual([200, await without.text()])
    expect(withSlash.headers.get('content-type')).toBe(without.headers.get('content-type'))
  }
  mock.addFault('metadata', { status: 503 }, { times: 1 })
  expect((await ask(`${METADATA}/`)).status).toBe(503)
  expect(mock.requests.metadata).toBe(3)
  expect(mock.received.at(-1)).toMatchObject({ endpoint: 'metadata', path: `${METADATA}/` })
})

it.each([
  ...['GET /jwk/', 'POST /token/', `GET ${METADATA}//`, 'GET /jwks', 'GET /introspect'],
  ...['GET /.well-known/openid-configuration', 'GET /', 'GET /token'],
])('a mock answers 404 to %s, for which Maskinporten has no endpoint', async (request) => {
  const [method = '', path = ''] = request.split(' ')
  expect(await (await kit()).statusOf(path, { method })).toBe(404)
})

it('a mock’s fetch takes a Request, and its numbers of requests are frozen', async () => {
  const { mock } = await kit()
  expect((await mock.fetch(new Request(new URL('/jwk', mock.issuer)))).status).toBe(200)
  expect(() => Object.assign(mock.requests, { jwk: 0 })).toThrow(TypeError)
})

it('a mock has the variables that NAIS injects, with the scopes that exist when the variables are read', async () => {
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
  expect((await kit()).mock.env['MASKINPORTEN_SCOPES']).toBe('portvakt:demo.read')
})

it('addClient returns the variables of the client, with a private key only if the mock made the key', async () => {
  const { mock } = await kit()
  const registration = { organisationNumber: '991825827', clientId: 'c1', scopes: ['nav:a'] }
  const { jwk, env } = await mock.addClient(registration)
  expect(env).toMatchObject({ MASKINPORTEN_CLIENT_ID: 'c1', MASKINPORTEN_SCOPES: 'nav:a' })
  expect(JSON.parse(env['MASKINPORTEN_CLIENT_JWK'] ?? '')).toEqual(jwk)
  const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...publicJwk } = jwk ?? {}
  for (const keyless of [{ jwk: publicJwk }, { authentication: 'certificate' as const }]) {
    const client = await mock.addClient(keyless)
    expect(client.jwk).toBeUndefined()
    expect(client.env).not.toHaveProperty('MASKINPORTEN_CLIENT_JWK')
  }
})

it('a change to the returned key of a client or an app does not change the registered key', async () => {
  const { mock } = await kit()
  const yaml = 'apiVersion: nais.io/v1alpha1\nkind: Application\nmetadata: { name: a }\n'
  const spec = 'spec: { maskinporten: { enabled: true } }\n'
  const owners = [await mock.addClient(), ...(await mock.provision({ yaml: yaml + spec }))]
  expect(owners).toHaveLength(2)
  for (const owner of owners) {
    delete owner.jwk?.d
    expect(JSON.parse(owner.env['MASKINPORTEN_CLIENT_JWK'] ?? '')).toHaveProperty('d')
    expect(() => Object.assign(owner, { clientId: 'x' })).toThrow(TypeError)
  }
})

it('a mock without a server opens no socket', async () => {
  const connect = vi
    .spyOn(Socket.prototype, 'connect')
    .mockImplementation(() => expect.unreachable('a socket was opened'))
  const { mock, ask } = await kit()
  await mock.issueToken()
  for (const path of ['/jwk', METADATA]) await ask(path)
  await ask('/token', { method: 'POST', body: new URLSearchParams() })
  expect(connect).not.toHaveBeenCalled()
  connect.mockRestore()
})

it.each<[string, object, RegExp]>([
  ['an unknown option', { isuer: 'https://x.no/' }, /no option `isuer`/],
  ['an issuer that is a name', { issuer: 'maskinporten' }, /`issuer` must be a URL/],
  ['an ftp issuer', { issuer: 'ftp://x.no/' }, /`issuer` must be a URL/],
  ['an issuer with a path', { issuer: 'https://x.no/mp/' }, /without a path/],
  ['an issuer without a trailing slash', { issuer: 'https://x.no' }, /with a trailing slash/],
  ['an issuer that is not normalized', { issuer: 'https://X.no:443/' }, /`issuer` must be a URL/],
  ['a clock that is a date', { clock: new Date() }, /`clock\.now` must be a function/],
  ['an invalid scope', { scopes: [{ name: 'afp.read' }] }, /prefix:subscope/],
  ['an invalid client', { clients: [{ organisationNumber: '12345678' }] }, /"12345678" is not an org/],
  ['a string for `strictCertificates`', { strictCertificates: 'true' }, /must be true or false/],
  ['a trusted root that is text', { trustedRoots: ['text'] }, /`trustedRoots`/],
])('createMockMaskinporten refuses %s', async (_title, options, message) => {
  await expect(createMockMaskinporten(options)).rejects.toThrow(typeError(message))
})

it.each<[string, object, RegExp]>([
  ['an unknown option', { keepold: false }, /no option `keepold`/],
  ['a string for `keepOld`', { keepOld: 'false' }, /`keepOld` must be true or false/],
  ['a number for `publish`', { publish: 0 }, /`publish` must be true or false/],
])('a mock keeps its keys when `rotateKeys` is called with %s', async (_title, options, message) => {
  const { mock } = await kit()
  await expect(mock.rotateKeys(options)).rejects.toThrow(message)
  expect(mock.jwks().keys).toHaveLength(1)
})
