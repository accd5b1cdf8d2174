import type { MaskinportenReason } from '@portvakt/core'
import { JwtVerifier } from 'aws-jwt-verify'
import fc from 'fast-check'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it, test, vi } from 'vitest'
import { applied, claims, edits, headers, holds } from './arbitraries.js'
import { DIFFERENCES } from './differences.js'
import { Forge, ISSUER, NOW } from './forge.js'
import { prepare } from './stage.js'
import { verdictOn } from './verdicts.js'

const forge = new Forge()
const KEYS = { keys: [{ ...forge.known.jwk, use: 'sig' }] }
const usual = await prepare(forge)
beforeAll(() => {
  // aws-jwt-verify always reads the global clock.
  vi.useFakeTimers({ toFake: ['Date'], now: NOW * 1000 })
})
afterAll(() => vi.useRealTimers())

type Library = keyof typeof DIFFERENCES

const joseKeys = createLocalJWKSet(KEYS)
const aws = JwtVerifier.create({ issuer: ISSUER, audience: null, jwksUri: `${ISSUER}jwk`, graceSeconds: 10 })
aws.cacheJwks(KEYS)

/**
 * For each library, a function that verifies a token, with the strictest options that its documentation
 * describes.
 */
const LIBRARIES: Readonly<Record<Library, (token: string) => Promise<unknown>>> = {
  jose: (token) =>
    jwtVerify(token, joseKeys, {
      issuer: ISSUER,
      algorithms: ['RS256', 'RS384', 'RS512'],
      clockTolerance: 10,
      currentDate: new Date(NOW * 1000),
    }),
  'aws-jwt-verify': async (token) => aws.verifySync(token),
}
const NAMES = Object.keys(LIBRARIES) as Library[]

const accepts = (library: Library, token: string) =>
  LIBRARIES[library](token).then(
    () => true,
    () => false,
  )

const ownVerdict = (token: string) => verdictOn(token, usual)

/**
 * Both libraries must accept every token that Portvakt accepts. If a library accepts a token that Portvakt
 * refuses, differences.ts must explain the refusal reason.
 */
async function expectAgreement(token: string): Promise<void> {
  const own = await ownVerdict(token)
  for (const library of NAMES) {
    const others = await accepts(library, token)
    if (own === 'allowed') expect(others, `${library} refuses`).toBe(true)
    else if (others) expect(Object.keys(DIFFERENCES[library]), `${library} accepts`).toContain(own)
  }
}

const signed = forge.token()
const digests = fc.constantFrom('sha256', 'sha384', 'sha512')
describe('agreement with jose and aws-jwt-verify', () => {
  holds(
    'Portvakt, jose and aws-jwt-verify agree on valid tokens with random changes, except for explained differences',
    0.05,
    fc.asyncProperty(edits, (changes) => expectAgreement(applied(signed, changes))),
  )

  holds(
    'Portvakt, jose and aws-jwt-verify agree on tokens with random claims, except for explained differences',
    0.05,
    fc.asyncProperty(claims, (given) => expectAgreement(forge.raw(forge.header, given))),
  )

  holds(
    'Portvakt, jose and aws-jwt-verify agree on tokens with random headers, except for explained differences',
    0.05,
    fc.asyncProperty(headers(forge), digests, (given, digest) =>
      expectAgreement(forge.raw(given, forge.claims, forge.known, digest)),
    ),
  )
})

/**
 * Returns another last character, with which the signature still decodes to the same bytes. In base64url, the
 * last character of 256 encoded bytes has four unused bits.
 */
const nextSign = (last: string) => 'BRhx'.charAt('AQgw'.indexOf(last))

/** One token for each explained difference. The tests fail if an explanation is out of date. */
const EXAMPLES: readonly (readonly [Library, MaskinportenReason, () => string])[] = [
  ['jose', 'malformed_token', () => `${signed}==`],
  ['jose', 'unsupported_header', () => forge.token({}, { b64: true, crit: ['b64'] })],
  ['jose', 'wrong_type', () => forge.token({}, { typ: 'dpop+jwt' })],
  ['jose', 'missing_key_id', () => forge.token({}, { kid: undefined })],
  ['jose', 'missing_claim', () => forge.token({ exp: undefined })],
  ['jose', 'malformed_claims', () => forge.literal('exp', '1e400')],
  ['jose', 'sender_constrained', () => forge.token({ cnf: { jkt: 'x' } })],
  ['jose', 'issued_in_future', () => forge.token({ iat: NOW + 60 })],
  ['jose', 'lifetime_too_long', () => forge.token({ exp: 1e300 })],
  ['jose', 'time_in_milliseconds', () => forge.token({ exp: NOW * 1000 })],
  ['jose', 'insufficient_scope', () => forge.token({ scope: 'nav:other' })],
  ['jose', 'token_too_large', () => forge.token({ padding: 'x'.repeat(20_000) })],
  ['aws-jwt-verify', 'malformed_token', () => signed.slice(0, -1) + nextSign(signed.slice(-1))],
  ['aws-jwt-verify', 'unsupported_header', () => forge.token({}, { crit: ['unknown'], unknown: 1 })],
  ['aws-jwt-verify', 'wrong_type', () => forge.token({}, { typ: 'dpop+jwt' })],
  ['aws-jwt-verify', 'missing_claim', () => forge.token({ exp: undefined })],
  ['aws-jwt-verify', 'unsupported_algorithm', () => forge.token({}, { alg: 'ES256' })],
  ['aws-jwt-verify', 'malformed_claims', () => forge.token({ consumer: '0192:889640782' })],
  ['aws-jwt-verify', 'expired', () => forge.token({ exp: NOW - 10 })],
  ['aws-jwt-verify', 'sender_constrained', () => forge.token({ cnf: { jkt: 'x' } })],
  ['aws-jwt-verify', 'issued_in_future', () => forge.token({ iat: NOW + 60 })],
  ['aws-jwt-verify', 'lifetime_too_long', () => forge.token({ exp: 1e300 })],
  ['aws-jwt-verify', 'time_in_milliseconds', () => forge.token({ exp: NOW * 1000 })],
  ['aws-jwt-verify', 'insufficient_scope', () => forge.token({ scope: 'nav:other' })],
  ['aws-jwt-verify', 'token_too_large', () => forge.token({ padding: 'x'.repeat(20_000) })],
]

describe('explained differences', () => {
  test.each(EXAMPLES)('%s accepts a token that Portvakt refuses as %s', async (library, reason, token) => {
    expect(await ownVerdict(token())).toBe(reason)
    expect(await accepts(library, token())).toBe(true)
  })

  it('every explained difference from jose and aws-jwt-verify has an example token', () => {
    const explained = NAMES.flatMap((library) =>
      Object.keys(DIFFERENCES[library]).map((reason) => `${library} ${reason}`),
    )
    expect(EXAMPLES.map(([library, reason]) => `${library} ${reason}`).sort()).toEqual(explained.sort())
  })
})

it('Portvakt, jose and aws-jwt-verify accept the token from which the other tokens are derived', async () => {
  expect(await ownVerdict(signed)).toBe('allowed')
  expect(await Promise.all(NAMES.map((name) => accepts(name, signed)))).toEqual([true, true])
})
