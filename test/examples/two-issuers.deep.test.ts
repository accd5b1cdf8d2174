import { createPublicKey } from 'node:crypto'
import { createMaskinportenValidator } from '@portvakt/core'
import { createMockMaskinporten } from '@portvakt/mock'
import { createRemoteJWKSet, customFetch, decodeProtectedHeader, SignJWT } from 'jose'
import { afterAll, describe, expect, it, test } from 'vitest'
import { createApp } from '../../examples/two-issuers/src/app.js'
import { decideOnEither } from '../../examples/two-issuers/src/either.js'
import { entraIdFromEnvironment } from '../../examples/two-issuers/src/entra-id.js'
import { createInternalValidator } from '../../examples/two-issuers/src/internal-validator.js'
import { startPretendEntraId } from '../../examples/two-issuers/src/pretend-entra-id.js'
import { send, serve } from '../contract/conformance/host.js'

const SCOPE = 'portvakt:vedtak.read'

const mock = await createMockMaskinporten()
const entraId = await startPretendEntraId()
afterAll(() => entraId.close())
const maskinporten = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
const internal = entraIdFromEnvironment(entraId.env)

const decide = (authorization: readonly string[], judge = internal) =>
  decideOnEither(authorization, maskinporten, SCOPE, judge)

/** Status and reason if the token is refused; undefined if it is allowed. */
async function reasonFor(token: string, judge = internal): Promise<string | undefined> {
  const outcome = await decide([`Bearer ${token}`], judge)
  return outcome.allowed ? undefined : `${outcome.denial.status} ${outcome.denial.reason}`
}

/** Claims like those of Entra ID's internal tokens, for a token that Maskinporten signs. */
const LIKE_INTERNAL = {
  scope: SCOPE,
  issuer: entraId.env.AZURE_OPENID_CONFIG_ISSUER,
  audience: entraId.env.AZURE_APP_CLIENT_ID,
  claims: { azp: 'a-client-of-ours', roles: ['access_as_application'] },
}

/** Claims like those of a Maskinporten token, for a token that Entra ID signs. */
const LIKE_MASKINPORTEN = {
  iss: mock.issuer,
  scope: SCOPE,
  consumer: { authority: 'iso6523-actorid-upis', ID: '0192:314330897' },
}

// On a slow machine, the tests of this file can take longer than the default lifetime.
const fromMaskinporten = await mock.issueToken({ scope: SCOPE, expiresIn: 3600 })
const fromEntraId = await entraId.issueToken()
const { kid = '' } = decodeProtectedHeader(fromMaskinporten)

describe('tokens with the claims of one issuer and the signature of the other', () => {
  const likeInternal = mock.issueToken(LIKE_INTERNAL)
  const kidOfEntraId = mock.issueToken({ ...LIKE_INTERNAL, header: { kid: 'entra' } })
  const likeMaskinporten = entraId.issueToken(LIKE_MASKINPORTEN)
  const kidOfMaskinporten = entraId.issueToken(LIKE_MASKINPORTEN, kid)
  test.each([
    ['an internal token signed by Maskinporten', likeInternal, 'bad_signature'],
    ['an internal token signed by Maskinporten, with Entra ID’s kid,', kidOfEntraId, 'bad_signature'],
    ['a Maskinporten token signed by Entra ID', likeMaskinporten, 'unknown_key'],
    ['a Maskinporten token signed by Entra ID, with Maskinporten’s kid,', kidOfMaskinporten, 'bad_signature'],
    ['a token without an issuer', entraId.issueToken({ iss: undefined }), 'wrong_issuer'],
  ])('%s is refused', async (_title, token, reason) => {
    expect(await reasonFor(await token)).toBe(`401 ${reason}`)
  })
})

describe('invalid internal tokens', () => {
  const past = Math.floor(Date.now() / 1000) - 3600
  test.each<[string, Record<string, unknown>, string]>([
    ['that has expired', { exp: past }, '401 expired'],
    ['for another API', { aud: 'another' }, '401 wrong_audience'],
    ['without exp', { exp: undefined }, '401 malformed_token'],
    ['without an application', { azp: undefined }, '401 malformed_token'],
    ['without the role', { roles: ['reader'] }, '403 not_authorized'],
    ['of a user, without roles', { roles: undefined }, '403 not_authorized'],
    ['with the role as a string', { roles: 'access_as_application' }, '403 not_authorized'],
  ])('an internal token (of Entra ID) %s is refused', async (_title, claims, reason) => {
    expect(await reasonFor(await entraId.issueToken(claims))).toBe(reason)
  })

  it('an internal token signed by HMAC with the public key is refused', async () => {
    const [jwk] = (await (await fetch(entraId.env.AZURE_OPENID_CONFIG_JWKS_URI)).json()).keys
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
    const token = await new SignJWT({ iss: entraId.env.AZURE_OPENID_CONFIG_ISSUER })
      .setProtectedHeader({ alg: 'HS256', kid: 'entra' })
      .sign(Buffer.from(publicKey))
    expect(await reasonFor(token)).toBe('401 malformed_token')
  })

  it('an internal token without a signature is refused', async () => {
    const payload = fromEntraId.split('.')[1]
    const header = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')
    expect(await reasonFor(`${header}.${payload}.`)).toBe('401 malformed_token')
  })
})

