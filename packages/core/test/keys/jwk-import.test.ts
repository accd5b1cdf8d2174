import { generateKeyPairSync } from 'node:crypto'
import { base64url } from 'jose'
import { afterEach, describe, expect, it, test, vi } from 'vitest'
import { hasUsableKey, importKeys } from '../../src/keys/jwk-import.js'

const ALL = ['RS256', 'RS384', 'RS512'] as const

function publicJwk(bits = 2048, exponent = 0x10001) {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: bits, publicExponent: exponent })
  return { ...publicKey.export({ format: 'jwk' }), kid: 'k1' }
}

const good = publicJwk()
const other = { ...publicJwk(), kid: 'k2' }

async function admitted(...keys: unknown[]): Promise<Record<string, string[]>> {
  const map = (await importKeys({ keys }, ALL)).keys
  return Object.fromEntries([...map].map(([keyId, byAlgorithm]) => [keyId, [...byAlgorithm.keys()]]))
}

describe('a key is admitted', () => {
  it('a key without `alg` serves every accepted algorithm', async () => {
    expect(await admitted(good)).toEqual({ k1: ['RS256', 'RS384', 'RS512'] })
  })

  it('a key with `alg` serves only that algorithm', async () => {
    expect(await admitted({ ...good, alg: 'RS384' })).toEqual({ k1: ['RS384'] })
  })

  it('a key that is published twice serves the algorithms of both entries', async () => {
    expect(await admitted({ ...good, alg: 'RS256' }, good, good)).toEqual({ k1: ['RS256', 'RS384', 'RS512'] })
  })

  it('a key with optional members is imported', async () => {
    expect(await admitted({ ...good, use: 'sig', key_ops: ['verify'], x5c: ['AAAA'] })).toHaveProperty('k1')
  })

  it('a key whose optional members are null serves every accepted algorithm', async () => {
    const absent = Object.fromEntries(
      ['use', 'alg', 'key_ops', 'x5c', 'd', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].map((name) => [
        name,
        null,
      ]),
    )
    expect(await admitted({ ...good, ...absent })).toEqual({ k1: ['RS256', 'RS384', 'RS512'] })
  })

  it.each([3072, 4096])('a key with %i bits is imported', async (bits) => {
    expect(await admitted(publicJwk(bits))).toHaveProperty('k1')
  })

  it('each imported key serves one algorithm', async () => {
    const key = (await importKeys({ keys: [good] }, ALL)).keys.get('k1')?.get('RS512')
    expect(key?.algorithm).toMatchObject({ name: 'RSASSA-PKCS1-v1_5', hash: { name: 'SHA-512' } })
    expect(key?.usages).toEqual(['verify'])
  })
})

describe('a key is skipped, and the next one admitted,', () => {
  test.each<[string, unknown]>([
    ['when it is null', null],
    ['when it is a string', 'key'],
    ['when it is symmetric', { kty: 'oct', kid: 'k1', k: 'AAAA' }],
    ['when it is on a curve', { kty: 'EC', kid: 'k1', crv: 'P-256', x: 'AAAA', y: 'AAAA' }],
    ['when its type is unknown', { ...good, kty: 'XYZ' }],
    ['without a name', { ...good, kid: undefined }],
    ['with a name that is no string', { ...good, kid: 1 }],
    ['with an endless name', { ...good, kid: 'k'.repeat(257) }],
    ['without a modulus', { ...good, n: undefined }],
    ['with a modulus that is a number', { ...good, n: 7 }],
    ['with a modulus that is a list', { ...good, n: [good.n] }],
    ['without an exponent', { ...good, e: undefined }],
    ['when its modulus is spelt another way', { ...good, n: `${good.n}=` }],
    ['when its modulus is even', { ...good, n: `${good.n?.slice(0, -1)}A` }],
    ['when everybody can sign with it: exponent 1', { ...good, e: 'AQ' }],
    ...['kid', 'kty', 'n', 'e'].map((member): [string, unknown] => [
      `when a member that it must have is null: ${member}`,
      { ...good, [member]: null },
    ]),
    ['when a private part of it is empty', { ...good, d: '' }],
    ['with exponent 3', publicJwk(2048, 3)],
    ['with an even exponent', { ...good, e: 'AQAA' }],
    ['when it is short: 1024 bits', publicJwk(1024)],
    ['when it is endless: 16384 bits', { ...good, n: 'f'.repeat(2731) }],
    ['when it is for encryption', { ...good, use: 'enc' }],
    ['when it is for other operations', { ...good, key_ops: ['sign'] }],
    ['when its operations are no list', { ...good, key_ops: 'verify' }],
    ['when it is for another algorithm', { ...good, alg: 'PS256' }],
    ['when its algorithm is none', { ...good, alg: 'none' }],
    ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].map((member): [string, unknown] => [
      `when a private part of it is published: ${member}`,
      { ...good, [member]: 'AAAA' },
    ]),
    ['when its members are inherited', Object.create(good)],
  ])('%s', async (_title, key) => {
    expect(Object.keys(await admitted(key, other))).toEqual(['k2'])
  })
})

