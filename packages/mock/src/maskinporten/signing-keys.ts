import { generateKeyPair, type KeyObject, randomBytes, sign } from 'node:crypto'
import { promisify } from 'node:util'
import type { Clock } from '@portvakt/core'
import type { JWK } from 'jose'

/** A signature algorithm that Maskinporten documents. */
export type SignatureAlgorithm = 'RS256' | 'RS384' | 'RS512'

const DIGESTS: Record<SignatureAlgorithm, string> = { RS256: 'sha256', RS384: 'sha384', RS512: 'sha512' }

interface SigningKey {
  /** As it is published, with its certificate in `x5c`. */
  readonly publicJwk: JWK & { readonly kid: string }
  readonly privateKey: KeyObject
}

/** What becomes of the keys when a new one signs. */
export interface RotateKeysOptions {
  /** Whether the old keys stay published. Default true. */
  readonly keepOld?: boolean
  /** False: the new key is published later, by `publishKeys`; tokens signed with it come too early. Default true. */
  readonly publish?: boolean
}

/** The mock's own keys: one signs, and all that are kept are published. */
export class SigningKeys {
  #keys: readonly [SigningKey, ...SigningKey[]]
  #announced: SigningKey | undefined
  #heldBack: ReadonlySet<SigningKey> = new Set()

  private constructor(
    private readonly clock: Clock,
    first: SigningKey,
  ) {
    this.#keys = [first]
  }

  /** @param clock gives the time from which the certificates of the keys are valid */
  static async create(clock: Clock): Promise<SigningKeys> {
    return new SigningKeys(clock, await createSigningKey(clock))
  }

  /** The `kid` of the key that signs. */
  keyId(): string {
    return this.#keys[0].publicJwk.kid
  }

  /** The signature of a text, in base64url. @throws {TypeError} for another algorithm */
  sign(text: string, algorithm: SignatureAlgorithm): string {
    if (!Object.hasOwn(DIGESTS, algorithm))
      throw new TypeError(`\`algorithm\` must be one of ${Object.keys(DIGESTS).join(', ')}`)
    return sign(DIGESTS[algorithm], Buffer.from(text), this.privateKey()).toString('base64url')
  }

  /** The key that signs, for signatures that {@link sign} does not make. */
  privateKey(): KeyObject {
    return this.#keys[0].privateKey
  }

  published(): { keys: JWK[] } {
    const all = this.#announced ? [...this.#keys, this.#announced] : this.#keys
    const published = all.filter((key) => !this.#heldBack.has(key))
    return { keys: published.map(({ publicJwk }) => structuredClone(publicJwk)) }
  }

  /** Signs with a new key from now on: the announced one, if there is one. */
  async rotate({ keepOld = true, publish = true }: RotateKeysOptions): Promise<void> {
    const next = this.#announced ?? (await createSigningKey(this.clock))
    this.#announced = undefined
    this.#keys = keepOld ? [next, ...this.#keys] : [next]
    if (!publish) this.#heldBack = new Set([...this.#heldBack, next])
  }

  /** Publishes the key that will sign after the next rotation. */
  async announce(): Promise<void> {
    this.#announced ??= await createSigningKey(this.clock)
  }

  publish(): void {
    this.#heldBack = new Set()
  }
}

const DAY = 86_400_000

async function createSigningKey(clock: Clock): Promise<SigningKey> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  // Loaded with the first key, because tests that only use `fakeVerifiedToken` or `checkManifest` need no ASN.1.
  const { COMMON_NAME, signCertificate } = await import('../certificates/sign-certificate.js')
  // RFC 7517 §4.7: the first certificate is of this very key, which some libraries check.
  const name = [[COMMON_NAME, 'Portvakt Test Maskinporten']] as const
  const [validFrom, validTo] = [clock.now() - DAY, clock.now() + 1000 * DAY]
  const content = { subject: name, publicKey, isAuthority: false, validFrom, validTo }
  const x5c = [signCertificate(content, { name, privateKey }).toString('base64')]
  // Without `alg`: the same key signs RS256, RS384 and RS512, and a key that names one serves only that.
  const publicJwk = { ...publicKey.export({ format: 'jwk' }), kid: randomName(), use: 'sig', x5c }
  return { publicJwk, privateKey }
}

/** 32 random bytes as base64url: the form of Maskinporten's own `kid` and `jti`. */
export function randomName(): string {
  return randomBytes(32).toString('base64url')
}
