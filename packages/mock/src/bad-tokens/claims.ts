import type { Forge } from './forge.js'
import { recipes } from './recipe.js'

/** Further than any tolerance for clocks. */
const AN_HOUR = 3600

/** Tokens that are rightly signed, with claims that make them worthless, RFC 7519 §4.1 and RFC 9068 §4. */
export const CLAIM_RECIPES = recipes({
  expired: {
    meaning: 'has expired',
    reason: 'expired',
    make: (forge) => forge.issue({ expiresIn: -AN_HOUR }),
  },
  'exp-missing': {
    meaning: 'never expires',
    reason: 'missing_claim',
    make: (forge) => forge.claiming({ exp: undefined }),
  },
  'exp-text': {
    meaning: 'expires at a text',
    reason: 'malformed_claims',
    make: (forge) => forge.claiming({ exp: String(forge.now() + 60) }),
  },
  'exp-infinite': {
    meaning: 'expires at 1e400, which JSON reads as infinity',
    reason: 'malformed_claims',
    make: (forge) =>
      forge.seal(forge.header(), JSON.stringify(forge.claims()).replace(/"exp":\d+/, '"exp":1e400')),
  },
  'exp-far': {
    meaning: 'lives for ten years',
    reason: 'lifetime_too_long',
    make: (forge) => forge.issue({ expiresIn: 10 * 365 * 86_400 }),
  },
  'times-in-milliseconds': {
    meaning: 'has iat and exp in milliseconds',
    reason: 'time_in_milliseconds',
    make: (forge) => forge.claiming({ iat: forge.now() * 1000, exp: (forge.now() + 60) * 1000 }),
  },
  'exp-in-milliseconds': {
    meaning: 'has exp in milliseconds',
    reason: 'time_in_milliseconds',
    make: (forge) => forge.claiming({ exp: (forge.now() + 60) * 1000 }),
  },
  'not-yet-valid': {
    meaning: 'is valid in an hour',
    reason: 'not_yet_valid',
    make: (forge) => forge.claiming({ nbf: forge.now() + AN_HOUR, exp: forge.now() + AN_HOUR + 60 }),
  },
  'nbf-text': {
    meaning: 'is valid from a text on',
    reason: 'malformed_claims',
    make: (forge) => forge.claiming({ nbf: String(forge.now()) }),
  },
  'issued-in-future': {
    meaning: 'is issued in an hour',
    reason: 'issued_in_future',
    make: (forge) => forge.claiming({ iat: forge.now() + AN_HOUR, exp: forge.now() + AN_HOUR + 60 }),
  },
  'iat-missing': {
    meaning: 'does not say when it was issued',
    reason: 'missing_claim',
    make: (forge) => forge.claiming({ iat: undefined }),
  },
  'wrong-issuer': {
    meaning: 'is issued by somebody else',
    reason: 'wrong_issuer',
    make: (forge) => forge.issue({ issuer: 'https://attacker.example/' }),
  },
  'issuer-without-slash': {
    meaning: 'is issued by the same name without its slash',
    reason: 'wrong_issuer',
    make: (forge) => forge.issue({ issuer: ownIssuer(forge).slice(0, -1) }),
  },
  'issuer-in-a-list': {
    meaning: 'has two issuers, one of them right',
    reason: 'malformed_claims',
    make: (forge) => forge.claiming({ iss: ['https://attacker.example/', ownIssuer(forge)] }),
  },
  'issuer-missing': {
    meaning: 'is issued by nobody',
    reason: 'missing_claim',
    make: (forge) => forge.claiming({ iss: undefined }),
  },
  'subject-number': {
    meaning: 'is about a number',
    reason: 'malformed_claims',
    make: (forge) => forge.claiming({ sub: 7 }),
  },
  'audience-number': {
    meaning: 'is for a number',
    reason: 'malformed_claims',
    make: (forge) => forge.claiming({ aud: 7 }),
  },
  'scope-in-a-list': {
    meaning: 'has its scopes in a list',
    reason: 'malformed_claims',
    make: (forge) => forge.claiming({ scope: forge.scopes }),
  },
  'scope-missing': {
    meaning: 'has no scope claim',
    reason: 'missing_claim',
    make: (forge) => forge.claiming({ scope: undefined }),
  },
  'consumer-missing': {
    meaning: 'says nothing of who calls',
    reason: 'missing_claim',
    make: (forge) => forge.claiming({ consumer: undefined }),
  },
  'consumer-text': {
    meaning: 'names who calls in a text',
    reason: 'malformed_claims',
    make: (forge) => forge.claiming({ consumer: '0192:314330897' }),
  },
  'consumer-without-authority': {
    meaning: 'names who calls without the register',
    reason: 'malformed_claims',
    make: (forge) => forge.claiming({ consumer: { ID: '0192:314330897' } }),
  },
  'supplier-text': {
    meaning: 'names the supplier in a text',
    reason: 'malformed_claims',
    make: (forge) => forge.claiming({ supplier: '0192:314330897' }),
  },
  'pid-short': {
    meaning: 'is about a person with ten digits',
    reason: 'malformed_claims',
    make: (forge) => forge.claiming({ pid: '0584899835' }),
  },
  'authorization-details-object': {
    meaning: 'has authorization_details that are no list',
    reason: 'malformed_claims',
    make: (forge) => forge.claiming({ authorization_details: { type: 'urn:altinn:consent' } }),
  },
  'sender-constrained': {
    meaning: 'is bound to a key of its sender: cnf',
    reason: 'sender_constrained',
    make: (forge) => forge.claiming({ cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } }),
  },
})

function ownIssuer(forge: Forge): string {
  return forge.material.from.issuer
}
