import fc from 'fast-check'
import { expect } from 'vitest'
import { READ } from '../conformance/api.js'
import { applied, claims, edits, headers, holds } from './arbitraries.js'
import { Forge, type Members, NOW } from './forge.js'
import { isAcceptable, isAcceptableHeader, isSigned } from './model.js'
import { prepare } from './stage.js'
import { isVerified, reasonFor } from './verdicts.js'

const forge = new Forge()
const usual = await prepare(forge)
/** Tokens of different lengths, so that the last characters of their parts have 0, 2 and 4 unused bits. */
const tokens = Array.from({ length: 12 }, (_, index) => forge.token({ jti: 'x'.repeat(index) }))
const anyToken = fc.constantFrom(...tokens)

const isAllowed = async (authorization: unknown) => (await reasonFor(authorization, usual)) === 'allowed'

holds(
  'a token with any change is refused',
  0.35,
  fc.asyncProperty(fc.noShrink(anyToken), edits, async (token, changes) => {
    const changed = applied(token, changes)
    expect(await isVerified(changed, usual)).toBe(changed === token)
  }),
)

const pieces = fc.constantFrom(
  ...['Bearer', 'bearer', 'BEARER', ' ', '  ', '\t', ',', ', ', '=', '"', 'Basic', 'x', '', '.', '\n', '\0'],
)
holds(
  'a header is allowed only if it is one scheme, spaces and one token',
  0.2,
  fc.asyncProperty(
    anyToken,
    fc.array(fc.oneof(pieces, fc.constant('@')), { maxLength: 6 }),
    async (token, list) => {
      const value = list.join('').replaceAll('@', token)
      const isOne = value.replace(token, '@').match(/^[ \t]*bearer +@[ \t]*$/i) !== null
      expect(await isAllowed(value)).toBe(isOne)
      expect(await isAllowed([value])).toBe(isOne)
      expect(await isAllowed([value, value])).toBe(false)
    },
  ),
)

holds(
  'an Authorization value of any type gets a decision',
  0.1,
  fc.asyncProperty(fc.oneof(fc.anything(), fc.string(), fc.array(fc.string())), async (value) => {
    expect(await isAllowed(value)).toBe(false)
    expect(await isVerified(value as string, usual)).toBe(false)
  }),
)

holds(
  'the validator accepts claims if and only if the model in model.ts accepts them',
  0.12,
  fc.asyncProperty(claims, async (given) => {
    const token = forge.raw(forge.header, given)
    // JSON drops undefined members, and has null in place of numbers that it cannot represent.
    const parsed: Members = JSON.parse(JSON.stringify(given))
    expect(await isVerified(token, usual)).toBe(
      isAcceptable(parsed, NOW) && !JSON.stringify(given).includes('__proto__'),
    )
  }),
)

holds(
  'a token’s header is accepted if and only if model.ts accepts it and the key verifies the signature',
  0.08,
  fc.asyncProperty(headers(forge), fc.constantFrom('sha256', 'sha384', 'sha512'), async (given, digest) => {
    const token = forge.raw(given, forge.claims, forge.known, digest)
    const parsed: Members = JSON.parse(JSON.stringify(given))
    const isPolluted = JSON.stringify(given).includes('"__proto__":')
    expect(await isVerified(token, usual)).toBe(
      isAcceptableHeader(parsed) && !isPolluted && isSigned(token, forge),
    )
  }),
)

const member = fc.constantFrom('kty', 'kid', 'n', 'e', 'use', 'alg', 'key_ops', 'd', 'k', 'x5c')
const memberValue = fc.oneof(
  fc.constantFrom<unknown[]>(
    ...['RSA', 'RS256', 'RS512', 'sig', 'enc', 'AQAB', 'AQ', 'known-key', ['verify'], ['sign'], null],
  ),
  fc.jsonValue({ maxDepth: 1 }),
)
const published = fc
  .tuple(
    fc.constantFrom(forge.known, forge.other, forge.bystander),
    fc.array(fc.tuple(member, memberValue), { maxLength: 2 }),
  )
  .map(([{ jwk }, changes]) => ({ ...jwk, ...Object.fromEntries(changes) }))
