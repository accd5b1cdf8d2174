import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import fc from 'fast-check'
import { importJWK } from 'jose'
import { describe, expect, it } from 'vitest'
import * as chosen from '#verify-rsa'
import { ALGORITHMS, type SignatureAlgorithm } from '../../src/jws/compact-jws.js'
import { rsaVerifier as byWebCrypto, type VerifyRsa } from '../../src/jws/verify-rsa.js'
import { isNode } from '../is-node.js'

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 300)

const DATA = new Uint8Array(Buffer.from('header.payload'))

const keyPair = (modulusLength: number) => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength })
  return { jwk: publicKey.export({ format: 'jwk' }), privateKey }
}
const [ours, longer] = [keyPair(2048), keyPair(3072)]
const SIZE = 256

/** Returns the implementation that this runtime uses, and WebCrypto. */
async function verifiersFor(jwk: object, algorithm: SignatureAlgorithm): Promise<readonly VerifyRsa[]> {
  const key = await importJWK({ kty: 'RSA', ...jwk }, algorithm)
  if (key instanceof Uint8Array) throw new TypeError('not a public key')
  return [chosen.rsaVerifier(key), byWebCrypto(key)]
}
const verdicts = (verifiers: readonly VerifyRsa[], data: Uint8Array, signature: Uint8Array) =>
  Promise.all(verifiers.map((verify) => verify(new Uint8Array(data), new Uint8Array(signature))))

const ACCEPTED = [true, true]
const REFUSED = [false, false]

const signed = (algorithm: SignatureAlgorithm, { privateKey } = ours) =>
  new Uint8Array(sign(`sha${algorithm.slice(2)}`, DATA, privateKey))

it.runIf(isNode)('on Node, a verification returns its verdict, not a promise', async () => {
  const [verify] = await verifiersFor(ours.jwk, 'RS256')
  expect(verify?.(DATA, signed('RS256'))).toBe(true)
})

it.each(ALGORITHMS)('a key for %s verifies only signatures of that algorithm', async (algorithm) => {
  for (const pair of [ours, longer]) {
    const verifiers = await verifiersFor(pair.jwk, algorithm)
    for (const other of ALGORITHMS) {
      const expected = other === algorithm ? ACCEPTED : REFUSED
      expect(await verdicts(verifiers, DATA, signed(other, pair))).toEqual(expected)
    }
  }
})

const numberOf = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
const numberIn = (member = '') => numberOf(Buffer.from(member, 'base64url'))
const bytesOf = (value: bigint) => Buffer.from(value.toString(16).padStart(SIZE * 2, '0'), 'hex')

/** Does the private RSA operation on any block in hexadecimal (RSASP1, RFC 8017 §5.2.1). */
function raise(block: string): Uint8Array {
  const { n, d } = ours.privateKey.export({ format: 'jwk' })
  const modulus = numberIn(n)
  let result = 1n
  let square = BigInt(`0x${block}`)
  for (let rest = numberIn(d); rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return bytesOf(result)
}

const hash = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex')
/** The algorithm SHA-256 in DER, which precedes the hash (RFC 8017 §9.2, note 1). */
const SHA256 = '3031300d060960864801650304020105000420'
const INFO = SHA256 + hash(DATA)

/** Returns a block in hexadecimal: `00 01 FF … FF 00` and the hash (EMSA-PKCS1-v1_5, RFC 8017 §9.2). */
function padded(info = INFO, { start = '0001', filler = 'ff', separator = '00' } = {}): string {
  return start + filler.repeat(SIZE - 3 - info.length / 2) + separator + info
}
const SHORT_PADDING = `0001${'ff'.repeat(8)}00`

describe('RSA signatures with wrong padding', async () => {
  const verifiers = await verifiersFor(ours.jwk, 'RS256')

  it('raise and padded make a valid signature', async () => {
    expect(raise(padded())).toEqual(Buffer.from(signed('RS256')))
  })

  it.each([
    ['the first byte 1', padded(INFO, { start: '0101' })],
    ['block type 2', padded(INFO, { start: '0002' })],
    ['zeros as padding', padded(INFO, { start: '0000', filler: '00' })],
    ['a padding byte that is not FF', padded(INFO, { filler: 'fe' })],
    ['no separator', padded(INFO, { separator: 'ff' })],
    ['short padding, and garbage after the hash', (SHORT_PADDING + INFO).padEnd(SIZE * 2, '0')],
    ['short padding, and garbage before the hash', SHORT_PADDING + INFO.padStart(SIZE * 2 - 22, '0')],
    ['no NULL after the algorithm', padded(`302f300b06096086480165030402010420${hash(DATA)}`)],
    ['a length in BER’s long form', padded(INFO.replace('3031', '308131'))],
    ['the hash alone, without its algorithm', padded(hash(DATA))],
    ['the algorithm of another hash', padded(INFO.replace('020105', '020205'))],
    ['the hash of other data', padded(SHA256 + hash('header.other'))],
  ])('RSA refuses a signature with %s', async (_title, block) => {
    expect(block).toHaveLength(SIZE * 2)
    expect(await verdicts(verifiers, DATA, raise(block))).toEqual(REFUSED)
  })

  it('an RSA signature of a wrong length or range is refused (RFC 8017 §8.2.2 and §5.2.2)', async () => {
    const good = signed('RS256')
    const modulus = numberIn(ours.jwk.n)
    const shortened = [new Uint8Array(), good.subarray(1), good.subarray(0, -1)]
    const extended = [Buffer.concat([Buffer.of(0), good]), Buffer.concat([good, Buffer.of(0)])]
    const extreme = [0n, 1n, modulus - 1n, modulus].map(bytesOf)
    for (const signature of [...shortened, ...extended, ...extreme, new Uint8Array(SIZE).fill(255)])
      expect(await verdicts(verifiers, DATA, signature)).toEqual(REFUSED)
  })
})

it('for the same key, data and signature, node:crypto and WebCrypto accept only the good signature', async () => {
  const good = signed('RS256')
  const all = await Promise.all(
    [ours, longer].flatMap(({ jwk }) => ALGORITHMS.map((algorithm) => verifiersFor(jwk, algorithm))),
  )
  const bent = fc
    .array(fc.tuple(fc.nat(SIZE - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 3 })
    .map((changes) => {
      const signature = new Uint8Array(good)
      for (const [at, value] of changes) signature[at] = value
      return signature
    })
  const signatures = fc.oneof(bent, fc.uint8Array({ minLength: 250, maxLength: 260 }))
  const datas = fc.oneof(fc.constant(DATA), fc.uint8Array({ maxLength: 64 }))
  await fc.assert(
    fc.asyncProperty(fc.nat(all.length - 1), datas, signatures, async (index, data, signature) => {
      const isGood = index === 0 && !Buffer.compare(data, DATA) && !Buffer.compare(signature, good)
      const found = await verdicts(all[index] ?? [], data, signature)
      expect(found).toEqual(isGood ? ACCEPTED : REFUSED)
    }),
    { numRuns: RUNS },
  )
})
