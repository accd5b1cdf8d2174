import { createPublicKey, X509Certificate } from 'node:crypto'
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { beforeEach, expect, it } from 'vitest'
import {
  createMockMaskinporten,
  createTestClock,
  type IssueTokenOptions,
  type MockMaskinporten,
  type OrganisationClaim,
} from '../../src/index.js'

const PLATFORM = 'https://platform.tt02.altinn.no'
const EXCHANGE = '/authentication/api/v1/exchange/'
const METADATA = `${PLATFORM}/authentication/api/v1/openid/.well-known/openid-configuration`
const VENDOR = '991825827'

const clock = createTestClock()
let mock: MockMaskinporten
beforeEach(async () => {
  mock = await createMockMaskinporten({ clock })
})

/** Requests an exchange. Without a token, the request has no Authorization header. */
function exchange(token: string | undefined, path = 'maskinporten', init: RequestInit = {}) {
  const headers = new Headers(init.headers)
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  return mock.fetch(`${PLATFORM}${EXCHANGE}${path}`, { ...init, headers })
}

async function exchanged(options: IssueTokenOptions = {}, path?: string): Promise<string> {
  const response = await exchange(await mock.issueToken(options), path)
  expect(response.status).toBe(200)
  return response.text()
}

const claimsOf = async (options: IssueTokenOptions, path?: string) =>
  decodeJwt(await exchanged(options, path))

it('an exchanged token has Altinn’s claims, and Maskinporten’s claims except `aud` and `client_amr`', async () => {
  const token = await mock.issueToken({ consumer: VENDOR, audience: 'https://a.no', supplier: '889640782' })
  const { aud: _aud, client_amr: _clientAmr, ...claims } = decodeJwt(token)
  const now = clock.now() / 1000
  expect(decodeJwt(await (await exchange(token)).text())).toEqual({
    ...claims,
    ...{ iss: `${PLATFORM}/authentication/api/v1/openid/`, iat: now, nbf: now, exp: now + 1800 },
    ...{ sid: expect.stringMatching(/^[0-9a-f-]{36}$/), 'urn:altinn:orgNumber': VENDOR },
    ...{ 'urn:altinn:authenticatemethod': 'maskinporten', 'urn:altinn:authlevel': 3 },
  })
})

it('an exchanged token can be verified with the issuer and the key in Altinn’s metadata', async () => {
  const token = await exchanged()
  const { issuer, jwks_uri: jwksUri } = await (await mock.fetch(METADATA)).json()
  const { keys } = await (await mock.fetch(jwksUri)).json()
  const options = { issuer, currentDate: new Date(clock.now()) }
  await expect(jwtVerify(token, createLocalJWKSet({ keys }), options)).resolves.toBeDefined()
  const [{ n, e, kty, x5c, ...rest }] = keys
  const { fingerprint, publicKey } = new X509Certificate(Buffer.from(x5c[0], 'base64'))
  // The SHA-1 of the certificate.
  const kid = fingerprint.replaceAll(':', '')
  const x5t = Buffer.from(kid, 'hex').toString('base64url')
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'RS256', typ: 'JWT', kid, x5t })
  expect(rest).toEqual({ kid, use: 'sig' })
  expect(createPublicKey({ key: { kty, n, e }, format: 'jwk' }).equals(publicKey)).toBe(true)
  expect([n, e]).toEqual([expect.stringMatching(/^[A-Za-z0-9+/]{342}==$/), 'AQAB'])
})

it('an exchange turns a list of one entry in `authorization_details` into an object, and keeps a longer list', async () => {
  const systemUser = mock.addSystemUser({ vendor: VENDOR, customer: '314168267' })
  const detailsOf = async (...authorizationDetails: object[]) =>
    (await claimsOf({ consumer: VENDOR, authorizationDetails }))['authorization_details']
  expect(await detailsOf(systemUser)).toEqual(systemUser)
  expect(await detailsOf(systemUser, { type: 'x' })).toEqual([systemUser, { type: 'x' }])
})

it.each<[string, string | undefined, string, string, string]>([
  ['Digdir', 'digdir', VENDOR, 'altinn:serviceowner/instances.read', ''],
  ['Digdir in a test', 'ttd', VENDOR, 'altinn:serviceowner', '?test=true'],
  ['another service owner in a test', 'nav', '889640782', 'a:b altinn:serviceowner', '?test=true'],
  ['a service owner with another scope', undefined, VENDOR, 'altinn:instances.read', ''],
  ['another organisation', undefined, '314330897', 'altinn:serviceowner', ''],
])('the exchanged token of %s has the `urn:altinn:org` %s', async (_title, org, consumer, scope, query) => {
  mock.addServiceOwner({ organisationNumber: VENDOR, org: 'digdir' })
  mock.addServiceOwner({ organisationNumber: '889640782', org: 'nav' })
  expect((await claimsOf({ consumer, scope }, `maskinporten${query}`))['urn:altinn:org']).toBe(org)
})

it.each([
  [undefined, 'text'],
  ['application/json, text/plain, */*', 'text'],
  ['text/plain, application/json', 'text'],
  ['Application/JSON;q=0.9, text/html', 'json'],
])('with `Accept: %s`, an exchanged token is sent as %s', async (accept, form) => {
  const headers = accept === undefined ? {} : { accept }
  const response = await exchange(await mock.issueToken(), 'maskinporten', { headers })
  const type = form === 'json' ? /^application\/json/ : /^text\/plain; ?charset=utf-8$/i
  expect(response.headers.get('content-type')).toMatch(type)
  const body = await response.text()
  expect(decodeJwt(form === 'json' ? JSON.parse(body) : body)).toHaveProperty('urn:altinn:orgNumber')
})

