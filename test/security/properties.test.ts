import { type Authorization, MaskinportenError } from '@portvakt/core'
import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { READ } from '../conformance/api.js'
import { applied, claims, edits, headers, share } from './arbitraries.js'
import { encode, Forge, ISSUER, type Members, NOW } from './forge.js'
import { isAcceptable, isAcceptableHeader, isSigned } from './model.js'
import { type Prepared, prepare } from './stage.js'

const forge = new Forge()
let usual: Prepared
/** Of lengths that leave nothing, two and four bits over in a part's last character. */
let tokens: readonly string[]
beforeAll(async () => {
  usual = await prepare(forge)
  tokens = Array.from({ length: 12 }, (_, index) => forge.token({ jti: 'x'.repeat(index) }))
})

const anyToken = fc.nat({ max: 11 }).map((index) => tokens[index] ?? '')

/** Whether it is let in. Anything but a decision, and anything but our own error, fails the property. */
async function isLetIn(authorization: unknown, { validator } = usual): Promise<boolean> {
  const decision = await validator.decide(authorization as Authorization, READ)
  if (!decision.allowed) expect(decision.denial.status).toBeGreaterThanOrEqual(400)
  return decision.allowed
}

async function isVerified(token: string, { validator } = usual): Promise<boolean> {
  try {
    await validator.verify(token, READ)
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(MaskinportenError)
    return false
  }
}

const mutants = share(0.3)
it(
  'no change to a token is let in, however small, and each is refused as such',
  () =>
    fc.assert(
      fc.asyncProperty(fc.noShrink(anyToken), edits, async (token, changes) => {
        const changed = applied(token, changes)
        expect(await isVerified(changed)).toBe(changed === token)
      }),
      mutants.runs,
    ),
  mutants.timeout,
)

const spellings = share(0.05)
it(
  'a token has exactly one spelling',
  () =>
    fc.assert(
      fc.asyncProperty(anyToken, fc.nat({ max: 2 }), fc.nat(), async (token, part, seed) => {
        expect(await isVerified(token)).toBe(true)
        const respelled = respell(token, part, seed)
        // Another spelling is the same bytes to a lax decoder.
        expect(respelled.split('.').map((one) => Buffer.from(one, 'base64url'))).toEqual(
          token.split('.').map((one) => Buffer.from(one, 'base64url')),
        )
        expect(await isVerified(respelled)).toBe(respelled === token)
      }),
      spellings.runs,
    ),
  spellings.timeout,
)

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** In bits that say nothing, with padding or spaces, or in the other alphabet. */
function respell(token: string, part: number, seed: number): string {
  const parts = token.split('.')
  const text = parts[part] ?? ''
  const unused = [0, 0, 4, 2][text.length % 4] ?? 0
  const last = ALPHABET.indexOf(text.at(-1) ?? '') ^ (seed % 2 ** unused)
  const at = seed % text.length
  const ways = [
    `${text.slice(0, -1)}${ALPHABET.charAt(last)}`,
    `${text}${'='.repeat((4 - (text.length % 4)) % 4)}`,
    text.replaceAll('-', '+'),
    text.replaceAll('_', '/'),
    `${text.slice(0, at)} ${text.slice(at)}`,
    `${text.slice(0, at)}\n${text.slice(at)}`,
    `${text}\t`,
  ]
  parts[part] = ways[seed % ways.length] ?? text
  return parts.join('.')
}

const values = share(0.2)
const pieces = fc.constantFrom(
  'Bearer',
  'bearer',
  'BEARER',
  ' ',
  '  ',
  '\t',
  ',',
  ', ',
  '=',
  '"',
  'Basic',
  'x',
  '',
  '.',
  '\n',
  '\0',
)
it(
  'a header is let in only when it is the scheme, spaces and a token, alone',
  () =>
    fc.assert(
      fc.asyncProperty(
        anyToken,
        fc.array(fc.oneof(pieces, fc.constant('@')), { maxLength: 6 }),
        async (token, list) => {
          const value = list.join('').replaceAll('@', token)
          const isOne = value.replace(token, '@').match(/^[ \t]*bearer +@[ \t]*$/i) !== null
          expect(await isLetIn(value)).toBe(isOne)
          expect(await isLetIn([value])).toBe(isOne)
          expect(await isLetIn([value, value])).toBe(false)
        },
      ),
      values.runs,
    ),
  values.timeout,
)

