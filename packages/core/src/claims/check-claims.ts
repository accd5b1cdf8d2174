import { type MaskinportenReason, refused } from '../errors/maskinporten-error.js'
import { type JsonObject, own } from '../platform/json.js'
import { type IssuerRule, refusalOfForeigner } from './foreign-token.js'
import { numericDate, type ReadClaims } from './read-claims.js'

/** How much time may differ and how long a token may live, in seconds. */
export interface TimeRules {
  readonly clockTolerance: number
  readonly maxTokenLifetime: number
}

/** What every token must satisfy, whatever the route. */
export interface ClaimRules extends TimeRules {
  readonly issuer: IssuerRule
}

/**
 * Checks `iat`, `nbf` and `exp` by the wall clock, on every request. Each comparison is written so that a `NaN` refuses.
 *
 * @param now seconds since the epoch
 * @throws {MaskinportenError} `invalid_token`
 * @see https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4 `exp`: on or after it, the token is refused
 */
export function checkTime({ token, notBefore }: ReadClaims, rules: TimeRules, now: number): void {
  checkPeriod(token.expiresAt, notBefore, token.issuedAt, rules, now)
  if (!(token.expiresAt - token.issuedAt <= rules.maxTokenLifetime))
    throw refused(reasonOfTime(token.expiresAt, 'lifetime_too_long'))
}

/** Times that are undefined are not checked. */
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
 * The reason for refusing a time that is too far in the future. Times from 5e11 are past the year 17,000 in seconds;
 * below 1e13 they are between 1985 and 2286 in milliseconds.
 */
function reasonOfTime(time: number, reason: MaskinportenReason): MaskinportenReason {
  return time >= 5e11 && time < 1e13 ? 'time_in_milliseconds' : reason
}

/** Exact comparison (RFC 8725 §3.8): a missing slash or another case is another issuer. */
export function checkIssuer({ token }: ReadClaims, { issuer }: Pick<ClaimRules, 'issuer'>): void {
  const expected = issuer.issuer()
  if (expected === undefined || token.issuer !== expected) throw refusalOfForeigner(token.claims, issuer)
}

/**
 * Rejects a token whose own unverified claims already rule it out (expired, other issuer), so that it costs no key
 * fetch. Unverified claims can only refuse a token, never accept it.
 */
export function rejectEarly(unverified: JsonObject, rule: IssuerRule, rules: TimeRules, now: number): void {
  const [expiresAt, notBefore, issuedAt] = TIMES.map((name) => numericDate(own(unverified, name)))
  checkPeriod(expiresAt, notBefore, issuedAt, rules, now)
  if (!rule.mayHaveIssued(own(unverified, 'iss'))) throw refusalOfForeigner(unverified, rule)
}

const TIMES = ['exp', 'nbf', 'iat'] as const
