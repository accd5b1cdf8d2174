import { generateKeyPairSync, sign } from 'node:crypto'
import { base64url } from 'jose'
import { afterEach, expect, it, vi } from 'vitest'
import { hasUsableKey, importKeys } from '../../src/keys/jwk-import.js'

const ALL = ['RS256', 'RS384', 'RS512'] as const
const PRIVATE_PARTS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

function publicJwk(bits = 2048, exponent = 0x10001) {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: bits, publicExponent: exponent })
  return { ...publicKey.export({ format: 'jwk' }), kid: 'k1' }
}

const good = publicJwk()
const other = { ...publicJwk(), kid: 'k2' }

/** Returns the algorithms of each imported key, by its `kid`. */
async function imported(...keys: unknown[]): Promise<Record<string, string[]>> {
  const map = (await importKeys({ keys }, ALL)).keys
  return Object.fromEntries([...map].map(([keyId, byAlgorithm]) => [keyId, [...byAlgorithm.keys()]]))
}

afterEach(() => {
  vi.restoreAllMocks()
})

it.each([{}, { keys: 5 }])('a key set of %j has no keys, usable or not', async (jwks) => {
  expect(await importKeys(jwks, ALL)).toEqual({ keys: new Map(), unusable: [] })
})

it('a polluted Object.prototype does not make a key unusable', async () => {
  Object.defineProperty(Object.prototype, 'ext', { value: false, configurable: true })
  try {
    expect(await imported(good)).toEqual({ k1: [...ALL] })
  } finally {
    Reflect.deleteProperty(Object.prototype, 'ext')
  }
})

const absent = Object.fromEntries(
  ['use', 'alg', 'key_ops', 'x5c', ...PRIVATE_PARTS].map((name) => [name, null]),
)
it.each<[string, unknown[], readonly string[]]>([
  ['a key without `alg` verifies every accepted algorithm', [good], ALL],
  ['a key with `alg` verifies only that algorithm', [{ ...good, alg: 'RS384' }], ['RS384']],
  [
    'a key published with and without `alg` verifies every algorithm',
    [{ ...good, alg: 'RS256' }, good, good],
    ALL,
  ],
  ['optional members are allowed', [{ ...good, use: 'sig', key_ops: ['verify'], x5c: ['AAAA'] }], ALL],
  ['optional members may be null', [{ ...good, ...absent }], ALL],
  ['a key may have 3072 bits', [publicJwk(3072)], ALL],
  ['a key may have 4096 bits', [publicJwk(4096)], ALL],
])('importKeys imports a usable key: %s', async (_title, keys, algorithms) => {
  expect(await imported(...keys)).toEqual({ k1: algorithms })
})

it('importKeys makes keys extractable, because node:crypto deprecates non-extractable keys (DEP0204)', async () => {
  const importKey = vi.spyOn(crypto.subtle, 'importKey')
  await importKeys({ keys: [good] }, ['RS256'])
  expect(importKey.mock.calls.map(([, , , isExtractable]) => isExtractable)).toEqual([true])
})

