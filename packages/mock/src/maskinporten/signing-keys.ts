import { generateKeyPair, type KeyObject, randomBytes, sign } from 'node:crypto'
import { promisify } from 'node:util'
import type { Clock } from '@portvakt/core'
import type { JWK } from 'jose'

/** A signature algorithm that Maskinporten documents. */
export type SignatureAlgorithm = 'RS256' | 'RS384' | 'RS512'

/** Milliseconds. */
const DAY = 86_400_000

const DIGESTS: Record<SignatureAlgorithm, string> = { RS256: 'sha256', RS384: 'sha384', RS512: 'sha512' }

interface SigningKey {
  readonly keyId: string
  readonly publicJwk: JWK
  /** Base64 of DER. */
  readonly certificate: string
  readonly privateKey: KeyObject
}

/** What becomes of the keys when a new one signs. */
export interface RotateKeysOptions {
  /** Whether the old keys stay published. Default true. */
  readonly keepOld?: boolean
  /** False: the new key is published later, by `publishKeys`; tokens signed with it come too early. Default true. */
  readonly publish?: boolean
}

/** The mock's own keys: one signs, all that are kept are published. */
export interface SigningKeys {
  /** The name of the key that signs. */
  keyId(): string
  /** That key's signature of a text, in base64url. @throws {TypeError} for another algorithm */
  sign(text: string, algorithm: SignatureAlgorithm): string
  /** The key that signs, for what {@link sign} does not make. */
  privateKey(): KeyObject
  /** The public set, as it is published. */
  published(): { keys: JWK[] }
  /** Signs with a new key from now on: the announced one, where there is one. */
  rotate(options: Required<RotateKeysOptions>): Promise<void>
  /** Publishes the key that will sign after the next rotation. */
  announce(): Promise<void>
  /** Publishes what was held back. */
  publish(): void
}

/** @param clock tells from when the certificates of the keys are valid */
export async function createSigningKeys(clock: Clock): Promise<SigningKeys> {
  let keys: readonly [SigningKey, ...SigningKey[]] = [await createSigningKey(clock)]
  let announced: SigningKey | undefined
  let heldBack: ReadonlySet<SigningKey> = new Set()
  return {
    keyId: () => keys[0].keyId,
    sign(text, algorithm) {
      if (!Object.hasOwn(DIGESTS, algorithm)) {
        throw new TypeError(`\`algorithm\` must be one of ${Object.keys(DIGESTS).join(', ')}`)
      }
      return sign(DIGESTS[algorithm], Buffer.from(text), keys[0].privateKey).toString('base64url')
    },
    privateKey: () => keys[0].privateKey,
    published() {
      const all = announced ? [...keys, announced] : keys
      const open = all.filter((key) => !heldBack.has(key))
      return { keys: open.map(({ publicJwk, certificate }) => ({ ...publicJwk, x5c: [certificate] })) }
    },
    async rotate({ keepOld, publish }) {
      const next = announced ?? (await createSigningKey(clock))
      announced = undefined
      keys = keepOld ? [next, ...keys] : [next]
      if (!publish) heldBack = new Set([...heldBack, next])
    },
    async announce() {
      announced ??= await createSigningKey(clock)
    },
    publish() {
      heldBack = new Set()
    },
  }
}

async function createSigningKey(clock: Clock): Promise<SigningKey> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const keyId = randomName()
  const { n, e } = publicKey.export({ format: 'jwk' })
  // Loaded with the first key, because tests that only use `fakeVerifiedToken` or `checkManifest` need no ASN.1.
  const { COMMON_NAME, signCertificate } = await import('../certificates/sign-certificate.js')
  if (n === undefined || e === undefined) throw new Error('An RSA key has n and e')
  // RFC 7517 §4.7: the first certificate is of this very key, which some libraries check.
  const name = [[COMMON_NAME, 'Portvakt Test Maskinporten']] as const
  const content = {
    subject: name,
    publicKey,
    isAuthority: false,
    validFrom: clock.now() - DAY,
    validTo: clock.now() + 1000 * DAY,
  }
  const certificate = signCertificate(content, { name, privateKey }).toString('base64')
  // Without `alg`: the same key signs RS256, RS384 and RS512, and a key that names one serves only that.
  return { keyId, publicJwk: { kty: 'RSA', kid: keyId, use: 'sig', n, e }, certificate, privateKey }
}

/** 32 random bytes as base64url: the form of Maskinporten's own `kid` and `jti`. */
export function randomName(): string {
  return randomBytes(32).toString('base64url')
}