const anySet = fc.oneof(
  { weight: 8, arbitrary: fc.array(published, { maxLength: 4 }) },
  { weight: 1, arbitrary: fc.jsonValue() },
)
holds(
  'for any set of keys, a token is accepted only if the set has a complete public key to verify it',
  0.05,
  fc.asyncProperty(anySet, async (entries) => {
    const prepared = await prepare(forge, { keys: { keys: entries } })
    const isIn = await isVerified(forge.token(), prepared)
    const { n } = forge.known.jwk
    const whole = { kty: 'RSA', kid: 'known-key', n, e: 'AQAB' }
    if (isIn) expect(entries).toContainEqual(expect.objectContaining(whole))
    const isOurs = (one: unknown) => JSON.stringify(one) === JSON.stringify(forge.known.jwk)
    if (Array.isArray(entries) && entries.every(isOurs)) expect(isIn).toBe(entries.length > 0)
  }),
)

const signed = [
  { iat: NOW, exp: NOW + 120 },
  { iat: NOW - 5, exp: NOW + 30.5, nbf: NOW + 3 },
  { iat: NOW, exp: NOW + 86_400, nbf: NOW - 60 },
  { iat: NOW + 8, exp: NOW + 9 },
].map((own) => ({ own, token: forge.token(own) }))
const nearby = fc.oneof(
  fc.integer({ min: -20_000, max: 160_000 }),
  fc.constantFrom(
    ...[-15_000, -10_001, -10_000, -9999, 39_500, 40_500, 40_499, 130_000, 129_999, 19_000, 18_999],
  ),
  fc.integer({ min: -90_000_000, max: 90_000_000 }),
)
const timed = await prepare(forge)
holds(
  'at any time, the validator accepts a token if and only if the model in model.ts accepts it',
  0.08,
  fc.asyncProperty(fc.constantFrom(...signed), nearby, async ({ own, token }, offset) => {
    timed.clock.set(NOW * 1000 + offset)
    const isExpected = isAcceptable({ ...forge.claims, ...own }, NOW + offset / 1000)
    expect(await isVerified(token, timed)).toBe(isExpected)
  }),
)

const { known, other, bystander } = forge
const keys = [known.jwk, bystander.jwk, { ...other.jwk, kid: known.jwk.kid }, other.jwk]
const presented = [known, bystander, other].flatMap((key) =>
  [120, 900, 2000, 80_000].map((life) => forge.signedBy(key, { exp: NOW + life, jti: `${life}` })),
)
presented.push(forge.forged(), `${presented[0]}=`)
const requirements = [READ, { scope: READ, consumers: ['974761076'] }, { scope: 'nav:other' }]
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ pass: fc.integer({ min: 0, max: 200 }) }) },
  { weight: 1, arbitrary: fc.record({ set: fc.integer({ min: -3600, max: 3600 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ publish: fc.shuffledSubarray(keys, { minLength: 1, maxLength: 3 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      present: fc.constantFrom(...presented),
      requirement: fc.constantFrom(...requirements),
    }),
  },
)
holds(
  'a validator decides like a new validator, whatever requests and keys it had before',
  0.02,
  fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
    const old = await prepare(forge)
    let current = [known.jwk]
    for (const one of steps) {
      if ('pass' in one) old.clock.advance(one.pass)
      else if ('set' in one) old.clock.set(old.clock.now() + one.set * 1000)
      else if ('publish' in one) {
        current = one.publish
        old.publish({ keys: current })
        old.clock.advance(901)
        // The keys are more than 15 minutes old, so this request waits for new keys.
        await old.validator.decide(`Bearer ${presented[0]}`, READ)
      } else {
        // If no published key was usable, the old validator keeps earlier keys that a new validator does not
        // have. So their decisions are not compared.
        if (old.validator.health().lastFailure) continue
        const fresh = await prepare(forge, { keys: { keys: current } })
        fresh.clock.set(old.clock.now())
        const decisions = await Promise.all(
          [old, fresh].map(({ validator }) => validator.decide(`Bearer ${one.present}`, one.requirement)),
        )
        const [before, now] = decisions.map((decision) =>
          decision.allowed ? decision.token.claims : decision.denial,
        )
        expect(before).toEqual(now)
      }
    }
  }),
)