it('importKeys imports a key once per algorithm, and each imported key verifies only its own algorithm', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const { keys } = await importKeys({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1' }] }, ALL)
  const data = new Uint8Array(Buffer.from('signed'))
  for (const algorithm of ALL) {
    const signature = new Uint8Array(sign(`sha${algorithm.slice(2)}`, data, privateKey))
    const verdicts = ALL.map((other) => keys.get('k1')?.get(other)?.verify(data, signature))
    expect(await Promise.all(verdicts)).toEqual(ALL.map((other) => other === algorithm))
    expect(keys.get('k1')?.get(algorithm)?.algorithm).toBe(algorithm)
  }
})

it.each<[string, unknown]>([
  ['null', null],
  ['a string', 'key'],
  ['a symmetric key', { kty: 'oct', kid: 'k1', k: 'AAAA' }],
  ['a key on a curve', { kty: 'EC', kid: 'k1', crv: 'P-256', x: 'AAAA', y: 'AAAA' }],
  ['a key of an unknown type', { ...good, kty: 'XYZ' }],
  ['a key without `kid`', { ...good, kid: undefined }],
  ['a key whose `kid` is a number', { ...good, kid: 1 }],
  ['a key whose `kid` has more than 256 characters', { ...good, kid: 'k'.repeat(257) }],
  ['a key without a modulus', { ...good, n: undefined }],
  ['a modulus that is a number', { ...good, n: 7 }],
  ['a modulus that is a list', { ...good, n: [good.n] }],
  ['a key without an exponent', { ...good, e: undefined }],
  ['a modulus with padding', { ...good, n: `${good.n}=` }],
  ['an even modulus', { ...good, n: `${good.n?.slice(0, -1)}A` }],
  ['exponent 1, with which any signature is valid', { ...good, e: 'AQ' }],
  ['exponent 3', publicJwk(2048, 3)],
  ['an even exponent', { ...good, e: 'AQAA' }],
  ...['kid', 'kty', 'n', 'e'].map((member): [string, unknown] => [
    `\`${member}\` null`,
    { ...good, [member]: null },
  ]),
  ['an empty private part', { ...good, d: '' }],
  ['a key of 1024 bits', publicJwk(1024)],
  ['a key of 16384 bits', { ...good, n: 'f'.repeat(2731) }],
  ['a key for encryption', { ...good, use: 'enc' }],
  ['a key for other operations', { ...good, key_ops: ['sign'] }],
  ['operations that are not a list', { ...good, key_ops: 'verify' }],
  ['a key for another algorithm', { ...good, alg: 'PS256' }],
  ['a key for the algorithm `none`', { ...good, alg: 'none' }],
  ...PRIVATE_PARTS.map((member): [string, unknown] => [
    `the private part \`${member}\``,
    { ...good, [member]: 'AAAA' },
  ]),
  ['inherited members', Object.create(good)],
])('importKeys skips an unusable key and imports the next key: %s', async (_title, key) => {
  expect(Object.keys(await imported(key, other))).toEqual(['k2'])
})

/** Returns an odd number with this many bits, encoded after this many zero octets. */
function modulus(bits: number, zeros = 0): string {
  const octets = new Uint8Array(zeros + Math.ceil(bits / 8))
  octets[zeros] = 2 ** ((bits - 1) % 8)
  octets[octets.length - 1] = 1
  return base64url.encode(octets)
}

it.each([
  ['a key must have at least 2048 bits', 2047, 0, false],
  ['a key may have 2048 bits', 2048, 0, true],
  ['a key may have a number of bits that is not a multiple of 8', 2049, 0, true],
  ['a key may have 8191 bits', 8191, 0, true],
  ['a key may have 8192 bits', 8192, 0, true],
  ['a key must have at most 8192 bits', 8193, 0, false],
  ['leading zeros do not count as bits', 2040, 2, false],
  ['leading zeros do not count as bits', 2047, 2, false],
  ['leading zeros are allowed', 2048, 2, true],
  ['leading zeros are allowed', 8192, 2, true],
  ['the encoded modulus may hold 26 zeros and 8192 bits', 8192, 26, true],
  ['the length of the encoded modulus is limited', 8192, 27, false],
])('%s: a modulus of %i bits after %i zero octets', (_title, bits, zeros, isUsable) => {
  expect(hasUsableKey({ keys: [{ ...good, n: modulus(bits, zeros) }] }, ALL)).toBe(isUsable)
})

it('hasUsableKey returns true if one key of the set is usable', () => {
  expect(hasUsableKey({ keys: [{}, null, good] }, ALL)).toBe(true)
  expect(hasUsableKey({ keys: [{}, null, { ...good, use: 'enc' }] }, ALL)).toBe(false)
  expect(hasUsableKey({ keys: [{ ...good, alg: 'RS512' }] }, ['RS256'])).toBe(false)
})

it('importKeys skips two different keys with the same `kid`', async () => {
  expect(Object.keys(await imported(good, { ...other, kid: 'k1' }, other))).toEqual(['k2'])
  expect(Object.keys(await imported(good, { ...other, kid: 'k1' }, good))).toEqual([])
})

it.each([null, undefined, [], 'keys', 7, {}, { keys: {} }, { keys: null }, { keys: [] }])(
  'importKeys and hasUsableKey find no key in %j',
  async (jwks) => {
    expect((await importKeys(jwks, ALL)).keys.size).toBe(0)
    expect(hasUsableKey(jwks, ALL)).toBe(false)
  },
)

it.each<[string, unknown[], string | undefined, string]>([
  ['null', [null], undefined, 'not_rsa'],
  ['a key on a curve', [{ kty: 'EC', kid: 'k1' }], 'k1', 'not_rsa'],
  ['a key without `kid`', [{ ...good, kid: undefined }], undefined, 'no_key_id'],
  ['a `kid` with a line break', [{ ...good, kid: 'a\nb' }], undefined, 'no_key_id'],
  ['a key with its private part', [{ ...good, d: 'AQAB' }], 'k1', 'private_key'],
  ['a key for encryption', [{ ...good, use: 'enc' }], 'k1', 'not_for_verifying'],
  ['a key for signing only', [{ ...good, key_ops: ['sign'] }], 'k1', 'not_for_verifying'],
  ['exponent 3', [{ ...good, e: 'Aw' }], 'k1', 'wrong_exponent'],
  ['a key of 1024 bits', [publicJwk(1024)], 'k1', 'wrong_modulus'],
  ['a key for another algorithm', [{ ...good, alg: 'PS256' }], 'k1', 'wrong_algorithm'],
  ['two keys with one `kid`', [good, { ...other, kid: 'k1' }], 'k1', 'shared_key_id'],
])('importKeys reports why a key is not used: %s', async (_title, keys, keyId, problem) => {
  const { unusable } = await importKeys({ keys: [...keys, other] }, ALL)
  expect(unusable).toEqual([{ keyId, problem }])
})

it('importKeys skips and reports a key that the platform does not import', async () => {
  vi.spyOn(crypto.subtle, 'importKey').mockRejectedValueOnce(new DOMException('no such key'))
  const { keys, unusable } = await importKeys({ keys: [good, other] }, ALL)
  expect([...keys.keys()]).toEqual(['k2'])
  expect(unusable).toEqual([{ keyId: 'k1', problem: 'not_importable' }])
})
