import { generateKeyPair, type KeyObject, randomBytes, sign } from 'node:crypto'
import { promisify } from 'node:util'
import type { Clock } from '@portvakt/core'
import type { JWK } from 'jose'

/** A signature algorithm that Maskinporten documents. */
export type SignatureAlgorithm = 'RS256' | 'RS384' | 'RS512'

const DIGESTS: Record<SignatureAlgorithm, string> = { RS256: 'sha256', RS384: 'sha384', RS512: 'sha512' }

interface SigningKey {
  /** The public key, with its certificate in `x5c`. */
  readonly publicJwk: JWK & { readonly kid: string }
  readonly privateKey: KeyObject
}

/** Which keys are published after a rotation. */
export interface RotateKeysOptions {
  /** Whether the old keys stay published. Default true. */
  readonly keepOld?: boolean
  /**
   * Whether the new key is published at once. If false, the new key signs at once, but is not published
   * before `publishKeys` is called. Default true.
   */
  readonly publish?: boolean
}

/** The mock's own signing keys. The first key in the list signs. */
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

  static async create(clock: Clock): Promise<SigningKeys> {
    return new SigningKeys(clock, await createSigningKey(clock))
  }

  keyId(): string {
    return this.#keys[0].publicJwk.kid
  }

  /** Signs a text and returns the signature in base64url. @throws {TypeError} for an unknown algorithm */
  sign(text: string, algorithm: SignatureAlgorithm): string {
    if (!Object.hasOwn(DIGESTS, algorithm))
      throw new TypeError(`\`algorithm\` must be one of ${Object.keys(DIGESTS).join(', ')}`)
    return sign(DIGESTS[algorithm], Buffer.from(text), this.privateKey()).toString('base64url')
  }

  /** Returns the key itself, for signatures that {@link sign} cannot make. */
  privateKey(): KeyObject {
    return this.#keys[0].privateKey
  }

  published(): { keys: JWK[] } {
    const all = this.#announced ? [...this.#keys, this.#announced] : this.#keys
    const published = all.filter((key) => !this.#heldBack.has(key))
    return { keys: published.map(({ publicJwk }) => structuredClone(publicJwk)) }
  }

  async rotate({ keepOld = true, publish = true }: RotateKeysOptions): Promise<void> {
    for (const [option, value] of Object.entries({ keepOld, publish }))
      if (typeof value !== 'boolean') throw new TypeError(`\`${option}\` must be true or false`)
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
  // Import this module only when a key is made, because tests that use only `fakeVerifiedToken` or
  // `checkManifest` do not need it.
  const { COMMON_NAME, signCertificate } = await import('../certificates/sign-certificate.js')
  // Some libraries check that the first certificate in `x5c` contains the key of the JWK, as RFC 7517 §4.7
  // requires.
  const name = [[COMMON_NAME, 'Portvakt Test Maskinporten']] as const
  const [validFrom, validTo] = [clock.now() - DAY, clock.now() + 1000 * DAY]
  const content = { subject: name, publicKey, isAuthority: false, validFrom, validTo }
  const x5c = [signCertificate(content, { name, privateKey }).toString('base64')]
  // The JWK has no `alg`, because the same key signs RS256, RS384 and RS512.
  const publicJwk = { ...publicKey.export({ format: 'jwk' }), kid: randomName(), use: 'sig', x5c }
  return { publicJwk, privateKey }
}

/** Returns 32 random bytes in base64url, the format of Maskinporten's `kid` and `jti`. */
export function randomName(): string {
  return randomBytes(32).toString('base64url')
}
