import { createHash, generateKeyPairSync } from 'node:crypto'
import type { SignatureAlgorithm } from '../../src/jws/compact-jws.js'

/** The hash of each algorithm, and the last byte of its object identifier (RFC 8017 appendix B.1). */
const HASHES = { RS256: ['sha256', 1], RS384: ['sha384', 2], RS512: ['sha512', 3] } as const

/** Does the private RSA operation on any block, for tests. The modulus has about `factors` × 2048 bits. */
export class RawRsa {
  /** Each prime factor of the modulus, with the private exponent for that factor. */
  readonly #primes: readonly { readonly prime: bigint; readonly exponent: bigint }[]
  readonly modulus: bigint
  /** Size of the modulus and of each signature, in bytes. */
  readonly size: number

  constructor(factors: number) {
    const pairs = Array.from({ length: factors }, () => generateKeyPairSync('rsa', { modulusLength: 2048 }))
    this.#primes = pairs.flatMap(({ privateKey }) => {
      const { p, q, dp, dq } = privateKey.export({ format: 'jwk' })
      return [
        { prime: numberIn(p), exponent: numberIn(dp) },
        { prime: numberIn(q), exponent: numberIn(dq) },
      ]
    })
    this.modulus = this.#primes.reduce((product, { prime }) => product * prime, 1n)
    this.size = Math.ceil(this.modulus.toString(2).length / 8)
  }

  get jwk() {
    return { n: Buffer.from(this.bytesOf(this.modulus)).toString('base64url'), e: 'AQAB' }
  }

  bytesOf(value: bigint): Uint8Array {
    return Buffer.from(value.toString(16).padStart(this.size * 2, '0'), 'hex')
  }

  /** RSASP1 (RFC 8017 §5.2.1), by the Chinese remainder theorem. */
  raise(block: Uint8Array): Uint8Array {
    const message = numberOf(block)
    let sum = 0n
    for (const { prime, exponent } of this.#primes) {
      const others = this.modulus / prime
      sum += power(message % prime, exponent, prime) * others * power(others % prime, prime - 2n, prime)
    }
    return this.bytesOf(sum % this.modulus)
  }
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}

const numberIn = (member = '') => numberOf(Buffer.from(member, 'base64url'))

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

export interface PaddingChanges {
  readonly first?: number
  readonly type?: number
  readonly filler?: number
  readonly separator?: number
  /**
   * Number of padding bytes. If this leaves room in the block, zeros follow the hash or, if `isGarbageFirst`
   * is true, precede it.
   */
  readonly padding?: number
  readonly isGarbageFirst?: boolean
  readonly hasNull?: boolean
  readonly isLongForm?: boolean
  readonly isBare?: boolean
  readonly oid?: 'other'
  readonly data?: Uint8Array
}

/** Returns a hash padded by EMSA-PKCS1-v1_5 (RFC 8017 §9.2), with these changes. */
export function paddedDigest(
  algorithm: SignatureAlgorithm,
  data: Uint8Array,
  size: number,
  changes: PaddingChanges = {},
): Uint8Array {
  const { first = 0, type = 1, filler = 0xff, separator = 0, isGarbageFirst = false } = changes
  const [name, ending] = HASHES[algorithm]
  const digest = createHash(name)
    .update(changes.data ?? data)
    .digest()
  const info = changes.isBare ? digest : digestInfo(digest, ending, changes)
  const length = changes.padding ?? size - 3 - info.length
  const garbage = Buffer.alloc(size - 3 - info.length - length)
  const rest = isGarbageFirst ? [garbage, info] : [info, garbage]
  return Buffer.concat([Buffer.of(first, type), Buffer.alloc(length, filler), Buffer.of(separator), ...rest])
}

function digestInfo(
  digest: Buffer,
  ending: number,
  { hasNull = true, isLongForm, oid }: PaddingChanges,
): Buffer {
  const last = oid === 'other' ? (ending % 3) + 1 : ending
  const id = Buffer.of(0x06, 9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last)
  const algorithm = Buffer.concat([id, hasNull ? Buffer.of(0x05, 0) : Buffer.alloc(0)])
  const body = Buffer.concat([
    Buffer.of(0x30, algorithm.length),
    algorithm,
    Buffer.of(0x04, digest.length),
    digest,
  ])
  const length = isLongForm ? Buffer.of(0x81, body.length) : Buffer.of(body.length)
  return Buffer.concat([Buffer.of(0x30), length, body])
}
