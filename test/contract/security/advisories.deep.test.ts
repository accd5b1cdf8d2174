import { readdirSync, readFileSync } from 'node:fs'
import {
  createMaskinportenValidator,
  type MaskinportenReason,
  type MaskinportenValidatorOptions,
} from '@portvakt/core'
import { describe, expect, it, test } from 'vitest'
import { READ } from '../conformance/api.js'
import { HOSTS } from '../conformance/hosts.js'
import { expectAnswer } from './answers.js'
import { serveHost } from './arena.js'
import { createKey, encode, Forge, ISSUER, NOW } from './forge.js'
import { prepare } from './stage.js'
import { reasonFor as reasonOf } from './verdicts.js'

/**
 * Security advisories about other libraries. Portvakt must refuse the inputs that those libraries accepted.
 */
const forge = new Forge()
const { header, claims, known, other, bystander } = forge
const usual = await prepare(forge)
const AUDIENCE = 'https://api.example.no'
const SPKI = known.publicKey.export({ type: 'spki', format: 'pem' }).toString()

const reasonFor = (token: string, prepared = usual) => reasonOf(`Bearer ${token}`, prepared)
const jwe = (own: object) => `${encode({ kid: 'known-key', ...own })}.AAAA.AAAA.AAAA.AAAA`

describe('advisories about tokens', () => {
  test.each<[string, MaskinportenReason, string]>([
    ['CVE-2021-29443 (jose)', 'malformed_token', jwe({ alg: 'dir', enc: 'A128CBC-HS256' })],
    ['CVE-2022-36083 (jose)', 'malformed_token', jwe({ alg: 'PBES2-HS256+A128KW', p2c: 2 ** 31 })],
    ['CVE-2024-28176 (jose)', 'malformed_token', jwe({ alg: 'dir', enc: 'A256GCM', zip: 'DEF' })],
    ['CVE-2023-52428 (Nimbus)', 'malformed_token', jwe({ alg: 'PBES2-HS512+A256KW', p2c: 2 ** 31 })],
    ['CVE-2024-29371 (jose4j)', 'malformed_token', jwe({ alg: 'RSA-OAEP', enc: 'A256GCM', zip: 'DEF' })],
    ['CVE-2015-9235 (jsonwebtoken)', 'unsupported_algorithm', forge.mac('HS256', SPKI)],
    ['GHSA-c7hr-j4mj-j2w6 (jsonwebtoken)', 'malformed_token', forge.unsigned({ ...header, alg: 'none' })],
    ['CVE-2022-23539 (jsonwebtoken)', 'unsupported_algorithm', forge.token({}, { alg: 'ES256' })],
    ['CVE-2022-23540 (jsonwebtoken)', 'unsupported_algorithm', forge.token({}, { alg: 'none' })],
    ['CVE-2022-23541 (jsonwebtoken)', 'unsupported_algorithm', forge.mac('HS512', SPKI)],
    ['CVE-2025-65945 (jws)', 'unsupported_algorithm', forge.mac('HS256', '')],
    ['CVE-2020-15084 (express-jwt)', 'unsupported_algorithm', forge.mac('HS256', known.jwk.n)],
    ['CVE-2023-48223 (fast-jwt)', 'unsupported_algorithm', forge.mac('HS256', SPKI.trim())],
    ['CVE-2026-34950 (fast-jwt)', 'unsupported_algorithm', forge.mac('HS256', `\n${SPKI}`)],
    ['CVE-2026-107722 (fast-jwt)', 'unsupported_algorithm', forge.mac('HS256', `x\n${SPKI}`)],
    ['CVE-2026-107724 (fast-jwt)', 'unsupported_algorithm', forge.mac('HS256', JSON.stringify(known.jwk))],
    ['CVE-2026-44351 (fast-jwt)', 'unsupported_algorithm', forge.mac('HS384', '')],
    ['CVE-2026-107720 (fast-jwt)', 'bad_signature', forge.unsigned(header, 'AAAA')],
    [
      'CVE-2025-30144 (fast-jwt)',
      'malformed_claims',
      forge.token({ iss: ['https://evil.example/', ISSUER] }),
    ],
    ['CVE-2026-107723 (fast-jwt)', 'malformed_token', forge.raw(header, JSON.stringify([claims]))],
    ['CVE-2026-35042 (fast-jwt)', 'unsupported_header', forge.token({}, { crit: ['unknown'], unknown: 1 })],
    ['CVE-2026-44459 (Hono)', 'malformed_claims', forge.literal('exp', '1e400')],
    ['CVE-2026-22817 (Hono)', 'unsupported_algorithm', forge.mac('HS256', SPKI)],
    [
      'CVE-2025-53864 (Nimbus)',
      'malformed_token',
      forge.literal('deep', `${'['.repeat(4000)}${']'.repeat(4000)}`),
    ],
    ['CVE-2026-89313 (gose)', 'missing_key_id', forge.token({}, { kid: undefined })],
    ['passport-jwt#228 (passport-jwt)', 'malformed_token', forge.unsigned({ alg: 'none', typ: 'JWT' })],
    ['koa-jwt#102 (koa-jwt)', 'unsupported_algorithm', forge.token({}, { alg: 'PS256' })],
  ])('the token from advisory %s is refused', async (_id, reason, token) => {
    expect(await reasonFor(token)).toBe(reason)
  })

  it('GHSA-jc38-x7x8-2xc8 (web-token): an unprotected header cannot name the algorithm', async () => {
    const [, payload, signature] = forge.parts()
    const token = JSON.stringify({ payload, signature, header })
    await expect(usual.validator.verify(token, READ)).rejects.toMatchObject({ reason: 'token_response' })
  })

  it('CVE-2026-22818 (Hono): a key with an alg does not verify tokens with another alg', async () => {
    const named = await prepare(forge, { keys: { keys: [{ ...known.jwk, alg: 'RS512' }] } })
    expect(await reasonFor(forge.token(), named)).toBe('unsupported_algorithm')
  })

  it('CVE-2025-62610 (Hono): a token for another API is refused if an audience is configured', async () => {
    const bound = await prepare(forge, { options: { audience: AUDIENCE } })
    expect(await reasonFor(forge.token({ aud: 'https://other.example.no' }), bound)).toBe('wrong_audience')
    expect(await reasonFor(forge.token(), bound)).toBe('wrong_audience')
  })
})

