import type { CryptoKey } from 'jose'

/** Whether a signature of the data is valid. Returns a promise where only WebCrypto can verify. */
export type VerifyRsa = (
  data: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
) => boolean | Promise<boolean>

/**
 * Returns a function that verifies with an imported key: RSASSA-PKCS1-v1_5 with the hash of that key (RFC
 * 8725 §3.1). On Node, the `imports` of package.json replace this file with `verify-rsa.node.ts`.
 */
export function rsaVerifier(key: CryptoKey): VerifyRsa {
  return (data, signature) => crypto.subtle.verify('RSASSA-PKCS1-v1_5', key, signature, data)
}
