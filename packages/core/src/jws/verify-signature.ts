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
 * Verifies the signature and returns the verified claims, as a promise if verification is asynchronous.
 *
 * @throws {MaskinportenError} `bad_signature`, without a cause
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-5.2
 */
export function verifySignature(jws: CompactJws, key: VerificationKey): JsonObject | Promise<JsonObject> {
  // RFC 8725 §3.1: the key decides the hash, so the key's algorithm must equal the token's.
  if (key.algorithm !== jws.algorithm) throw refused('bad_signature')
  const isValid = key.verify(jws.signed, jws.signature)
  return isValid instanceof Promise ? isValid.then((valid) => claimsOf(jws, valid)) : claimsOf(jws, isValid)
}

function claimsOf({ unverifiedClaims }: CompactJws, isValid: boolean): JsonObject {
  if (!isValid) throw refused('bad_signature')
  return unverifiedClaims
}
