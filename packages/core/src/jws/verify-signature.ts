import { refused } from '../errors/maskinporten-error.js'
import type { JsonObject } from '../platform/json.js'
import type { CompactJws, SignatureAlgorithm } from './compact-jws.js'
import type { VerifyRsa } from './verify-rsa.js'

/** A public key that verifies signatures of one algorithm. */
export interface VerificationKey {
  readonly algorithm: SignatureAlgorithm
  readonly verify: VerifyRsa
}

/**
 * Verifies the signature, and returns what `read` returns for the verified claims, as a promise if
 * verification is asynchronous.
 *
 * @throws {MaskinportenError} `bad_signature`, without a cause
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-5.2
 */
export function verifySignature<T>(
  jws: CompactJws,
  key: VerificationKey,
  read: (verifiedClaims: JsonObject) => T,
): T | Promise<T> {
  // RFC 8725 §3.1: the key decides the hash, so the key's algorithm must equal the token's.
  if (key.algorithm !== jws.algorithm) throw refused('bad_signature')
  const accept = (isValid: boolean) => {
    if (isValid !== true) throw refused('bad_signature')
    return read(jws.unverifiedClaims)
  }
  const isValid = key.verify(jws.signed, jws.signature)
  // Not `instanceof Promise`: an application can replace the global Promise, as zone.js does.
  return typeof isValid === 'boolean' ? accept(isValid) : isValid.then(accept)
}
