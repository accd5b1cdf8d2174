import fc from 'fast-check'
import { expect, it } from 'vitest'
import { applied, claims, edits, headers, holds } from './arbitraries.js'
import { encode, Forge, ISSUER, type Members, NOW } from './forge.js'
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
  0.3,
  fc.asyncProperty(fc.noShrink(anyToken), edits, async (token, changes) => {
    const changed = applied(token, changes)
    expect(await isVerified(changed, usual)).toBe(changed === token)
  }),
)

holds(
  'a token is refused in any other encoding of the same bytes',
  0.05,
  fc.asyncProperty(anyToken, fc.nat({ max: 2 }), fc.nat(), async (token, part, seed) => {
    expect(await isVerified(token, usual)).toBe(true)
    const respelled = respell(token, part, seed)
    // A lenient decoder reads the same bytes from both encodings.
    expect(respelled.split('.').map((one) => Buffer.from(one, 'base64url'))).toEqual(
      token.split('.').map((one) => Buffer.from(one, 'base64url')),
    )
    expect(await isVerified(respelled, usual)).toBe(respelled === token)
  }),
)

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Changes unused bits, adds padding or white space, or uses the alphabet of base64. */
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

it('the model accepts a valid token and rejects invalid ones', () => {
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
