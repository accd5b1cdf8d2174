import { bad, claims, type Recipe } from './forge.js'

/** One hour in seconds, which is longer than any clock tolerance. */
const AN_HOUR = 3600

/** Tokens with a valid signature, but with claims that a guard must refuse (RFC 7519 §4.1, RFC 9068 §4). */
export const CLAIM_RECIPES = {
  expired: bad('expired', 'has expired', { expiresIn: -AN_HOUR }),
  'exp-missing': bad('missing_claim', 'never expires', claims({ exp: undefined })),
  'exp-text': malformed('has a string as exp', (forge) => forge.claiming({ exp: String(forge.now() + 60) })),
  'exp-infinite': malformed('expires at 1e400, which JSON reads as infinity', (forge) =>
    forge.seal(JSON.stringify(forge.claims()).replace(/"exp":\d+/, '"exp":1e400')),
  ),
  'exp-far': bad('lifetime_too_long', 'lives for ten years', { expiresIn: 10 * 365 * 86_400 }),
  'times-in-milliseconds': bad('time_in_milliseconds', 'has iat and exp in milliseconds', (forge) =>
    forge.claiming({ iat: forge.now() * 1000, exp: (forge.now() + 60) * 1000 }),
  ),
  'exp-in-milliseconds': bad('time_in_milliseconds', 'has exp in milliseconds', (forge) =>
    forge.claiming({ exp: (forge.now() + 60) * 1000 }),
  ),
  'not-yet-valid': bad('not_yet_valid', 'is valid in an hour', (forge) =>
    forge.claiming({ nbf: forge.now() + AN_HOUR, exp: forge.now() + AN_HOUR + 60 }),
  ),
  'nbf-text': malformed('has a string as nbf', (forge) => forge.claiming({ nbf: String(forge.now()) })),
  'issued-in-future': bad('issued_in_future', 'is issued in an hour', (forge) =>
    forge.claiming({ iat: forge.now() + AN_HOUR, exp: forge.now() + AN_HOUR + 60 }),
  ),
  'iat-missing': bad('missing_claim', 'has no iat', claims({ iat: undefined })),
  'wrong-issuer': bad('wrong_issuer', 'has another issuer', { issuer: 'https://attacker.example/' }),
  'issuer-without-slash': bad('wrong_issuer', 'has the right issuer without its trailing slash', (forge) =>
    forge.issue({ issuer: forge.material.from.issuer.slice(0, -1) }),
  ),
  'issuer-in-a-list': malformed('has two issuers, one of them right', (forge) =>
    forge.claiming({ iss: ['https://attacker.example/', forge.material.from.issuer] }),
  ),
  'issuer-missing': bad('missing_claim', 'has no issuer', claims({ iss: undefined })),
  'subject-number': malformed('has a number as its subject', claims({ sub: 7 })),
  'audience-number': malformed('has a number as its audience', claims({ aud: 7 })),
  'scope-in-a-list': malformed('has its scopes in a list', (forge) =>
    forge.claiming({ scope: forge.scopes }),
  ),
  'scope-missing': bad('missing_claim', 'has no scope claim', claims({ scope: undefined })),
  'consumer-missing': bad('missing_claim', 'does not name its consumer', claims({ consumer: undefined })),
  'consumer-text': malformed('names its consumer in a string', claims({ consumer: '0192:314330897' })),
  'consumer-without-authority': malformed(
    'names its consumer without the register',
    claims({ consumer: { ID: '0192:314330897' } }),
  ),
  'supplier-text': malformed('names its supplier in a string', claims({ supplier: '0192:314330897' })),
  'pid-short': malformed('has a pid of ten digits', claims({ pid: '0584899835' })),
  'authorization-details-object': malformed(
    'has authorization_details that are not a list',
    claims({ authorization_details: { type: 'urn:altinn:consent' } }),
  ),
  'sender-constrained': bad(
    'sender_constrained',
    'is bound to a key of its sender: cnf',
    claims({ cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } }),
  ),
}

function malformed(meaning: string, make: Recipe['make']): Recipe {
  return bad('malformed_claims', meaning, make)
}
