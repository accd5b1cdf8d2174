import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createMaskinportenValidator, type MaskinportenValidator } from '@portvakt/core'
import { createMockMaskinporten, type IssueTokenOptions, type MockMaskinporten } from '@portvakt/mock'
import { createRemoteJWKSet, customFetch, decodeProtectedHeader, exportSPKI, importJWK, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { createApp } from '../../examples/two-issuers/src/app.js'
import { decideOnEither } from '../../examples/two-issuers/src/either.js'
import { entraIdFromEnvironment } from '../../examples/two-issuers/src/entra-id.js'
import {
  createInternalValidator,
  type InternalValidator,
} from '../../examples/two-issuers/src/internal-validator.js'
import { startPretendEntraId } from '../../examples/two-issuers/src/pretend-entra-id.js'
import { type Running, send, serve } from '../conformance/host.js'

const SCOPE = 'portvakt:vedtak.read'

let mock: MockMaskinporten
let entraId: Awaited<ReturnType<typeof startPretendEntraId>>
let maskinporten: MaskinportenValidator
let internal: InternalValidator
beforeAll(async () => {
  mock = await createMockMaskinporten()
  entraId = await startPretendEntraId()
  maskinporten = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
  internal = entraIdFromEnvironment(entraId.env)
})
afterAll(() => entraId.close())

const decide = (authorization: readonly string[], judge = internal) =>
  decideOnEither(authorization, maskinporten, SCOPE, judge)

/** Why a token is refused; undefined when it is let in. */
async function reasonFor(token: string, judge = internal): Promise<string | undefined> {
  const outcome = await decide([`Bearer ${token}`], judge)
  return outcome.allowed ? undefined : `${outcome.denial.status} ${outcome.denial.reason}`
}

/** Exactly what an internal token holds, under Maskinporten's signature. */
const likeInternal = (): IssueTokenOptions => ({
  scope: SCOPE,
  issuer: entraId.env.AZURE_OPENID_CONFIG_ISSUER,
  audience: entraId.env.AZURE_APP_CLIENT_ID,
  claims: { azp: 'a-client-of-ours', roles: ['access_as_application'] },
})

/** Exactly what Maskinporten's tokens hold, for Entra ID to sign. */
const likeMaskinporten = () => ({
  iss: mock.issuer,
  scope: SCOPE,
  consumer: { authority: 'iso6523-actorid-upis', ID: '0192:314330897' },
})

const keyOfMock = async () => String(decodeProtectedHeader(await mock.issueToken()).kid)

describe('a good token of either issuer is let in', () => {
  it('as an organisation', async () => {
    const outcome = await decide([`Bearer ${await mock.issueToken({ scope: SCOPE })}`])
    expect(outcome).toMatchObject({
      allowed: true,
      caller: { kind: 'organisation', token: { consumer: { organisationNumber: '314330897' } } },
    })
  })

  it('as an application of our own', async () => {
    const outcome = await decide([`Bearer ${await entraId.issueToken()}`])
    expect(outcome).toEqual({ allowed: true, caller: { kind: 'internal', application: 'a-client-of-ours' } })
  })
})

describe('a token that one signed and the other is named in is refused', () => {
  test.each<[string, () => Promise<string>, string]>([
    ['Maskinporten’s key', () => mock.issueToken(likeInternal()), '401 bad_signature'],
    [
      'Maskinporten’s key under the name of Entra ID’s',
      () => mock.issueToken({ ...likeInternal(), header: { kid: 'entra' } }),
      '401 bad_signature',
    ],
    ['Entra ID’s key', () => entraId.issueToken(likeMaskinporten()), '401 unknown_key'],
    [
      'Entra ID’s key under the name of Maskinporten’s',
      async () => entraId.issueToken(likeMaskinporten(), await keyOfMock()),
      '401 bad_signature',
    ],
    ['Entra ID’s key, and no issuer', () => entraId.issueToken({ iss: undefined }), '401 wrong_issuer'],
  ])('%s', async (_title, token, reason) => {
    expect(await reasonFor(await token())).toBe(reason)
  })
})

describe('an internal token is refused', () => {
  const past = Math.floor(Date.now() / 1000) - 3600
  test.each<[string, Record<string, unknown>, string]>([
    ['that has expired', { exp: past }, '401 expired'],
    ['that is for another API', { aud: 'another' }, '401 wrong_audience'],
    ['that never expires', { exp: undefined }, '401 malformed_token'],
    ['that names no application', { azp: undefined }, '401 malformed_token'],
    ['without the role', { roles: ['reader'] }, '403 not_authorized'],
    ['of a user, without roles', { roles: undefined }, '403 not_authorized'],
    [
      'whose role is text that contains the right one',
      { roles: 'access_as_application' },
      '403 not_authorized',
    ],
    [
      'with scopes and a consumer in place of the role',
      { ...organisation(), roles: [] },
      '403 not_authorized',
    ],
  ])('%s', async (_title, claims, reason) => {
    expect(await reasonFor(await entraId.issueToken(claims))).toBe(reason)
  })

  it('whose key is the public one, as a secret', async () => {
    const [jwk] = (await (await fetch(entraId.env.AZURE_OPENID_CONFIG_JWKS_URI)).json()).keys
    const publicKey = await importJWK({ ...jwk }, 'RS256', { extractable: true })
    if (publicKey instanceof Uint8Array) throw new Error('An RSA key is no secret')
    const token = await new SignJWT({ iss: entraId.env.AZURE_OPENID_CONFIG_ISSUER })
      .setProtectedHeader({ alg: 'HS256', kid: 'entra' })
      .sign(new TextEncoder().encode(await exportSPKI(publicKey)))
    expect(await reasonFor(token)).toBe('401 malformed_token')
  })

  it('without a signature', async () => {
    const payload = (await entraId.issueToken()).split('.')[1]
    const header = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')
    expect(await reasonFor(`${header}.${payload}.`)).toBe('401 malformed_token')
  })

  it('whose signature was changed', async () => {
    expect(await reasonFor(`${(await entraId.issueToken()).slice(0, -8)}AAAAAAAA`)).toBe('401 bad_signature')
  })
})

function organisation() {
  return { scope: SCOPE, consumer: { authority: 'iso6523-actorid-upis', ID: '0192:314330897' } }
}

describe('everything else gets the denial of Maskinporten’s validator', () => {
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  test.each<[string, () => readonly string[] | Promise<readonly string[]>]>([
    ['no credentials', () => []],
    ['another scheme', () => ['Basic dTpw']],
    ['the scheme alone', () => ['Bearer']],
    ['a word', () => ['Bearer abc']],
    ['three words', () => ['Bearer a.b.c']],
    ['claims that are a list', () => [`Bearer ${encoded({})}.${encoded([])}.x`]],
    ['claims that are null', () => [`Bearer ${encoded({})}.${encoded(null)}.x`]],
    ['a list of issuers', async () => [`Bearer ${await entraId.issueToken({ iss: [internal.issuer] })}`]],
    ['a third issuer', async () => [`Bearer ${await entraId.issueToken({ iss: 'https://evil.example/' })}`]],
    [
      'Entra ID’s name in capitals',
      async () => [`Bearer ${await entraId.issueToken({ iss: internal.issuer.toUpperCase() })}`],
    ],
    ['a good internal token, twice', async () => Array(2).fill(`Bearer ${await entraId.issueToken()}`)],
    [
      'two good tokens in one header',
      async () => [`Bearer ${await entraId.issueToken()}, Bearer ${await mock.issueToken({ scope: SCOPE })}`],
    ],
    ['a good internal token after a tab', async () => [`Bearer\t${await entraId.issueToken()}`]],
  ])('%s', async (_title, authorization) => {
    const values = await authorization()
    const outcome = await decide(values)
    expect(outcome.allowed).toBe(false)
    expect(outcome).toEqual(await maskinporten.decide(values, SCOPE))
  })
})

describe('an outage of the one issuer', () => {
  const failing = (fetch: () => Promise<Response>) =>
    createInternalValidator({
      issuer: internal.issuer,
      audience: entraId.env.AZURE_APP_CLIENT_ID,
      role: 'access_as_application',
      keys: createRemoteJWKSet(new URL('https://login.example/keys'), { [customFetch]: fetch }),
    })

  test.each<[string, () => Promise<Response>]>([
    ['nobody answers', () => Promise.reject(new TypeError('fetch failed'))],
    ['an error', async () => new Response('', { status: 500 })],
    ['no keys', async () => Response.json({})],
    ['no JSON', async () => new Response('<html>')],
  ])('is 503 for its callers, and nothing to the others: %s', async (_title, fetch) => {
    const judge = failing(fetch)
    const outcome = await decide([`Bearer ${await entraId.issueToken()}`], judge)
    expect(outcome).toMatchObject({
      allowed: false,
      denial: { status: 503, headers: { 'retry-after': '5' } },
    })
    expect(await reasonFor(await mock.issueToken({ scope: SCOPE }), judge)).toBeUndefined()
  })
})

describe('the app', () => {
  let running: Running
  beforeAll(async () => {
    running = await serve(createApp(maskinporten, internal))
  })
  afterAll(() => running.close())
  const get = (...tokens: string[]) =>
    send(
      running.port,
      'GET',
      '/vedtak',
      tokens.map((token) => ['Authorization', `Bearer ${token}`]),
    )

  it('tells its handler which kind of caller it has', async () => {
    expect((await get(await mock.issueToken({ scope: SCOPE }))).body).toBe('{"consumer":"314330897"}')
    expect((await get(await entraId.issueToken())).body).toBe('{"application":"a-client-of-ours"}')
  })

  it('refuses with status, challenge and caching of the one answer table', async () => {
    const answer = await get(await mock.issueToken(likeInternal()))
    expect(answer).toMatchObject({
      status: 401,
      headers: {
        'www-authenticate': 'Bearer realm="maskinporten", error="invalid_token"',
        'cache-control': 'no-store',
      },
    })
  })

  it('refuses two headers, each with a good token', async () => {
    const answer = await get(await entraId.issueToken(), await mock.issueToken({ scope: SCOPE }))
    expect(answer.status).toBe(400)
  })
})

it('a variable that is missing stops the start, by name', () => {
  const { AZURE_APP_CLIENT_ID: _, ...env } = entraId.env
  expect(() => entraIdFromEnvironment(env)).toThrow(/^AZURE_APP_CLIENT_ID is not set/)
})

it('the example runs', async () => {
  const main = fileURLToPath(new URL('../../examples/two-issuers/dist/main.js', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [main])
  expect(stdout.match(/ (200|401) /g)).toEqual([' 200 ', ' 200 ', ' 401 ', ' 401 '])
})
