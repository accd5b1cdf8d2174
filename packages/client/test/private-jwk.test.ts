import { generateKeyPairSync } from 'node:crypto'
import type { JWK } from 'jose'
import { expect, it, test } from 'vitest'
import { withPollutedPrototype } from '../../core/test/polluted-prototype.js'
import { readJwk } from '../src/private-jwk.js'
import { rejectionOf } from './kit.js'

const jwkOf = (modulusLength: number): JWK => ({
  ...generateKeyPairSync('rsa', { modulusLength }).privateKey.export({ format: 'jwk' }),
  kid: 'kid-1',
})
const WHOLE = jwkOf(2048)
const MEMBERS = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const

const SECRETS = MEMBERS.filter((name) => name !== 'e').map((name) => WHOLE[name] ?? '')
const mistakeIn = (given: JWK | string) => rejectionOf(() => readJwk(given), ...SECRETS)

const NOT_RSA = 'The JWK must be a private RSA key, with `kty` "RSA"'
const NO_KID = 'The JWK must be a private RSA key with kid, the id that the key is registered under'
const TOO_SHORT =
  'The JWK is an RSA key of less than 2048 bits, which Maskinporten does not accept: make a longer key'
const NOT_TO_SIGN = 'The JWK is not for signing: its `use` must be "sig", or be left out'
const NO_SIGN = 'The JWK is not for signing: its `key_ops` must contain "sign", or be left out'

test.each<[string, object, string]>([
  ['that is an EC key', { kty: 'EC' }, NOT_RSA],
  ['without `kid`', { kid: undefined }, NO_KID],
  ['with an empty `kid`', { kid: '' }, NO_KID],
  ['of 2047 bits', jwkOf(2047), TOO_SHORT],
  ['whose modulus is 1', { n: 'AQ' }, TOO_SHORT],
  ['for encryption', { use: 'enc' }, NOT_TO_SIGN],
  ['for verifying only', { key_ops: ['verify'] }, NO_SIGN],
  ['with a string as its operations', { key_ops: 'sign' }, NO_SIGN],
])('a JWK %s is rejected, and the error names the mistake but not the key', (_title, members, message) => {
  expect(mistakeIn({ ...WHOLE, ...members })).toBe(message)
})

const notBase64url = (name: string) =>
  `The JWK must be a private RSA key: its \`${name}\` is missing, or is not base64url. ` +
  'Give the whole key, with n, e, d, p, q, dp, dq, qi'

it.each(MEMBERS)('a JWK without `%s` is rejected, and the error names that member', (name) => {
  expect(mistakeIn({ ...WHOLE, [name]: undefined })).toBe(notBase64url(name))
})

test.each<[string, unknown]>([
  ['empty', ''],
  ['a list', ['AQAB']],
  ['in base64 with padding', 'AQ=='],
])('a JWK with a member that is %s is rejected, and the error names that member', (_title, dp) => {
  expect(mistakeIn(JSON.stringify({ ...WHOLE, dp }))).toBe(notBase64url('dp'))
})

test.each<[string, object]>([
  ['with null for `use` and `key_ops`', { use: null, key_ops: null }],
  ['for verifying and signing', { use: 'sig', key_ops: ['verify', 'sign'], alg: 'RS256' }],
])('a JWK %s is read as its kid and the members of the key alone', (_title, members) => {
  const given: JWK = { ...WHOLE, ...members }
  const key = Object.fromEntries((['kty', ...MEMBERS] as const).map((name) => [name, given[name]]))
  expect(readJwk(given)).toEqual({ kid: 'kid-1', key })
  expect(readJwk(JSON.stringify(given))).toEqual({ kid: 'kid-1', key })
})

it.each(['null', '"x"', '[]'])('a JWK that is the JSON text %s is rejected', (text) => {
  expect(mistakeIn(text)).toBe(NOT_RSA)
})

it('a JWK does not get the kid of a polluted Object.prototype', async () => {
  const { kid, ...anonymous } = WHOLE
  for (const given of [anonymous, JSON.stringify(anonymous)])
    await expect(withPollutedPrototype({ kid }, () => readJwk(given))).rejects.toThrow(NO_KID)
})