describe('advisories about keys', () => {
  it('CVE-2025-59936 (get-jwks): the issuer in a token never becomes part of a URL', async () => {
    const prepared = await prepare(forge)
    const before = prepared.fetches()
    const others = [`${ISSUER}:kid`, `RS256:${ISSUER}`, 'https://evil.example/', `${ISSUER}#`, `${ISSUER}\0`]
    for (const iss of others) {
      const token = forge.forged({ kid: `a:${iss.slice(0, 9)}` }, { iss })
      expect(await reasonFor(token, prepared)).toBe('wrong_issuer')
    }
    expect(prepared.fetches()).toBe(before)
  })

  it.each(['CVE-2026-50202 (Steeltoe)', 'CVE-2026-49998 (Centrifugo)'])(
    '%s: keys of two issuers with the same kid are kept apart',
    async () => {
      const jwks = { keys: [{ ...other.jwk, kid: known.jwk.kid }] }
      const elsewhere = await prepare(forge, { options: { issuer: 'https://other.example.no/', jwks } })
      expect(await reasonFor(forge.token())).toBe('allowed')
      expect(await reasonFor(forge.token(), elsewhere)).toBe('bad_signature')
      expect(await reasonFor(forge.forged({}, { iss: 'https://other.example.no/' }))).toBe('bad_signature')
    },
  )

  it('CVE-2025-22149 (jwkset): a key that the last fetched key set lacks is no longer used', async () => {
    const prepared = await prepare(forge)
    prepared.publish({ keys: [bystander.jwk] })
    expect(await reasonFor(forge.token({}, { kid: 'invented' }), prepared)).toBe('unknown_key')
    expect(await reasonFor(forge.token(), prepared)).toBe('unknown_key')
  })

  it('CVE-2022-23539 (jsonwebtoken): a key of 1,024 bits is not used', async () => {
    const short = createKey('known-key', 1024)
    const weak = await prepare(forge, { keys: { keys: [short.jwk, bystander.jwk] } })
    expect(await reasonFor(forge.raw(header, claims, short), weak)).toBe('unusable_key')
  })
})

describe('advisories about caches', () => {
  it('CVE-2026-107719, GHSA-x937-hj6v-793p (fast-jwt): a cached token is refused after its expiry', async () => {
    const prepared = await prepare(forge)
    expect(await reasonFor(forge.token({ iat: undefined }), prepared)).toBe('missing_claim')
    const token = forge.token()
    expect(await reasonFor(token, prepared)).toBe('allowed')
    prepared.clock.advance(130)
    expect(await reasonFor(token, prepared)).toBe('expired')
  })

  it('CVE-2026-35039, GHSA-rp9m-7r4c-75qg (fast-jwt): each cached token has its own claims', async () => {
    const { validator } = await prepare(forge)
    const ids = Array.from({ length: 50 }, (_, index) => `t${index}`)
    const tokens = ids.map((jti, index) => forge.token({ jti, padding: 'x'.repeat(index) }))
    for (const round of [1, 2]) {
      const verified = await Promise.all(tokens.map((token) => validator.verify(token, READ)))
      expect({ round, ids: verified.map(({ tokenId }) => tokenId) }).toEqual({ round, ids })
    }
  })

  it('lua-resty-openidc 1.9.0: a stricter requirement refuses a cached token', async () => {
    const { validator } = await prepare(forge)
    const token = forge.token()
    await expect(validator.verify(token, READ)).resolves.toBeDefined()
    const forAudience = validator.verify(token, { scope: READ, audience: AUDIENCE })
    await expect(forAudience).rejects.toMatchObject({ reason: 'wrong_audience' })
    const forOthers = validator.verify(token, { scope: READ, consumers: ['974761076'] })
    await expect(forOthers).rejects.toMatchObject({ reason: 'consumer_not_allowed' })
  })
})