const anything = share(0.1)
it(
  'whatever an adapter hands over, the answer is a decision',
  () =>
    fc.assert(
      fc.asyncProperty(fc.oneof(fc.anything(), fc.string(), fc.array(fc.string())), async (value) => {
        expect(await isLetIn(value)).toBe(false)
        expect(await isVerified(value as string)).toBe(false)
      }),
      anything.runs,
    ),
  anything.timeout,
)

const claimed = share(0.12)
it(
  'claims are let in exactly when the model of them says so',
  () =>
    fc.assert(
      fc.asyncProperty(claims, async (given) => {
        const token = forge.raw(forge.header, given)
        // As JSON has it: without what is undefined, and with null for what JSON has no number for.
        const parsed: Members = JSON.parse(JSON.stringify(given))
        expect(await isVerified(token)).toBe(
          isAcceptable(parsed, NOW) && !JSON.stringify(given).includes('__proto__'),
        )
      }),
      claimed.runs,
    ),
  claimed.timeout,
)

const headed = share(0.08)
it(
  'headers are let in exactly when the model says so and the signature is that of the key they name',
  () =>
    fc.assert(
      fc.asyncProperty(
        headers(forge),
        fc.constantFrom('sha256', 'sha384', 'sha512'),
        async (given, digest) => {
          const token = forge.raw(given, forge.claims, forge.known, digest)
          const parsed: Members = JSON.parse(JSON.stringify(given))
          const isPolluted = JSON.stringify(given).includes('"__proto__":')
          expect(await isVerified(token)).toBe(
            isAcceptableHeader(parsed) && !isPolluted && isSigned(token, forge),
          )
        },
      ),
      headed.runs,
    ),
  headed.timeout,
)

const sets = share(0.05)
const member = fc.constantFrom('kty', 'kid', 'n', 'e', 'use', 'alg', 'key_ops', 'd', 'k', 'x5c')
const memberValue = fc.oneof(
  fc.constantFrom(
    'RSA',
    'RS256',
    'RS512',
    'sig',
    'enc',
    'AQAB',
    'AQ',
    'known-key',
    ['verify'],
    ['sign'],
    null,
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
it(
  'a set of keys lets a token in only by a whole public key that signs, and never throws',
  () =>
    fc.assert(
      fc.asyncProperty(anySet, async (entries) => {
        const prepared = await prepare(forge, { keys: { keys: entries } })
        const isIn = await isVerified(tokens[0] ?? '', prepared)
        const { n } = forge.known.jwk
        const whole = { kty: 'RSA', kid: 'known-key', n, e: 'AQAB' }
        if (isIn) expect(entries).toContainEqual(expect.objectContaining(whole))
        const isOurs = (one: unknown) => JSON.stringify(one) === JSON.stringify(forge.known.jwk)
        if (Array.isArray(entries) && entries.every(isOurs)) expect(isIn).toBe(entries.length > 0)
      }),
      sets.runs,
    ),
  sets.timeout,
)

const moments = share(0.08)
it(
  'at any time of the wall, a token is let in exactly when the model says so',
  async () => {
    const signed = [
      { iat: NOW, exp: NOW + 120 },
      { iat: NOW - 5, exp: NOW + 30.5, nbf: NOW + 3 },
      { iat: NOW, exp: NOW + 86_400, nbf: NOW - 60 },
      { iat: NOW + 8, exp: NOW + 9 },
    ].map((own) => ({ own, token: forge.token(own) }))
    const prepared = await prepare(forge)
    const nearby = fc.oneof(
      fc.integer({ min: -20_000, max: 160_000 }),
      fc.constantFrom(
        ...[-15_000, -10_001, -10_000, -9999, 39_500, 40_500, 40_499, 130_000, 129_999, 19_000, 18_999],
      ),
      fc.integer({ min: -90_000_000, max: 90_000_000 }),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...signed), nearby, async ({ own, token }, offset) => {
        prepared.clock.set(NOW * 1000 + offset)
        const isExpected = isAcceptable({ ...forge.claims, ...own }, NOW + offset / 1000)
        expect(await isVerified(token, prepared)).toBe(isExpected)
      }),
      moments.runs,
    )
  },
  moments.timeout,
)