describe('other requests', async () => {
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const withIssuer = async (iss: unknown) => [`Bearer ${await entraId.issueToken({ iss })}`]
  test.each<[string, readonly string[]]>([
    ['a request without credentials', []],
    ['a scheme without a token', ['Bearer']],
    ['a word in place of a token', ['Bearer abc']],
    ['claims that are null', [`Bearer ${encoded({})}.${encoded(null)}.x`]],
    ['a list of issuers', await withIssuer([internal.issuer])],
    ['a third issuer', await withIssuer('https://evil.example/')],
    ['Entra ID’s issuer in capitals', await withIssuer(internal.issuer.toUpperCase())],
    ['a repeated internal token', [`Bearer ${fromEntraId}`, `Bearer ${fromEntraId}`]],
    ['a header with two valid tokens', [`Bearer ${fromEntraId}, Bearer ${fromMaskinporten}`]],
    ['an internal token after a tab', [`Bearer\t${fromEntraId}`]],
  ])('%s gets the denial of Maskinporten’s validator', async (_title, authorization) => {
    const outcome = await decide(authorization)
    expect(outcome.allowed).toBe(false)
    expect(outcome).toEqual(await maskinporten.decide(authorization, SCOPE))
  })
})

describe('an outage of one issuer', () => {
  const failing = (fetch: () => Promise<Response>) =>
    createInternalValidator({
      issuer: internal.issuer,
      audience: entraId.env.AZURE_APP_CLIENT_ID,
      role: 'access_as_application',
      keys: createRemoteJWKSet(new URL('https://login.example/keys'), { [customFetch]: fetch }),
    })

  test.each<[string, () => Promise<Response>]>([
    ['no answer', () => Promise.reject(new TypeError('fetch failed'))],
    ['invalid JSON', async () => new Response('<html>')],
  ])('if Entra ID is down (%s), its tokens get 503; Maskinporten’s are allowed', async (_title, fetch) => {
    const judge = failing(fetch)
    const denial = { status: 503, headers: { 'retry-after': '5' } }
    expect(await decide([`Bearer ${fromEntraId}`], judge)).toMatchObject({ allowed: false, denial })
    expect(await reasonFor(fromMaskinporten, judge)).toBeUndefined()
  })
})

describe('the app of two-issuers', async () => {
  const running = await serve(createApp(maskinporten, internal))
  afterAll(() => running.close())
  const get = (...tokens: string[]) => {
    const headers = tokens.map((token) => ['Authorization', `Bearer ${token}`] as const)
    return send(running.port, 'GET', '/vedtak', headers)
  }

  it('the two-issuers app allows valid tokens of both issuers, and its handler gets the kind of caller', async () => {
    expect(await get(fromMaskinporten)).toMatchObject({ status: 200, body: '{"consumer":"314330897"}' })
    expect(await get(fromEntraId)).toMatchObject({ status: 200, body: '{"application":"a-client-of-ours"}' })
  })

  it('a refusal of the two-issuers app has status, challenge and caching headers as in the answer table', async () => {
    const answer = await get(await mock.issueToken(LIKE_INTERNAL))
    const challenge = 'Bearer realm="maskinporten", error="invalid_token"'
    const headers = { 'www-authenticate': challenge, 'cache-control': 'no-store' }
    expect(answer).toMatchObject({ status: 401, headers })
  })

  it('a request with two valid Authorization headers is refused', async () => {
    expect((await get(fromEntraId, fromMaskinporten)).status).toBe(400)
  })
})

it('the two-issuers app does not start if a variable is missing, and the error names the variable', () => {
  const { AZURE_APP_CLIENT_ID: _, ...env } = entraId.env
  expect(() => entraIdFromEnvironment(env)).toThrow(/^AZURE_APP_CLIENT_ID is not set/)
})
