import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { importJWK } from 'jose'
import { beforeAll, describe, expect, it, test } from 'vitest'
import * as chosen from '#verify-rsa'
import { ALGORITHMS, type SignatureAlgorithm } from '../../src/jws/compact-jws.js'
import { rsaVerifier as byWebCrypto, type VerifyRsa } from '../../src/jws/verify-rsa.js'
import * as onNode from '../../src/jws/verify-rsa.node.js'
import { isNode } from '../is-node.js'
import { type PaddingChanges, paddedDigest, RawRsa } from './raw-rsa.js'

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 300)

const DATA = new Uint8Array(Buffer.from('header.payload'))

async function verifiersFor(jwk: object, algorithm: SignatureAlgorithm): Promise<readonly VerifyRsa[]> {
  const key = await importJWK({ kty: 'RSA', ...jwk }, algorithm)
  if (key instanceof Uint8Array) throw new TypeError('not a public key')
  return [isNode ? onNode.rsaVerifier(key) : byWebCrypto(key), byWebCrypto(key)]
}

/** The verdict of the implementation that this runtime uses, and the verdict of WebCrypto. */
const verdicts = (verifiers: readonly VerifyRsa[], data: Uint8Array, signature: Uint8Array) =>
  Promise.all(verifiers.map((verify) => verify(new Uint8Array(data), new Uint8Array(signature))))

const ACCEPTED = [true, true]
const REFUSED = [false, false]

it('in these tests, `#verify-rsa` resolves to the node:crypto source on Node, and to WebCrypto elsewhere', () => {
  expect(chosen.rsaVerifier).toBe(isNode ? onNode.rsaVerifier : byWebCrypto)
})

it.runIf(isNode)('a verification by node:crypto returns its verdict, not a promise', async () => {
  const rsa = new RawRsa(1)
  const [verify] = await verifiersFor(rsa.jwk, 'RS256')
  const good = new Uint8Array(rsa.raise(paddedDigest('RS256', DATA, rsa.size)))
  expect(verify?.(DATA, good)).toBe(true)
})

/** Valid padding is `00 01 FF … FF 00`, followed by the hash and its algorithm in DER (RFC 8017 §9.2). */
const WRONG_PADDING: Readonly<Record<string, PaddingChanges>> = {
  'the first byte 1': { first: 1 },
  'block type 0': { type: 0 },
  'block type 2': { type: 2 },
  'a padding byte that is not FF': { filler: 0xfe },
  'zeros as padding': { type: 0, filler: 0 },
  'no separator': { separator: 0xff },
  'seven bytes of padding, and garbage after the hash': { padding: 7 },
  'eight bytes of padding, and garbage after the hash': { padding: 8 },
  'eight bytes of padding, and garbage before the hash': { padding: 8, isGarbageFirst: true },
  'no NULL after the algorithm': { hasNull: false },
  'a length in BER’s long form': { isLongForm: true },
  'the hash alone, without its algorithm': { isBare: true },
  'the algorithm of another hash': { oid: 'other' },
  'the hash of other data': { data: new TextEncoder().encode('header.other') },
}

// Deno cannot verify with a key of 8192 bits.
describe.each('deno' in process.versions ? [1, 2] : [1, 2, 4])(
  'signatures by a key of %i × 2048 bits',
  (factors) => {
    const rsa = new RawRsa(factors)

    describe.each(ALGORITHMS)('with %s', (algorithm) => {
      let verifiers: readonly VerifyRsa[]
      let good: Uint8Array
      beforeAll(async () => {
        verifiers = await verifiersFor(rsa.jwk, algorithm)
        good = rsa.raise(paddedDigest(algorithm, DATA, rsa.size))
      })

      it('a valid RSA signature is accepted', async () => {
        expect(rsa.size).toBe(factors * 256)
        expect(await verdicts(verifiers, DATA, good)).toEqual(ACCEPTED)
      })

      test.each(Object.entries(WRONG_PADDING))('RSA refuses a signature with %s', async (_title, changes) => {
        const signature = rsa.raise(paddedDigest(algorithm, DATA, rsa.size, changes))
        expect(await verdicts(verifiers, DATA, signature)).toEqual(REFUSED)
      })

      it('an RSA signature of another algorithm is refused', async () => {
        for (const other of ALGORITHMS.filter((one) => one !== algorithm)) {
          const signature = rsa.raise(paddedDigest(other, DATA, rsa.size))
          expect(await verdicts(verifiers, DATA, signature)).toEqual(REFUSED)
        }
      })

      it('an RSA signature of a wrong length or range is refused (RFC 8017 §8.2.2 and §5.2.2)', async () => {
        const bytes = (value: bigint) => rsa.bytesOf(value)
        for (const signature of [
          new Uint8Array(),
          good.subarray(1),
          good.subarray(0, -1),
          Buffer.concat([Buffer.of(0), good]),
          Buffer.concat([good, Buffer.of(0)]),
          bytes(0n),
          bytes(1n),
          bytes(rsa.modulus - 1n),
          bytes(rsa.modulus),
          new Uint8Array(rsa.size).fill(255),
        ])
          expect(await verdicts(verifiers, DATA, signature)).toEqual(REFUSED)
      })
    })
  },
)

it('for the same key, data and signature, node:crypto and WebCrypto accept only the good signature', async () => {
  const rsa = new RawRsa(1)
  const jwk3072 = generateKeyPairSync('rsa', { modulusLength: 3072 }).publicKey.export({ format: 'jwk' })
  const good = rsa.raise(paddedDigest('RS256', DATA, rsa.size))
  const all = await Promise.all(
    [rsa.jwk, jwk3072].flatMap((jwk) => ALGORITHMS.map((algorithm) => verifiersFor(jwk, algorithm))),
  )
  const bent = fc
    .array(fc.tuple(fc.nat(rsa.size - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 3 })
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
