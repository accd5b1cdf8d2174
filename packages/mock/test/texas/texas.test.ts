import { decodeJwt } from 'jose'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  createMockMaskinporten,
  createTestClock,
  type MockMaskinporten,
  type TestClock,
} from '../../src/index.js'

const SCOPE = 'nav:x.read'
const PROVIDER = 'maskinporten'

let clock: TestClock
let mock: MockMaskinporten
let asked = 0

beforeAll(async () => {
  clock = createTestClock()
  mock = await createMockMaskinporten({
    clock,
    scopes: [{ name: SCOPE }, { name: 'nav:minute', maxAge: 60 }, { name: 'nav:long', maxAge: 600 }],
  })
})

beforeEach(() => {
  asked = mock.requests.token
})

/** The token requests that reached Maskinporten since the test began. */
const upstream = () => mock.requests.token - asked

function post(path: string, body: object, env = mock.env) {
  const url = env[`NAIS_TOKEN${path}ENDPOINT`] ?? ''
  return mock.fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

const token = async (body: object) => (await post('_', { identity_provider: PROVIDER, ...body })).json()
const introspect = async (body: object) =>
  (await post('_INTROSPECTION_', { identity_provider: PROVIDER, ...body })).json()

describe('the token endpoint of Texas', () => {
  it('answers with token, type and lifetime, and nothing else', async () => {
    const response = await post('_', { identity_provider: PROVIDER, target: SCOPE })
    expect(response.status).toBe(200)
    const body = await response.json()
    expect(Object.keys(body).sort()).toEqual(['access_token', 'expires_in', 'token_type'])
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 120 })
    expect(decodeJwt(body.access_token)).toMatchObject({
      scope: SCOPE,
      client_id: mock.env['MASKINPORTEN_CLIENT_ID'],
    })
  })

  it('takes a form as it takes JSON', async () => {
    const response = await mock.fetch(mock.env['NAIS_TOKEN_ENDPOINT'] ?? '', {
      method: 'POST',
      body: new URLSearchParams({
        identity_provider: PROVIDER,
        target: SCOPE,
        resource: 'https://api.example.no/',
        skip_cache: 'true',
      }),
    })
    expect(response.status).toBe(200)
    expect(decodeJwt((await response.json()).access_token).aud).toBe('https://api.example.no/')
  })

  it('reads authorization_details from a form as text that holds JSON', async () => {
    const response = await mock.fetch(mock.env['NAIS_TOKEN_ENDPOINT'] ?? '', {
      method: 'POST',
      body: new URLSearchParams({
        identity_provider: PROVIDER,
        target: SCOPE,
        authorization_details: '[{"type":"urn:example:unknown"}]',
      }),
    })
    // It reached Maskinporten, which knows no such type.
    expect([response.status, (await response.json()).error_description]).toEqual([
      400,
      expect.stringMatching(/^Unknown authorization details type\. /),
    ])
  })

  it('keeps a token until half of its short life is over, and says how much of it is left', async () => {
    const first = await token({ target: 'nav:minute' })
    clock.advance(29)
    expect(await token({ target: 'nav:minute' })).toEqual({ ...first, expires_in: 31 })
    clock.advance(2)
    const later = await token({ target: 'nav:minute' })
    expect(later.access_token).not.toBe(first.access_token)
    expect([later.expires_in, upstream()]).toEqual([60, 2])
  })

  it('keeps a token with a longer life until two minutes before its end', async () => {
    await token({ target: 'nav:long' })
    clock.advance(479)
    expect((await token({ target: 'nav:long' })).expires_in).toBe(121)
    clock.advance(2)
    expect((await token({ target: 'nav:long' })).expires_in).toBe(600)
    expect(upstream()).toBe(2)
  })

  it('gets a new token when the cache is to be skipped, and keeps that one', async () => {
    const resource = 'https://skip.example.no/'
    const first = await token({ target: SCOPE, resource })
    const second = await token({ target: SCOPE, resource, skip_cache: true })
    expect(second.access_token).not.toBe(first.access_token)
    expect(await token({ target: SCOPE, resource })).toEqual(second)
  })

  it('tells tokens apart by target, resource and authorization_details', async () => {
    await token({ target: 'nav:long', resource: 'https://a.example.no/' })
    await token({ target: 'nav:long', resource: 'https://b.example.no/' })
    await token({ target: 'nav:minute', resource: 'https://a.example.no/' })
    expect(upstream()).toBe(3)
  })

  it('asks once for everybody who asks at the same time', async () => {
    const resource = 'https://together.example.no/'
    await Promise.all(Array.from({ length: 20 }, () => token({ target: SCOPE, resource })))
    expect(upstream()).toBe(1)
  })

  it('hands on what Maskinporten refuses, with its status and words, and keeps no refusal', async () => {
    const ask = () => post('_', { identity_provider: PROVIDER, target: 'nav:unknown' })
    const response = await ask()
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({
      error: 'invalid_scope',
      error_description: expect.stringMatching(
        /^Token request contains invalid scopes for client, nav:unknown\. .* \(trace_id: [0-9a-f]{32}\)$/,
      ),
    })
    await ask()
    expect(upstream()).toBe(2)
  })

  it('acts for another client at a path of that client', async () => {
    const client = await mock.addClient({ organisationNumber: '889640782', scopes: [SCOPE] })
    const response = await post('_', { identity_provider: PROVIDER, target: SCOPE }, client.env)
    expect(decodeJwt((await response.json()).access_token)).toMatchObject({
      client_id: client.clientId,
      consumer: { ID: '0192:889640782' },
    })
  })

  it('is not there for a client that keeps its own key', async () => {
    const { n, e } = mock.jwks().keys[0] ?? {}
    const jwk = { kty: 'RSA', kid: 'own', ...(n && { n }), ...(e && { e }) }
    const client = await mock.addClient({ scopes: [SCOPE], jwk })
    expect(Object.keys(client.env).filter((name) => name.startsWith('NAIS_'))).toEqual([])
    const response = await mock.fetch(`${mock.issuer}texas/${client.clientId}/api/v1/token`, {
      method: 'POST',
      body: new URLSearchParams({ identity_provider: PROVIDER, target: SCOPE }),
    })
    expect([response.status, await response.json()]).toEqual([
      500,
      { error: 'server_error', error_description: 'Failed to sign assertion' },
    ])
  })

  it.each([
    [
      'another provider',
      { identity_provider: 'tokenx', target: SCOPE },
      "identity provider 'tokenx' is not enabled",
    ],
    [
      'a provider by its older name',
      { identity_provider: 'azuread', target: 'x' },
      "identity provider 'entra_id' is not enabled",
    ],
    ['an unknown provider', { identity_provider: 'feide', target: 'x' }, 'unknown variant'],
    ['no provider', { target: SCOPE }, 'missing field `identity_provider`'],
    ['no target', { identity_provider: PROVIDER }, 'missing field `target`'],
    ['a target that is no text', { identity_provider: PROVIDER, target: [SCOPE] }, 'target: invalid type'],
    [
      'details that are no list',
      { identity_provider: PROVIDER, target: SCOPE, authorization_details: {} },
      'data did not match any variant of untagged enum RequestValue',
    ],
    [
      'a flag that is none',
      { identity_provider: PROVIDER, target: SCOPE, skip_cache: 'yes' },
      'skip_cache: invalid type',
    ],
    ['a list', [], 'invalid length 0'],
  ])('refuses %s with 400 invalid_request', async (_what, body, description) => {
    const response = await post('_', body)
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: 'invalid_request', error_description: expect.stringContaining(description) },
    ])
    expect(upstream()).toBe(0)
  })

  it('refuses other media types, and what is not the JSON it says it is', async () => {
    const send = async (type: string) => {
      const headers = { 'content-type': type }
      const response = await mock.fetch(`${mock.issuer}api/v1/token`, { method: 'POST', headers, body: 'x' })
      return [response.status, (await response.json()).error_description]
    }
    expect(await send('text/plain')).toEqual([
      400,
      'unsupported media type: text/plain: expected one of `application/json`, `application/x-www-form-urlencoded`',
    ])
    expect(await send('application/json')).toEqual([400, expect.stringContaining('JSON')])
  })
})

