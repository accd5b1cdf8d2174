import { type MaskinportenError, refused } from '../errors/maskinporten-error.js'
import type { MaskinportenReason } from '../errors/reasons/reasons.js'
import { type JsonObject, own } from '../platform/json.js'
import { ISSUERS, PHASED_OUT } from './issuers.js'

/**
 * Says more exactly why a token is refused. It is only asked about tokens that are refused already, and its
 * answer is only a reason: unverified claims never lead to an acceptance.
 */

/** Whose tokens are accepted. */
export interface IssuerRule {
  /** The issuer; undefined until it is pinned. */
  issuer(): string | undefined
  /** Whether an unverified `iss` may be this issuer's. */
  mayHaveIssued(issuer: unknown): boolean
}

const ENVIRONMENTS: readonly string[] = Object.values(ISSUERS)

/** Audiences of a client's grant, besides the configured issuer. */
const GRANT_AUDIENCES: ReadonlySet<string> = new Set([...ENVIRONMENTS, ...PHASED_OUT])

/** Others whose tokens look like Maskinporten's, by the host of their issuer. */
const RELATIVES: readonly (readonly [host: RegExp, reason: MaskinportenReason])[] = [
  [/^(.+\.)?sky\.maskinporten\.no$/, 'skyporten_token'],
  [/^(.+\.)?idporten\.no$/, 'idporten_token'],
  // ID-porten's former addresses.
  [/^oidc(-ver[12])?\.difi\.no$/, 'idporten_token'],
  [/^(.+\.)?altinn\.no$/, 'altinn_token'],
]

/**
 * The host of an issuer, if it may be one of the above. Issuers are not parsed as URLs: an unverified one may be a
 * host of thousands of non-ASCII letters, and IDNA processing takes quadratic time.
 */
const HOST = /^https:\/\/([a-z0-9.-]{1,253})(?:[:/]|$)/i

/** The refusal of a token that is not from our issuer. */
export function refusalOfForeigner(claims: JsonObject, rule: IssuerRule): MaskinportenError {
  const reason = reasonForForeigner(claims, rule)
  const issuer = own(claims, 'iss')
  const onlySlashDiffers =
    reason === 'wrong_issuer' &&
    typeof issuer === 'string' &&
    !rule.mayHaveIssued(issuer) &&
    rule.mayHaveIssued(issuer.endsWith('/') ? issuer.slice(0, -1) : `${issuer}/`)
  return onlySlashDiffers ? refused(reason, { onlySlashDiffers }) : refused(reason)
}

/** Why a token that is not from our issuer is here. */
export function reasonForForeigner(claims: JsonObject, rule: IssuerRule): MaskinportenReason {
  const issuer = own(claims, 'iss')
  if (typeof issuer === 'string') {
    if (PHASED_OUT.includes(issuer)) return 'phased_out_environment'
    const isOther = ENVIRONMENTS.includes(issuer) && !rule.mayHaveIssued(issuer)
    if (isOther && ENVIRONMENTS.some((known) => rule.mayHaveIssued(known))) return 'wrong_environment'
    const host = HOST.exec(issuer)?.[1]?.toLowerCase() ?? ''
    const relative = RELATIVES.find(([pattern]) => pattern.test(host))
    if (relative) return relative[1]
  }
  return isAddressedToMaskinporten(own(claims, 'aud'), rule) ? 'client_assertion' : 'wrong_issuer'
}

/**
 * Why claims are refused of which one is missing or malformed. General mocks of OAuth servers have issuers on plain
 * http and do not know `client_amr`, which Maskinporten always sets; Maskinporten's issuers are on https.
 */
export function reasonForClaim(
  claims: JsonObject,
  reason: 'missing_claim' | 'malformed_claims',
): MaskinportenReason {
  const issuer = own(claims, 'iss')
  const isMock = typeof issuer === 'string' && issuer.startsWith('http://')
  return isMock && !Object.hasOwn(claims, 'client_amr') ? 'general_mock_token' : reason
}

/** Only a client's own grant is: what Maskinporten issues is for an API. */
function isAddressedToMaskinporten(audience: unknown, rule: IssuerRule): boolean {
  const audiences: readonly unknown[] = Array.isArray(audience) ? audience : [audience]
  return audiences.some(
    (entry) => typeof entry === 'string' && (GRANT_AUDIENCES.has(entry) || rule.mayHaveIssued(entry)),
  )
}

/**
 * Whether a scope of the token and a required one differ only in the prefix that NAIS adds, so that one of them is
 * probably written as in nais.yaml.
 */
export function isNaisName(scopes: readonly string[], required: readonly string[]): boolean {
  for (const name of required) {
    for (const { index } of name.matchAll(SEPARATORS)) if (scopes.includes(name.slice(index + 1))) return true
    for (const scope of scopes) {
      // Negative for most: comparing lengths first keeps a token of thousands of scopes cheap.
      const before = scope.length - name.length - 1
      if (before >= 0 && isSeparator(scope[before]) && scope.endsWith(name)) return true
    }
  }
  return false
}

const SEPARATORS = /[:/]/g

function isSeparator(character: string | undefined): boolean {
  return character === ':' || character === '/'
}
