import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'

/** A signature algorithm that Maskinporten documents. */
export type SignatureAlgorithm = 'RS256' | 'RS384' | 'RS512'

interface SigningKey {
  readonly keyId: string
  readonly publicJwk: JWK
  readonly privateJwk: JWK
}

/** The mock's own keys: one signs, all that are kept are published. */
export interface SigningKeys {
  /** The name of the key that signs. */
  keyId(): string
  /** That key, imported for one algorithm. */
  forAlgorithm(algorithm: SignatureAlgorithm): Promise<CryptoKey>
  /** The public set, as it is published. */
  published(): { keys: JWK[] }
  rotate(keepOld: boolean): Promise<void>
}

export async function createSigningKeys(): Promise<SigningKeys> {
  let keys: readonly [SigningKey, ...SigningKey[]] = [await createSigningKey()]
  return {
    keyId: () => keys[0].keyId,
    forAlgorithm: (algorithm) => importPrivateKey(keys[0].privateJwk, algorithm),
    published: () => ({ keys: keys.map(({ publicJwk }) => ({ ...publicJwk })) }),
    async rotate(keepOld) {
      const created = await createSigningKey()
      keys = keepOld ? [created, ...keys] : [created]
    },
  }
}

async function createSigningKey(): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true, modulusLength: 2048 })
  const keyId = randomName()
  const { kty, n, e } = await exportJWK(publicKey)
  if (kty === undefined || n === undefined || e === undefined) throw new Error('An RSA key has kty, n and e')
  // Without `alg`: the same key signs RS256, RS384 and RS512, and a key that names one serves only that.
  return { keyId, publicJwk: { kty, kid: keyId, use: 'sig', n, e }, privateJwk: await exportJWK(privateKey) }
}

/** 32 random bytes as base64url: the form of Maskinporten's own `kid` and `jti`. */
export function randomName(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
}

async function importPrivateKey(jwk: JWK, algorithm: SignatureAlgorithm): Promise<CryptoKey> {
  const key = await importJWK(jwk, algorithm)
  if (key instanceof Uint8Array) throw new Error('A JWK with kty RSA imports as a key')
  return key
}
