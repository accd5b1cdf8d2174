import { KeyObject, verify } from 'node:crypto'
import type { CryptoKey } from 'jose'
import type { VerifyRsa } from './verify-rsa.js'

/**
 * Verifies synchronously, because WebCrypto passes each signature to a thread, which costs more than twice the
 * operation itself.
 */
export function rsaVerifier(key: CryptoKey): VerifyRsa {
  const { hash } = key.algorithm as unknown as { readonly hash: { readonly name: string } }
  // Made once, from an extractable key: Node deprecates both the use of a CryptoKey here and `KeyObject.from` with
  // a key that is not extractable (DEP0203, DEP0204).
  const keyObject = KeyObject.from(key)
  const digest = hash.name.replace('-', '')
  return (data, signature) => verify(digest, data, keyObject, signature)
}