it('an exchange accepts the provider’s name in any case, any scope, any ICD, and a token that expired 9 s ago', async () => {
  const consumer = { authority: 'iso6523-actorid-upis', ID: `9908:${VENDOR}` }
  const claims = await claimsOf({ consumer, scope: 'a:b', expiresIn: -9 }, 'Maskinporten')
  expect(claims).toMatchObject({ consumer, 'urn:altinn:orgNumber': VENDOR })
})

it('an exchange accepts a token signed by the previous key while that key is still published', async () => {
  const token = await mock.issueToken()
  await mock.rotateKeys()
  expect((await exchange(token)).status).toBe(200)
  await mock.rotateKeys({ keepOld: false })
  expect((await exchange(token)).status).toBe(401)
})

const problem = (status: number, title: string) => ({
  ...{ type: expect.stringMatching(/^https:/), title, status },
  traceId: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/),
})

const tokenOf = (consumer: OrganisationClaim) => mock.issueToken({ consumer })
it.each<[string, () => Promise<string>, string?]>([
  ['text that is not a JWS', async () => 'a.b'],
  ['a token that expired 11 s ago', () => mock.issueToken({ expiresIn: -11 })],
  ['a token without an expiry', () => mock.issueToken({ claims: { exp: undefined } })],
  ['a token of another environment', () => mock.issueToken({ issuer: 'https://maskinporten.no/' })],
  ['a token without an issuer', () => mock.issueToken({ claims: { iss: undefined } })],
  ['a token without a consumer', () => mock.issueToken({ claims: { consumer: undefined } })],
  ['a consumer of another register', () => tokenOf({ authority: 'x', ID: `0192:${VENDOR}` })],
  ['a consumer without a number', () => tokenOf({ authority: 'iso6523-actorid-upis', ID: '0192' })],
  ['a token with a changed signature', async () => `${(await mock.issueToken()).slice(0, -8)}AAAAAAAA`],
  ['an unsigned token', () => mock.badToken('alg-none')],
  ['a token of another mock', async () => (await createMockMaskinporten({ clock })).issueToken()],
  ['a Maskinporten token at the path of Id-porten', () => mock.issueToken(), 'id-porten'],
  ['a Maskinporten token at the path of Altinn Studio', () => mock.issueToken(), 'altinnstudio'],
])('the exchange refuses %s with 401 and a problem document without a reason', async (_, token, path) => {
  const response = await exchange(await token(), path)
  expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, null])
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  expect(await response.json()).toEqual(problem(401, 'Unauthorized'))
})

it('for an unknown provider, the exchange answers 400 to a valid token and 401 to an unreadable token', async () => {
  const response = await exchange(await mock.issueToken(), 'x')
  expect([response.status, await response.text()]).toEqual([
    400,
    "Invalid token provider: x. Trusted token providers are 'Maskinporten', 'Id-porten' and 'AltinnStudio'.",
  ])
  expect((await exchange('x', 'x')).status).toBe(401)
})

it('the exchange answers 410 to an enterprise user with a valid token, and 401 without a token', async () => {
  const init = { headers: { 'X-Altinn-EnterpriseUser-Authentication': 'dTpw' } }
  const response = await exchange(await mock.issueToken(), 'maskinporten', init)
  expect(response.status).toBe(410)
  expect(await response.json()).toEqual(problem(410, 'Virksomhetsbruker is no longer available'))
  expect((await exchange(undefined, 'maskinporten', init)).status).toBe(401)
})

it('the exchange answers 405 to methods other than GET', async () => {
  const response = await exchange(await mock.issueToken(), 'maskinporten', { method: 'POST' })
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET'])
})

it('faults at the path of the exchange apply to exchanges, and `received` lists each exchange', async () => {
  mock.addFault(`${EXCHANGE}maskinporten`, { status: 503 }, { times: 1 })
  const token = await mock.issueToken()
  expect((await exchange(token)).status).toBe(503)
  expect((await exchange(token)).status).toBe(200)
  expect(mock.received).toMatchObject([{ status: 503, isFaulty: true }, { path: `${EXCHANGE}maskinporten` }])
})

it.each([
  ['https://maskinporten.no/', 'https://platform.altinn.no'],
  ['https://issuer.example/', 'https://issuer.example'],
])('if a mock’s issuer is %s, the issuer of its exchanged tokens is under %s', async (issuer, platform) => {
  mock = await createMockMaskinporten({ clock, issuer })
  expect((await claimsOf({})).iss).toBe(`${platform}/authentication/api/v1/openid/`)
})

it.each([
  [{ organisationNumber: '1', org: 'nav' }, /`organisationNumber`/],
  [{ organisationNumber: VENDOR, org: 'NAV' }, /`org` must be the short name/],
  [{ organisationNumber: VENDOR }, /`org` must be the short name/],
  [{ organisationNumber: VENDOR, name: 'nav' }, /no option `name`/],
])('addServiceOwner refuses %j', (owner, message) => {
  expect(() => mock.addServiceOwner(owner as never)).toThrow(message)
})
