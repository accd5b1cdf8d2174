import { isNaisName } from '../claims/foreign-token.js'
import type { ReadClaims } from '../claims/read-claims.js'
import { applicationError, MaskinportenError, refused } from '../errors/maskinporten-error.js'
import { consentsInForce, consentsToConsumer } from './consent.js'
import type { PreparedRule } from './requirement.js'

/**
 * What a requirement demands of a verified token, one function a demand, in the order of judging. Each
 * returns when its demand is met or not made, and throws a `MaskinportenError` when it is not met.
 */

/** What surrounds a token in one request. */
export interface Call<Request = unknown> {
  readonly request: Request
  /** When it is judged: seconds since the epoch. */
  readonly now: number
  /** The validator's own accepted audiences, for rules that name none. */
  readonly audience: readonly string[] | undefined
}

/** The audiences that a rule accepts: its own, else the validator's; undefined where nobody asks. */
export function acceptedAudiences(rule: PreparedRule<never>, call: Call): readonly string[] | undefined {
  return rule.audience ?? call.audience
}

/** RFC 8707 §2: a token without our audience could be replayed here by any other API that received it. */
export function checkAudience({ token }: ReadClaims, rule: PreparedRule<never>, call: Call): void {
  const accepted = acceptedAudiences(rule, call)
  if (accepted === undefined) return
  // A loop, on every request: on a frozen list `some` takes longer than all other demands together.
  for (const audience of token.audience) {
    if (accepted.includes(audience)) return
  }
  throw refused('wrong_audience')
}

export function checkScope({ token, hasScope }: ReadClaims, { scope }: PreparedRule<never>): void {
  if (scope.allows(hasScope)) return
  const reason = isNaisName(token.scopes, scope.names) ? 'nais_scope_name' : 'insufficient_scope'
  throw new MaskinportenError(reason, { requiredScopes: scope.advertised })
}

/** By the consumer, as Digdir demands, never by `client_id`. One without an organisation number is on no list. */
export function checkConsumer({ token }: ReadClaims, { consumers }: PreparedRule<never>): void {
  if (consumers === undefined || consumers.has(token.consumer.organisationNumber ?? '')) return
  throw refused('consumer_not_allowed')
}

/** Either claim makes a token delegated; only `supplier` says by whom it is used. */
export function checkDelegation({ token }: ReadClaims, { delegation }: PreparedRule<never>): void {
  if (delegation === undefined) return
  const { supplier, delegationSource } = token
  if (delegation === 'forbidden') {
    if (supplier === undefined && delegationSource === undefined) return
    throw refused('delegation_not_allowed')
  }
  if (supplier === undefined) throw refused('delegation_required')
  const { suppliers, sources } = delegation
  if (suppliers && !suppliers.has(supplier.organisationNumber ?? '')) {
    throw refused('supplier_not_allowed')
  }
  if (sources && !sources.has(delegationSource ?? '')) {
    throw refused('delegation_source_not_allowed')
  }
}

export function checkSystemUser({ token }: ReadClaims, { systemUser }: PreparedRule<never>): void {
  if (!systemUser || token.systemUsers.length > 0) return
  throw refused('system_user_required')
}

/** That the token is valid does not say that the consent in it is: `validTo` is judged on every request. */
export function checkConsent({ token }: ReadClaims, { consent }: PreparedRule<never>, { now }: Call): void {
  if (consent === undefined) return
  const { resources } = consent
  if (consentsInForce(token, resources, now).length > 0) return
  const hasEnded = consentsToConsumer(token, resources).length > 0
  throw refused(hasEnded ? 'consent_expired' : 'consent_required')
}

/**
 * The call is about the person that the token is restricted to: a token about nobody or somebody else is
 * refused, and so is a call about nobody.
 *
 * @throws what the application's function throws, and a TypeError for what is neither a string nor undefined
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_func_pid_restricted_tokens
 */
export function checkPid<Request>(
  { token }: ReadClaims,
  { pid }: PreparedRule<Request>,
  { request }: Call<Request>,
): void {
  if (pid === undefined) return
  if (token.pid === undefined) throw refused('pid_required')
  let subject: unknown
  try {
    subject = pid(request)
  } catch (error) {
    throw applicationError(error)
  }
  if (subject !== undefined && typeof subject !== 'string') {
    throw new TypeError('The `pid` function of a requirement must return a string or undefined')
  }
  if (subject !== token.pid) throw refused('pid_mismatch')
}

/**
 * For a rule that has one of its own. Only `true` passes: a rule that forgot to return lets nobody in. What it
 * throws is the application's own.
 */
export async function checkOwnRule<Request>(
  { token }: ReadClaims,
  { authorize }: PreparedRule<Request>,
  { request }: Call<Request>,
): Promise<void> {
  let answer: unknown
  try {
    answer = await authorize?.(token, request)
  } catch (error) {
    throw applicationError(error)
  }
  if (answer === true) return
  throw refused('not_authorized')
}
