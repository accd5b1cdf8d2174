import { KeyObject, verify } from 'node:crypto'
import type { CryptoKey } from 'jose'
import type { VerifyRsa } from './verify-rsa.js'

/**
 * Verifies synchronously, because WebCrypto passes each signature to another thread, which costs more than
 * twice as much as the verification.
 */
export function rsaVerifier(key: CryptoKey): VerifyRsa {
  const { hash } = key.algorithm as unknown as { readonly hash: { readonly name: string } }
  // The key is converted once, because Node deprecates passing a CryptoKey to `verify` (DEP0203). The key
  // must be extractable: Node also deprecates `KeyObject.from` for keys that are not extractable (DEP0204).
  const keyObject = KeyObject.from(key)
  const digest = hash.name.replace('-', '')
  return (data, signature) => verify(digest, data, keyObject, signature)
}
