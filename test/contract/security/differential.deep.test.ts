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

/** A token for each explained refusal reason. */
const EXAMPLES: Partial<Record<MaskinportenReason, string>> = {
  // In base64url, the last character of 256 encoded bytes has four unused bits.
  malformed_token: signed.slice(0, -1) + 'BRhx'.charAt('AQgw'.indexOf(signed.slice(-1))),
  unsupported_header: forge.token({}, { b64: true, crit: ['b64'] }),
  wrong_type: forge.token({}, { typ: 'dpop+jwt' }),
  missing_key_id: forge.token({}, { kid: undefined }),
  missing_claim: forge.token({ exp: undefined }),
  unsupported_algorithm: forge.token({}, { alg: 'ES256' }),
  malformed_claims: forge.token({ consumer: '0192:889640782' }),
  expired: forge.token({ exp: NOW - 10 }),
  sender_constrained: forge.token({ cnf: { jkt: 'x' } }),
  issued_in_future: forge.token({ iat: NOW + 60 }),
  lifetime_too_long: forge.token({ exp: 1e300 }),
  time_in_milliseconds: forge.token({ exp: NOW * 1000 }),
  insufficient_scope: forge.token({ scope: 'nav:other' }),
  token_too_large: forge.token({ padding: 'x'.repeat(20_000) }),
}
const EXPLAINED = NAMES.flatMap((library) =>
  Object.keys(DIFFERENCES[library]).map((reason) => [library, reason as MaskinportenReason] as const),
)

// Fails if an explanation is out of date.
test.each(EXPLAINED)('%s accepts a token that Portvakt refuses as %s', async (library, reason) => {
  const token = EXAMPLES[reason] ?? ''
  expect(await ownVerdict(token)).toBe(reason)
  expect(await accepts(library, token)).toBe(true)
})

it('Portvakt, jose and aws-jwt-verify accept the token from which the other tokens are derived', async () => {
  expect(await ownVerdict(signed)).toBe('allowed')
  expect(await Promise.all(NAMES.map((name) => accepts(name, signed)))).toEqual([true, true])
})
