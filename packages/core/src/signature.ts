import { type CryptoKey, compactVerify } from 'jose'
import type { CompactJws } from './compact-jws.js'
import { refused } from './errors.js'
import type { JsonObject } from './json.js'

/**
 * Verifies the signature with one key that was imported for exactly this algorithm, and hands out the
 * claims, which from here on are Maskinporten's word.
 *
 * @throws {MaskinportenError} `bad_signature`, without a cause: the library's errors may quote the token
 */
export function verifySignature(jws: CompactJws, key: CryptoKey): Promise<JsonObject> {
  return compactVerify(jws.token, key, { algorithms: [jws.algorithm] }).then(
    () => jws.unverifiedClaims,
    refuseForged,
  )
}

function refuseForged(error: unknown): never {
  throw isJoseError(error) ? refused('bad_signature') : error
}

/** jose marks every error about its input with a code of its own; anything else is a bug and stays one. */
function isJoseError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_J')
}
