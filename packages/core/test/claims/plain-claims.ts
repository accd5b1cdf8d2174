import { readClaims } from '../../src/claims/read-claims.js'
import type { JsonObject } from '../../src/platform/json.js'

export const NOW = 1_699_993_000

/** The claims of the example token in Digdir's documentation. */
export const CLAIMS = {
  scope: 'digitalpostinnbygger:send nav:b',
  iss: 'https://test.maskinporten.no/',
  client_amr: 'virksomhetssertifikat',
  token_type: 'Bearer',
  exp: NOW + 120,
  iat: NOW,
  client_id: 'MOVE_IP_991825827',
  jti: 'I4tXwDLC1572',
  consumer: { authority: 'iso6523-actorid-upis', ID: '0192:991825827' },
}

/** Returns parsed claims with these changes. A value of `undefined` removes the claim. */
export function claims(changes: Record<string, unknown> = {}): JsonObject {
  return JSON.parse(JSON.stringify({ ...CLAIMS, ...changes }))
}

export const read = (changes?: Record<string, unknown>) => readClaims(claims(changes)).token