describe('advisories about options', () => {
  test.each<[string, string, object]>([
    ['CVE-2026-107721', 'an infinite clockTolerance', { clockTolerance: Number.POSITIVE_INFINITY }],
    ['CVE-2026-107721', 'a clockTolerance of NaN', { clockTolerance: Number.NaN }],
    ['CVE-2026-107275', 'a maxTokenLifetime that is a string', { maxTokenLifetime: '1 dya' }],
    ['CVE-2026-107275', 'a clockTolerance that is a string', { clockTolerance: '10s' }],
    ['CVE-2026-35040', 'a stateful regular expression as audience', { audience: /api/g }],
    ['CVE-2026-35041', 'a regular expression with exponential time as issuer', { issuer: /^(a+)+$/ }],
    ['CVE-2026-110024', 'an unknown option', { allowedIss: ISSUER }],
    ['CVE-2022-23540', 'the algorithm none', { algorithms: ['none'] }],
    ['CVE-2022-23540', 'an empty list of algorithms', { algorithms: [] }],
    ['CVE-2022-23541', 'a list of algorithms that includes HS256', { algorithms: ['RS256', 'HS256'] }],
    ['CVE-2022-23529', 'a key with toString', { jwks: { keys: [{ toString: () => 'x' }] } }],
    ['CVE-2020-15084', 'the value undefined for algorithms', { algorithms: undefined }],
    ['CVE-2022-23539', 'a static set with only a short key', { jwks: { keys: [createKey('k', 1024).jwk] } }],
  ])('%s: %s throws when the validator is created', (_id, _title, options) => {
    const given = { issuer: ISSUER, ...options } as MaskinportenValidatorOptions
    expect(() => createMaskinportenValidator(given)).toThrow(TypeError)
  })

  it('CVE-2026-110024 (@fastify/jwt): the rule of a route does not remove the options of the validator', async () => {
    const { validator } = await prepare(forge, { options: { audience: AUDIENCE, maxTokenLifetime: 60 } })
    const long = validator.verify(forge.token(), { scope: READ })
    await expect(long).rejects.toMatchObject({ reason: 'lifetime_too_long' })
    const short = validator.verify(forge.token({ exp: NOW + 30 }), { scope: READ })
    await expect(short).rejects.toMatchObject({ reason: 'wrong_audience' })
  })
})

it('GHSA-58f5-hfqc-jgch, GHSA-jv3g-j58f-9mq9 (jose): core imports no decryption', () => {
  const folder = new URL('../../../packages/core/src/', import.meta.url)
  const IMPORT = /import (?:type )?\{[^}]*\} from 'jose'/g
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const imports = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => readFileSync(new URL(file, folder), 'utf8').match(IMPORT) ?? [])
  expect(imports.join()).toContain('importJWK')
  expect(imports.join()).not.toMatch(/decrypt|encrypt|flattened|general|embedded|remote|unsecured/i)
})

/** Paths that a router and a guard read differently. In these advisories, the route ran without its guard. */
const ROUTES: readonly (readonly [id: string, targets: readonly string[]])[] = [
  ['CVE-2025-69211', ['/%72ead', '/rea%64', '/router/%72ead']],
  ['CVE-2026-2293', ['//read', '/read/', '/READ', '/read;x=1', '/mounted//read']],
  ['CVE-2026-2880', ['/read%2f', '/./read', '/x/../read', '/read//', '//mounted/read']],
  ['CVE-2026-33808', ['//localhost/read', '/read;', '/router;x/read', '/read%3b']],
  ['CVE-2026-112362', ['http://localhost/read', '/read?x', '/read%00', '/mounted/%2e/read']],
  ['CVE-2026-112712', ['/read%20', '/read%09', '/mounted%2fread', '/router/../read']],
]

describe.each(HOSTS)('advisories about routes on $name', (host) => {
  const send = serveHost(host, forge, usual)

  test.each(ROUTES)(
    '%s: no form of a guarded path runs its handler without a token',
    async (_id, targets) => {
      for (const target of targets) {
        for (const method of ['GET', 'HEAD', 'OPTIONS'])
          expect(await send({ method, target })).toMatchObject({ handled: 0 })
      }
    },
  )

  test('the HEAD bypass in NestJS on Fastify: a HEAD request without a token gets 401', async () => {
    const { answer, handled } = await send({ method: 'HEAD' })
    expect({ status: answer.status, handled }).toEqual({ status: 401, handled: 0 })
  })

  test('express-oauth2-jwt-bearer of Auth0: the guard does not read a token in the query', async () => {
    const { answer } = await send({ target: `/read?access_token=${forge.token()}` })
    expectAnswer(answer, 'no_credentials')
  })
})