describe('the size of a key', () => {
  /** An odd number of so many bits, after so many octets of nothing. */
  function modulus(bits: number, zeros = 0): string {
    const octets = new Uint8Array(zeros + Math.ceil(bits / 8))
    octets[zeros] = 2 ** ((bits - 1) % 8)
    octets[octets.length - 1] = 1
    return base64url.encode(octets)
  }
  const isAdmitted = (bits: number, zeros?: number) =>
    hasUsableKey({ keys: [{ ...good, n: modulus(bits, zeros) }] }, ALL)

  it('a key must have 2048 to 8192 bits', () => {
    expect([2047, 2048, 2049, 8191, 8192, 8193].map((bits) => isAdmitted(bits))).toEqual([
      false,
      true,
      true,
      true,
      true,
      false,
    ])
  })

  it('leading zeros do not count as bits', () => {
    expect([2040, 2047, 2048, 8192].map((bits) => isAdmitted(bits, 2))).toEqual([false, false, true, true])
  })

  it('the text of a modulus is bounded, which bounds leading zeros', () => {
    expect([isAdmitted(8192, 26), isAdmitted(8192, 27)]).toEqual([true, false])
  })
})

describe('a key that the platform refuses', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('a key that the platform refuses is skipped', async () => {
    vi.spyOn(crypto.subtle, 'importKey').mockRejectedValueOnce(new DOMException('no such key'))
    expect(Object.keys(await admitted(good, other))).toEqual(['k2'])
  })
})

it('a set is usable when one of its keys is', () => {
  expect(hasUsableKey({ keys: [{}, null, good] }, ALL)).toBe(true)
  expect(hasUsableKey({ keys: [{}, null, { ...good, use: 'enc' }] }, ALL)).toBe(false)
  expect(hasUsableKey({ keys: [{ ...good, alg: 'RS512' }] }, ['RS256'])).toBe(false)
})

it('two different keys with one `kid` are both skipped', async () => {
  expect(Object.keys(await admitted(good, { ...other, kid: 'k1' }, other))).toEqual(['k2'])
  expect(Object.keys(await admitted(good, { ...other, kid: 'k1' }, good))).toEqual([])
})

test.each([null, undefined, [], 'keys', 7, {}, { keys: {} }, { keys: null }, { keys: [] }])(
  'no key is found in %j',
  async (jwks) => {
    expect((await importKeys(jwks, ALL)).keys.size).toBe(0)
    expect(hasUsableKey(jwks, ALL)).toBe(false)
  },
)

test.each<[string, unknown[], string | undefined, string]>([
  ['that is null', [null], undefined, 'not_rsa'],
  ['on a curve', [{ kty: 'EC', kid: 'k1' }], 'k1', 'not_rsa'],
  ['without a kid', [{ ...good, kid: undefined }], undefined, 'no_key_id'],
  ['whose kid has a line break', [{ ...good, kid: 'a\nb' }], undefined, 'no_key_id'],
  ['with its private part', [{ ...good, d: 'AQAB' }], 'k1', 'private_key'],
  ['for encryption', [{ ...good, use: 'enc' }], 'k1', 'not_for_verifying'],
  ['for signing only', [{ ...good, key_ops: ['sign'] }], 'k1', 'not_for_verifying'],
  ['with exponent 3', [{ ...good, e: 'Aw' }], 'k1', 'wrong_exponent'],
  ['of 1024 bits', [publicJwk(1024)], 'k1', 'wrong_modulus'],
  ['for another algorithm', [{ ...good, alg: 'PS256' }], 'k1', 'wrong_algorithm'],
  ['whose kid another key has too', [good, { ...other, kid: 'k1' }], 'k1', 'shared_key_id'],
])('the reason is reported for an unused key %s', async (_title, keys, keyId, problem) => {
  const { unusable } = await importKeys({ keys: [...keys, other] }, ALL)
  expect(unusable).toEqual([{ keyId, problem }])
})

it('a key that the runtime does not import is reported as not importable', async () => {
  vi.spyOn(crypto.subtle, 'importKey').mockRejectedValueOnce(new DOMException('no such key'))
  expect((await importKeys({ keys: [good] }, ALL)).unusable).toEqual([
    { keyId: 'k1', problem: 'not_importable' },
  ])
  vi.restoreAllMocks()
})
