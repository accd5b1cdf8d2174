import { readClaims } from '../../src/claims/read-claims.js'
import type { JsonObject } from '../../src/platform/json.js'
import { PLAIN } from '../sample-tokens.js'

/** The time when the token with these claims was issued. */
export const NOW = PLAIN.iat

/** Returns parsed claims with these changes. A value of `undefined` removes the claim. */
export function claims(changes: Record<string, unknown> = {}): JsonObject {
  return JSON.parse(JSON.stringify({ ...PLAIN, ...changes }))
}

export const read = (changes?: Record<string, unknown>) => readClaims(claims(changes)).token
