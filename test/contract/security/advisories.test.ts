import { expect, it, test } from 'vitest'
import { READ } from '../conformance/api.js'
import { ATTACKS } from './attacks/index.js'
import { Forge, ISSUER, NOW } from './forge.js'
import { prepare } from './stage.js'
import { reasonFor as reasonOf } from './verdicts.js'

/**
 * Security advisories about other libraries. Portvakt must refuse the inputs that those libraries accepted.
 * Advisories about routes are in platform.deep.test.ts, advisories about time, requirements and removed keys
 * in scenarios.deep.test.ts, and advisories about options in core's tests of its options.
 */
const forge = new Forge()
const { known, other } = forge
const usual = await prepare(forge)
const AUDIENCE = 'https://api.example.no'

const reasonFor = (token: string, prepared = usual) => reasonOf(`Bearer ${token}`, prepared)

const secret = (alg: string, name: string) => `S02 an ${alg} token whose secret is ${name}`
const SPKI = 'the public key as SPKI in PEM'
const TWO_BILLION = 'S07 an encrypted token (PBES2 with two billion rounds)'

/** The attack that sends the request of each advisory. */
const SENT: readonly (readonly [advisory: string, attack: string])[] = [
  ['CVE-2021-29443 (jose)', 'S07 an encrypted token (RSA1_5)'],
  ['CVE-2022-36083 (jose)', TWO_BILLION],
  ['CVE-2024-28176 (jose)', 'S07 an encrypted token (a compressed payload)'],
  ['CVE-2023-52428 (Nimbus)', TWO_BILLION],
  ['CVE-2024-29371 (jose4j)', 'S07 an encrypted token (a compressed payload)'],
  ['CVE-2015-9235 (jsonwebtoken)', secret('HS256', SPKI)],
  ['GHSA-c7hr-j4mj-j2w6 (jsonwebtoken)', 'S01 a token whose alg is "none" and whose signature is empty'],
  ['CVE-2022-23539 (jsonwebtoken)', 'S03 the algorithm "ES256"'],
  ['CVE-2022-23539 (jsonwebtoken)', 'J03 a token signed by a key of 1,024 bits'],
  ['CVE-2022-23540 (jsonwebtoken)', 'S01 a token whose alg is "none" and whose signature is genuine'],
  ['CVE-2022-23541 (jsonwebtoken)', secret('HS512', SPKI)],
  ['CVE-2025-65945 (jws)', secret('HS256', 'an empty string')],
  ['CVE-2020-15084 (express-jwt)', secret('HS256', 'the modulus of the public key in base64url')],
  ['CVE-2023-48223 (fast-jwt)', secret('HS256', 'the public key in PEM without its last newline')],
  ['CVE-2026-34950 (fast-jwt)', secret('HS256', 'the public key in PEM after a newline')],
  ['CVE-2026-107722 (fast-jwt)', secret('HS256', 'the public key in PEM after some text')],
  ['CVE-2026-107724 (fast-jwt)', secret('HS256', 'the public key as a JWK')],
  ['CVE-2026-44351 (fast-jwt)', secret('HS384', 'an empty string')],
  ['CVE-2026-107719, GHSA-x937-hj6v-793p (fast-jwt)', 'C05 a token without iat'],
  ['CVE-2026-107720 (fast-jwt)', 'S05 a signature of three zero bytes'],
  ['CVE-2025-30144 (fast-jwt)', `C06 the non-string issuer ["https://evil.example/","${ISSUER}"]`],
  ['CVE-2026-107723 (fast-jwt)', 'S08 a signed payload that is an array of claims'],
  ['CVE-2026-35042 (fast-jwt)', 'S10 a token with crit ["foo"]'],
  ['CVE-2026-44459 (Hono)', 'C02 a token with exp 1e400'],
  ['CVE-2026-22817 (Hono)', secret('HS256', SPKI)],
  ['CVE-2026-22818 (Hono)', 'S04 a token whose supported alg differs from the alg of its key'],
  ['CVE-2025-53864 (Nimbus)', 'D02 signed claims with 2,000 arrays'],
  ['CVE-2026-89313 (gose)', 'S14 a token without kid, where only one key is published,'],
  ['passport-jwt#228', 'S01 a token whose alg is "none" and whose signature is empty'],
  ['koa-jwt#102', 'S03 the algorithm "PS256"'],
  ['GHSA-jc38-x7x8-2xc8 (web-token)', 'S09 a JWS in general JSON serialization with an unprotected header'],
  ['express-oauth2-jwt-bearer (Auth0)', 'H06 a token in the query'],
]

test.each(SENT)('the catalogue of attacks has the request of advisory %s: %s', (_advisory, attack) => {
  expect(ATTACKS.map(({ id, title }) => `${id} ${title}`)).toContain(attack)
})

it('CVE-2025-62610 (Hono): a token for another API is refused if an audience is configured', async () => {
  const bound = await prepare(forge, { options: { audience: AUDIENCE } })
  expect(await reasonFor(forge.token({ aud: 'https://other.example.no' }), bound)).toBe('wrong_audience')
  expect(await reasonFor(forge.token(), bound)).toBe('wrong_audience')
})

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

it('CVE-2026-35039, GHSA-rp9m-7r4c-75qg (fast-jwt): each cached token has its own claims', async () => {
  const { validator } = await prepare(forge)
  const ids = Array.from({ length: 50 }, (_, index) => `t${index}`)
  const tokens = ids.map((jti, index) => forge.token({ jti, padding: 'x'.repeat(index) }))
  for (const round of [1, 2]) {
    const verified = await Promise.all(tokens.map((token) => validator.verify(token, READ)))
    expect({ round, ids: verified.map(({ tokenId }) => tokenId) }).toEqual({ round, ids })
  }
})

it('CVE-2026-110024 (@fastify/jwt): the rule of a route does not remove the options of the validator', async () => {
  const { validator } = await prepare(forge, { options: { audience: AUDIENCE, maxTokenLifetime: 60 } })
  const long = validator.verify(forge.token(), { scope: READ })
  await expect(long).rejects.toMatchObject({ reason: 'lifetime_too_long' })
  const short = validator.verify(forge.token({ exp: NOW + 30 }), { scope: READ })
  await expect(short).rejects.toMatchObject({ reason: 'wrong_audience' })
})
