import { decodeJwt } from 'jose'
import { beforeEach, expect, it } from 'vitest'
import { createMockMaskinporten, createTestClock } from '../../src/index.js'

const SCOPE = 'nav:x.read'
const PROVIDER = { identity_provider: 'maskinporten' }
const ASKED = { ...PROVIDER, target: SCOPE }
const clock = createTestClock()

const scopes = [{ name: SCOPE }, { name: 'nav:minute', maxAge: 60 }, { name: 'nav:long', maxAge: 600 }]
const mock = await createMockMaskinporten({ clock, scopes })

let asked = 0
beforeEach(() => {
  asked = mock.requests.token
})

/** The number of token requests that have reached Maskinporten since the test began. */
const upstream = () => mock.requests.token - asked

/** Sends a request to Texas, as a form or as JSON. */
async function post(url = '', members: URLSearchParams | object) {
  const isForm = members instanceof URLSearchParams
  const headers: HeadersInit = isForm ? {} : { 'content-type': 'application/json' }
  const body = isForm ? members : JSON.stringify(members)
  const response = await mock.fetch(url, { method: 'POST', headers, body })
  const text = await response.text()
  return { status: response.status, text, body: JSON.parse(text) }
}
const { NAIS_TOKEN_ENDPOINT: TOKEN, NAIS_TOKEN_INTROSPECTION_ENDPOINT: INTROSPECTION } = mock.env
const token = async (members: object) => (await post(TOKEN, { ...PROVIDER, ...members })).body
const postForm = (members: Record<string, string>) =>
  post(TOKEN, new URLSearchParams({ ...ASKED, ...members }))
const introspect = (given: string) => post(INTROSPECTION, { ...PROVIDER, token: given })

it('the token endpoint of Texas answers with exactly a token, its type and its lifetime', async () => {
  const { status, body } = await post(TOKEN, ASKED)
  expect(status).toBe(200)
  expect(body).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 120 })
  const client_id = mock.env['MASKINPORTEN_CLIENT_ID']
  expect(decodeJwt(body.access_token)).toMatchObject({ scope: SCOPE, client_id })
})

it('the token endpoint of Texas accepts a form, and reads its authorization_details as JSON', async () => {
  const { body } = await postForm({ resource: 'https://api.example.no/', skip_cache: 'true' })
  expect(decodeJwt(body.access_token).aud).toBe('https://api.example.no/')
  const refused = await postForm({ authorization_details: '[{"type":"urn:example:unknown"}]' })
  const refusal = expect.stringMatching(/^Unknown authorization details type\. /)
  expect([refused.status, refused.body.error_description]).toEqual([400, refusal])
})

it.each([
  ['60 s for half its life', 'nav:minute', 29, 60],
  ['600 s until two minutes before it expires', 'nav:long', 479, 600],
])('the token endpoint of Texas caches a token of %s', async (_title, target, age, lifetime) => {
  const first = await token({ target })
  clock.advance(age)
  expect(await token({ target })).toEqual({ ...first, expires_in: lifetime - age })
  clock.advance(2)
  const later = await token({ target })
  expect(later.access_token).not.toBe(first.access_token)
  expect([later.expires_in, upstream()]).toEqual([lifetime, 2])
})

it('the token endpoint of Texas gets a new token for `skip_cache`, and caches the new token', async () => {
  const request = { target: SCOPE, resource: 'https://skip.example.no/' }
  const first = await token(request)
  const second = await token({ ...request, skip_cache: true })
  expect(second.access_token).not.toBe(first.access_token)
  expect(await token(request)).toEqual(second)
})

it('the token endpoint of Texas caches a separate token for each target and resource', async () => {
  await token({ target: 'nav:long', resource: 'https://a.example.no/' })
  await token({ target: 'nav:long', resource: 'https://b.example.no/' })
  await token({ target: 'nav:minute', resource: 'https://a.example.no/' })
  expect(upstream()).toBe(3)
})

it('the token endpoint of Texas sends one request to Maskinporten for 20 concurrent requests', async () => {
  const resource = 'https://together.example.no/'
  await Promise.all(Array.from({ length: 20 }, () => token({ target: SCOPE, resource })))
  expect(upstream()).toBe(1)
})

it('the token endpoint of Texas passes on Maskinporten’s refusal (status, description) without caching', async () => {
  const { status, body } = await post(TOKEN, { ...ASKED, target: 'nav:unknown' })
  expect(status).toBe(400)
  const description =
    /^Token request contains invalid scopes for client, nav:unknown\. .* \(trace_id: [0-9a-f]{32}\)$/
  expect(body).toEqual({ error: 'invalid_scope', error_description: expect.stringMatching(description) })
  await post(TOKEN, { ...ASKED, target: 'nav:unknown' })
  expect(upstream()).toBe(2)
})

it('the Texas token endpoint in the variables of a client issues tokens to that client', async () => {
  const client = await mock.addClient({ organisationNumber: '889640782', scopes: [SCOPE] })
  const { body } = await post(client.env['NAIS_TOKEN_ENDPOINT'], ASKED)
  const consumer = { ID: '0192:889640782' }
  expect(decodeJwt(body.access_token)).toMatchObject({ client_id: client.clientId, consumer })
})

it('Texas cannot sign for a client that manages its own key, and the client’s variables do not name Texas', async () => {
  const { n = '', e = '' } = mock.jwks().keys[0] ?? {}
  const client = await mock.addClient({ scopes: [SCOPE], jwk: { kty: 'RSA', kid: 'own', n, e } })
  expect(Object.keys(client.env).filter((name) => name.startsWith('NAIS_'))).toEqual([])
  const { status, body } = await post(`${mock.issuer}texas/${client.clientId}/api/v1/token`, ASKED)
  const failed = { error: 'server_error', error_description: 'Failed to sign assertion' }
  expect([status, body]).toEqual([500, failed])
})

it('the introspection endpoint of Texas answers with the claims of a valid token, after its own `active`', async () => {
  const given = await mock.issueToken({ scope: SCOPE, audience: 'https://api.example.no/' })
  expect((await introspect(given)).body).toEqual({ active: true, ...decodeJwt(given) })
  const { text } = await introspect(await mock.issueToken({ claims: { active: false } }))
  expect(text).toMatch(/^\{"active":true,.*"active":false/)
})
