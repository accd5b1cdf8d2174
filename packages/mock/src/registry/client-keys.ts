import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import { takeOptions } from '@portvakt/core/internal'
import type { JWK } from 'jose'

/** The key that a client is registered with. */
export interface ClientKeys {
  readonly publicJwk: JWK & { readonly kid: string }
  /** Only where the mock made the key pair. */
  readonly privateJwk: JWK | undefined
}

/**
 * A given key is checked at once; one of our own is made when it is first asked for, as that takes a while.
 *
 * @throws {TypeError} unless the given one is a public RSA key with a name
 */
export function keysOf(given: JWK | undefined): () => ClientKeys {
  if (given === undefined) {
    let made: ClientKeys | undefined
    return () => {
      made ??= makeKeys()
      return made
    }
  }
  const { kid, kty, n, e, d } = takeOptions(given, 'any', '`jwk`')
  if (kty !== 'RSA' || !kid || !n || !e)
    throw new TypeError('`jwk` must be a public RSA key with kid, n and e')
  if (d !== undefined) throw new TypeError('`jwk` is a private key; register its public part')
  if (bitsOf({ kty, n, e }) < 2048) throw new TypeError('`jwk` must be an RSA key of at least 2048 bits')
  return () => ({ publicJwk: { kid, kty, n, e }, privateJwk: undefined })
}

/** Zero for what is no key. */
function bitsOf(key: { kty: string; n: string; e: string }): number {
  try {
    return createPublicKey({ key, format: 'jwk' }).asymmetricKeyDetails?.modulusLength ?? 0
  } catch {
    return 0
  }
}

/** What NAIS makes for a client: RSA with 2048 bits, named by a UUID. */
function makeKeys(): ClientKeys {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const names = { use: 'sig', alg: 'RS256', kid: randomUUID() }
  return {
    publicJwk: { ...names, ...publicKey.export({ format: 'jwk' }) },
    privateJwk: { ...names, ...privateKey.export({ format: 'jwk' }) },
  }
}
