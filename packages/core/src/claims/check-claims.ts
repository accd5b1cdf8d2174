import { refused } from '../errors/maskinporten-error.js'
import type { MaskinportenReason } from '../errors/reasons/reasons.js'
import { type JsonObject, own } from '../platform/json.js'
import { foreignTokenRefusal, type IssuerRule } from './foreign-token.js'
import { numericDate, type ReadClaims } from './read-claims.js'

/** Limits, in seconds. */
interface TimeRules {
  readonly clockTolerance: number
  readonly maxTokenLifetime: number
}

export interface ClaimRules extends TimeRules {
  readonly issuer: IssuerRule
}

/**
 * Checks `iat`, `nbf` and `exp`. Each comparison is written so that the check fails for `NaN`.
 *
 * @param now seconds since the epoch
 * @throws {MaskinportenError} `invalid_token`
 * @see https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4 at or after `exp`, a token is refused
 */
export function checkTime({ token, notBefore }: ReadClaims, rules: TimeRules, now: number): void {
  checkPeriod(token.expiresAt, notBefore, token.issuedAt, rules, now)
  if (!(token.expiresAt - token.issuedAt <= rules.maxTokenLifetime))
    throw refused(reasonOfTime(token.expiresAt, 'lifetime_too_long'))
}

function checkPeriod(
  expiresAt: number | undefined,
  notBefore: number | undefined,
  issuedAt: number | undefined,
  { clockTolerance }: TimeRules,
  now: number,
): void {
  if (expiresAt !== undefined && !(now < expiresAt + clockTolerance)) throw refused('expired')
  if (notBefore !== undefined && !(notBefore <= now + clockTolerance))
    throw refused(reasonOfTime(notBefore, 'not_yet_valid'))
  if (issuedAt !== undefined && !(issuedAt <= now + clockTolerance))
    throw refused(reasonOfTime(issuedAt, 'issued_in_future'))
}

/**
 * Returns `time_in_milliseconds` for a time from 5e11 to 1e13, and `reason` for any other time. In seconds,
 * 5e11 is after the year 17,000. In milliseconds, the range is the years 1985–2286.
 */
function reasonOfTime(time: number, reason: MaskinportenReason): MaskinportenReason {
  return time >= 5e11 && time < 1e13 ? 'time_in_milliseconds' : reason
}

/** Compares `iss` exactly (RFC 8725 §3.8): a missing slash or a different letter case is refused. */
export function checkIssuer({ token }: ReadClaims, { issuer }: Pick<ClaimRules, 'issuer'>): void {
  const expected = issuer.issuer()
  if (expected === undefined || token.issuer !== expected) throw foreignTokenRefusal(token.claims, issuer)
}

/**
 * Rejects a token whose own unverified claims already rule it out (expired, other issuer), so that it costs
 * no key fetch. Unverified claims can refuse a token but never accept one.
 */
export function rejectEarly(unverified: JsonObject, rule: IssuerRule, rules: TimeRules, now: number): void {
  const [expiresAt, notBefore, issuedAt] = ['exp', 'nbf', 'iat'].map((name) =>
    numericDate(own(unverified, name)),
  )
  checkPeriod(expiresAt, notBefore, issuedAt, rules, now)
  if (!rule.mayHaveIssued(own(unverified, 'iss'))) throw foreignTokenRefusal(unverified, rule)
}