describe('the exchange endpoint of Texas', () => {
  it('refuses Maskinporten, which has no users to act for', async () => {
    const response = await post('_EXCHANGE_', { identity_provider: PROVIDER, target: SCOPE, user_token: 'x' })
    expect([response.status, await response.json()]).toEqual([
      400,
      {
        error: 'invalid_request',
        error_description: "identity provider 'maskinporten' does not support token exchange",
      },
    ])
  })
})

describe('the introspection endpoint of Texas', () => {
  it('gives the claims of a valid token as they are', async () => {
    const given = await mock.issueToken({ scope: SCOPE, audience: 'https://api.example.no/' })
    expect(await introspect({ token: given })).toEqual({ active: true, ...decodeJwt(given) })
  })

  it('writes a claim named `active` after its own member of that name', async () => {
    const given = await mock.issueToken({ claims: { active: false } })
    const response = await post('_INTROSPECTION_', { identity_provider: PROVIDER, token: given })
    expect(await response.text()).toMatch(/^\{"active":true,.*"active":false/)
  })

  it.each([
    ['what is no JWT', () => 'x', 'invalid token header: InvalidToken'],
    ['no kid', () => mock.issueToken({ header: { kid: undefined } }), 'missing key id from token header'],
    [
      'an unknown kid',
      () => mock.issueToken({ header: { kid: 'other' } }),
      'token can not be validated with this identity provider',
    ],
    ['RS512', () => mock.issueToken({ algorithm: 'RS512' }), 'invalid token: InvalidAlgorithm'],
    [
      'a changed token',
      async () => `${(await mock.issueToken()).slice(0, -8)}AAAAAAAA`,
      'invalid token: InvalidSignature',
    ],
    ['an expired token', () => mock.issueToken({ expiresIn: -61 }), 'invalid token: ExpiredSignature'],
    [
      'another issuer',
      () => mock.issueToken({ issuer: 'https://maskinporten.no/' }),
      'invalid token: InvalidIssuer',
    ],
    [
      'no issuer',
      () => mock.issueToken({ claims: { iss: undefined } }),
      'invalid token: Missing required claim: iss',
    ],
    [
      'no iat',
      () => mock.issueToken({ claims: { iat: undefined } }),
      'invalid token: Missing required claim: iat',
    ],
    [
      'no exp',
      () => mock.issueToken({ claims: { exp: undefined } }),
      'invalid token: Missing required claim: exp',
    ],
    [
      'an iat to come',
      () => mock.issueToken({ claims: { iat: Math.floor(clock.now() / 1000) + 70 } }),
      'invalid token: ImmatureSignature',
    ],
    [
      'an nbf to come',
      () => mock.issueToken({ claims: { nbf: Math.floor(clock.now() / 1000) + 70 } }),
      'invalid token: ImmatureSignature',
    ],
  ])('answers 200 and inactive to %s', async (_what, make, error) => {
    const response = await post('_INTROSPECTION_', { identity_provider: PROVIDER, token: await make() })
    expect([response.status, await response.json()]).toEqual([200, { active: false, error }])
  })

  it('lets clocks differ by a minute, as it does', async () => {
    expect((await introspect({ token: await mock.issueToken({ expiresIn: -59 }) })).active).toBe(true)
  })

  it('answers 200 and inactive for a provider that is not enabled, but 400 to a request that is none', async () => {
    const other = await post('_INTROSPECTION_', { identity_provider: 'idporten', token: 'x' })
    expect([other.status, await other.json()]).toEqual([
      200,
      { active: false, error: "identity provider 'idporten' is not enabled" },
    ])
    expect((await post('_INTROSPECTION_', { identity_provider: PROVIDER })).status).toBe(400)
  })

  it('knows a key that was published after it last looked', async () => {
    await mock.rotateKeys()
    expect((await introspect({ token: await mock.issueToken() })).active).toBe(true)
  })
})
