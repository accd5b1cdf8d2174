import { type MaskinportenError, refused } from '../errors/maskinporten-error.js'
import type { MaskinportenReason } from '../errors/reasons/reasons.js'
import { type JsonObject, own } from '../platform/json.js'
import { ISSUERS, PHASED_OUT } from './issuers.js'

// The functions of this file choose the exact reason for a refused token. They cannot accept a token, so they
// may read unverified claims.

export interface IssuerRule {
  /** The accepted issuer; undefined if there are two candidates and metadata has not been read yet. */
  issuer(): string | undefined
  /** Whether an unverified `iss` is the accepted issuer, or one of two possible issuers. */
  mayHaveIssued(issuer: unknown): boolean
}

const ENVIRONMENTS: readonly string[] = Object.values(ISSUERS)

/**
 * Matches a URL on the host or its subdomains. Does not use a URL parser, which takes quadratic time (IDNA)
 * on a host of non-ASCII letters.
 */
const onHost = (host: string) => new RegExp(`^https://(?:[a-z0-9.-]{1,250}\\.)?${host}(?:[:/]|$)`, 'i')

/** Other issuers of tokens similar to Maskinporten's. */
const RELATED_ISSUERS: readonly (readonly [issuer: RegExp, reason: MaskinportenReason])[] = [
  [onHost('sky\\.maskinporten\\.no'), 'skyporten_token'],
  [onHost('idporten\\.no'), 'idporten_token'],
  // ID-porten's former hosts.
  [onHost('oidc(?:-ver[12])?\\.difi\\.no'), 'idporten_token'],
  [onHost('altinn\\.no'), 'altinn_token'],
]

export function foreignTokenRefusal(claims: JsonObject, rule: IssuerRule): MaskinportenError {
  const reason = foreignTokenReason(claims, rule)
  const issuer = own(claims, 'iss')
  const onlySlashDiffers =
    reason === 'wrong_issuer' &&
    typeof issuer === 'string' &&
    !rule.mayHaveIssued(issuer) &&
    rule.mayHaveIssued(issuer.endsWith('/') ? issuer.slice(0, -1) : `${issuer}/`)
  return onlySlashDiffers ? refused(reason, { onlySlashDiffers }) : refused(reason)
}

export function foreignTokenReason(claims: JsonObject, rule: IssuerRule): MaskinportenReason {
  const issuer = own(claims, 'iss')
  if (typeof issuer === 'string') {
    if (PHASED_OUT.includes(issuer)) return 'phased_out_environment'
    const isOther = ENVIRONMENTS.includes(issuer) && !rule.mayHaveIssued(issuer)
    if (isOther && ENVIRONMENTS.some((known) => rule.mayHaveIssued(known))) return 'wrong_environment'
    const relative = RELATED_ISSUERS.find(([pattern]) => pattern.test(issuer))
    if (relative) return relative[1]
  }
  return isAddressedToMaskinporten(own(claims, 'aud'), rule) ? 'client_assertion' : 'wrong_issuer'
}

/**
 * Returns `general_mock_token` for a token of a general mock of an OAuth server, and `reason` for any other
 * token. The issuer of such a mock is an http URL, and its tokens lack `client_amr`, which Maskinporten
 * always sets.
 */
export function reasonForClaim(
  claims: JsonObject,
  reason: 'missing_claim' | 'malformed_claims',
): MaskinportenReason {
  const issuer = own(claims, 'iss')
  const isMock = typeof issuer === 'string' && issuer.startsWith('http://')
  return isMock && !Object.hasOwn(claims, 'client_amr') ? 'general_mock_token' : reason
}

/** Whether `aud` names Maskinporten. This is so only in a client's grant: tokens are addressed to APIs. */
function isAddressedToMaskinporten(audience: unknown, rule: IssuerRule): boolean {
  const audiences: readonly unknown[] = Array.isArray(audience) ? audience : [audience]
  const known: readonly unknown[] = [...ENVIRONMENTS, ...PHASED_OUT]
  return audiences.some((entry) => known.includes(entry) || rule.mayHaveIssued(entry))
}

/** Whether a scope of the token and a required scope differ only in the prefix that NAIS adds to a name. */
export function isNaisName(scopes: readonly string[], required: readonly string[]): boolean {
  for (const name of required) {
    for (const { index } of name.matchAll(/[:/]/g)) if (scopes.includes(name.slice(index + 1))) return true
    for (const scope of scopes) {
      // The character before the name is compared first, so that a token with thousands of scopes is cheap to
      // check. A shorter scope has no such character.
      const before = scope.charAt(scope.length - name.length - 1)
      if (/[:/]/.test(before) && scope.endsWith(name)) return true
    }
  }
  return false
}
