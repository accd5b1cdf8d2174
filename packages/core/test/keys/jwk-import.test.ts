import { generateKeyPairSync, sign } from 'node:crypto'
import { base64url } from 'jose'
import { afterEach, expect, it, vi } from 'vitest'
import { hasUsableKey, importKeys } from '../../src/keys/jwk-import.js'
import { withPollutedPrototype } from '../polluted-prototype.js'

const ALL = ['RS256', 'RS384', 'RS512'] as const
const PRIVATE_PARTS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const good = { ...publicKey.export({ format: 'jwk' }), kid: 'k1' }
/** Returns an odd number with this many bits, encoded after this many zero octets. */
function modulus(bits: number, zeros = 0): string {
  const octets = new Uint8Array(zeros + Math.ceil(bits / 8))
  octets[zeros] = 2 ** ((bits - 1) % 8)
  octets[octets.length - 1] = 1
  return base64url.encode(octets)
}
const other = { ...good, n: modulus(2048), kid: 'k2' }

/** Returns the algorithms of each imported key, by its `kid`. */
async function imported(...keys: unknown[]): Promise<Record<string, string[]>> {
  const map = (await importKeys({ keys }, ALL)).keys
  return Object.fromEntries([...map].map(([keyId, byAlgorithm]) => [keyId, [...byAlgorithm.keys()]]))
}

afterEach(() => {
  vi.restoreAllMocks()
})

it('importKeys and hasUsableKey find no key in a value that is not a key set', async () => {
  for (const jwks of [null, [], {}, { keys: {} }, { keys: null }]) {
    expect(await importKeys(jwks, ALL)).toEqual({ keys: new Map(), unusable: [] })
    expect(hasUsableKey(jwks, ALL)).toBe(false)
  }
})

it('a polluted Object.prototype does not make a key unusable', async () => {
  expect(await withPollutedPrototype({ ext: false }, () => imported(good))).toEqual({ k1: [...ALL] })
})

const absent = Object.fromEntries(
  ['use', 'alg', 'key_ops', 'x5c', ...PRIVATE_PARTS].map((name) => [name, null]),
)
const twice = [{ ...good, alg: 'RS256' }, good, good]
it.each<[string, unknown[], readonly string[]]>([
  ['a key with `alg` verifies only that algorithm', [{ ...good, alg: 'RS384' }], ['RS384']],
  ['a key published with and without `alg` verifies every algorithm', twice, ALL],
  ['optional members are allowed', [{ ...good, use: 'sig', key_ops: ['verify'], x5c: ['AAAA'] }], ALL],
  ['optional members may be null', [{ ...good, ...absent }], ALL],
])('importKeys imports a usable key: %s', async (_title, keys, algorithms) => {
  expect(await imported(...keys)).toEqual({ k1: algorithms })
})

it('importKeys makes keys extractable, because node:crypto deprecates non-extractable keys (DEP0204)', async () => {
  const importKey = vi.spyOn(crypto.subtle, 'importKey')
  await importKeys({ keys: [good] }, ['RS256'])
  expect(importKey.mock.calls.map(([, , , isExtractable]) => isExtractable)).toEqual([true])
})

it('importKeys imports a key once per algorithm, and each imported key verifies only its own algorithm', async () => {
  const { keys } = await importKeys({ keys: [good] }, ALL)
  const data = new Uint8Array(Buffer.from('signed'))
  for (const algorithm of ALL) {
    const signature = new Uint8Array(sign(`sha${algorithm.slice(2)}`, data, privateKey))
    const verdicts = ALL.map((other) => keys.get('k1')?.get(other)?.verify(data, signature))
    expect(await Promise.all(verdicts)).toEqual(ALL.map((other) => other === algorithm))
    expect(keys.get('k1')?.get(algorithm)?.algorithm).toBe(algorithm)
  }
})

async function expectSkipped(skipped: unknown[], report: object): Promise<void> {
  const { keys, unusable } = await importKeys({ keys: [...skipped, other] }, ALL)
  expect([...keys.keys()]).toEqual(['k2'])
  expect(unusable).toEqual([report])
}

it.each<[string, string, unknown]>([
  ['null', 'not_rsa', null],
  ['inherited members', 'not_rsa', Object.create(good)],
  ['a `kid` that is null', 'no_key_id', { ...good, kid: null }],
  ['a `kid` with a line break', 'no_key_id', { ...good, kid: 'a\nb' }],
])('importKeys reports %s as a key without `kid`, and imports the next key', async (_title, problem, key) => {
  await expectSkipped([key], { keyId: undefined, problem })
})

it.each<[string, string, object]>([
  ['a symmetric key', 'not_rsa', { kty: 'oct', k: 'AAAA' }],
  ['a key on a curve', 'not_rsa', { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' }],
  ['an empty private part', 'private_key', { d: '' }],
  ...PRIVATE_PARTS.map((member): [string, string, object] => [
    `the private part \`${member}\``,
    'private_key',
    { [member]: 'AAAA' },
  ]),
  ['a key for encryption', 'not_for_verifying', { use: 'enc' }],
  ['a key for other operations', 'not_for_verifying', { key_ops: ['sign'] }],
  ['operations that are not a list', 'not_for_verifying', { key_ops: 'verify' }],
  ['exponent 1, with which any signature is valid', 'wrong_exponent', { e: 'AQ' }],
  ['exponent 3', 'wrong_exponent', { e: 'Aw' }],
  ['a key without an exponent', 'wrong_exponent', { e: undefined }],
  ['a key without a modulus', 'wrong_modulus', { n: undefined }],
  ['a modulus that is a list', 'wrong_modulus', { n: [good.n] }],
  ['a modulus with padding', 'wrong_modulus', { n: `${good.n}=` }],
  ['an even modulus', 'wrong_modulus', { n: `${good.n?.slice(0, -1)}A` }],
  ['a key of 1024 bits', 'wrong_modulus', { n: modulus(1024) }],
  ['a key for another algorithm', 'wrong_algorithm', { alg: 'PS256' }],
  ['a key for the algorithm `none`', 'wrong_algorithm', { alg: 'none' }],
])('importKeys reports an unusable key, and imports the next key: %s', async (_title, problem, changes) => {
  await expectSkipped([{ ...good, ...changes }], { keyId: 'k1', problem })
})

it.each([
  ['a key must have at least 2048 bits', 2047, 0, false],
  ['a key may have 2048 bits', 2048, 0, true],
  ['a key may have a number of bits that is not a multiple of 8', 2049, 0, true],
  ['a key may have 8192 bits', 8192, 0, true],
  ['a key must have at most 8192 bits', 8193, 0, false],
  ['leading zeros do not count as bits', 2047, 2, false],
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

it('importKeys skips and reports two different keys with the same `kid`', async () => {
  await expectSkipped([good, { ...other, kid: 'k1' }], { keyId: 'k1', problem: 'shared_key_id' })
  expect(await imported(good, { ...other, kid: 'k1' }, good)).toEqual({})
})

it('importKeys skips and reports a key that the platform does not import', async () => {
  vi.spyOn(crypto.subtle, 'importKey').mockRejectedValueOnce(new DOMException('no such key'))
  await expectSkipped([good], { keyId: 'k1', problem: 'not_importable' })
})