const stories = share(0.02)
type Step =
  | { readonly pass: number }
  | { readonly set: number }
  | { readonly publish: readonly number[] }
  | { readonly present: number; readonly requirement: number }
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ pass: fc.integer({ min: 0, max: 200 }) }) },
  { weight: 1, arbitrary: fc.record({ set: fc.integer({ min: -3600, max: 3600 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ publish: fc.uniqueArray(fc.nat({ max: 3 }), { minLength: 1, maxLength: 3 }) }),
  },
  { weight: 6, arbitrary: fc.record({ present: fc.nat({ max: 9 }), requirement: fc.nat({ max: 2 }) }) },
)
it(
  'what a validator has seen before changes no verdict: it decides as one that was made this moment',
  async () => {
    const { known, other, bystander } = forge
    const keys = [known.jwk, bystander.jwk, { ...other.jwk, kid: known.jwk.kid }, other.jwk]
    const lives = [120, 900, 2000, 80_000]
    const presented = [known, bystander, other].flatMap((key) =>
      lives.map((life) =>
        forge.raw(
          { ...forge.header, kid: key.jwk.kid },
          { ...forge.claims, exp: NOW + life, jti: `${life}` },
          key,
        ),
      ),
    )
    presented.push(forge.forged(), `${presented[0]}=`)
    const requirements = [READ, { scope: READ, consumers: ['974761076'] }, { scope: 'nav:other' }]
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
        const old = await prepare(forge)
        let published = [known.jwk]
        for (const one of steps) {
          if ('pass' in one) old.clock.advance(one.pass)
          else if ('set' in one) old.clock.set(old.clock.now() + one.set * 1000)
          else if ('publish' in one) {
            published = one.publish.flatMap((index) => keys[index] ?? [])
            old.publish({ keys: published })
            old.clock.advance(901)
            // After 15 minutes a request waits for the new keys.
            await old.validator.decide(`Bearer ${presented[0]}`, READ)
          } else {
            const authorization = `Bearer ${presented[one.present]}`
            const requirement = requirements[one.requirement] ?? READ
            // A set of which no key is usable is no answer, and the old keys stay: nothing to compare with.
            if (old.validator.health().lastFailure) continue
            const fresh = await prepare(forge, { keys: { keys: published } })
            fresh.clock.set(old.clock.now())
            const decisions = await Promise.all(
              [old, fresh].map(({ validator }) => validator.decide(authorization, requirement)),
            )
            const [before, now] = decisions.map((decision) =>
              decision.allowed ? decision.token.claims : decision.denial,
            )
            expect(before).toEqual(now)
          }
        }
      }),
      stories.runs,
    )
  },
  stories.timeout,
)

it('the model lets in what is good and nothing else: it is no echo of the library', () => {
  expect(isAcceptable(forge.claims, NOW)).toBe(true)
  expect(isAcceptable({ ...forge.claims, exp: NOW - 10 }, NOW)).toBe(false)
  expect(isAcceptable({ ...forge.claims, iss: [ISSUER] }, NOW)).toBe(false)
  expect(isAcceptableHeader({ ...forge.header, crit: [] })).toBe(false)
  expect(isSigned(forge.token(), forge)).toBe(true)
  expect(isSigned(forge.forged(), forge)).toBe(false)
  expect(
    isSigned(
      `${encode({ ...forge.header, alg: 'RS512' })}${forge.token().slice(forge.token().indexOf('.'))}`,
      forge,
    ),
  ).toBe(false)
})
