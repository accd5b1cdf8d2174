import type { ReadClaims } from './claims.js'
import { MaskinportenError } from './errors.js'
import type { PreparedRule } from './requirement.js'
import type { PreparedScope } from './scope.js'
import type { VerifiedToken } from './verified-token.js'

/**
 * What a requirement demands of a verified token, one function a demand, in the order of judging. Each
 * returns when its demand is met and throws a `MaskinportenError` when it is not.
 */

/** RFC 8707 §2: a token without our audience could be replayed here by any other API that received it. */
export function checkAudience(token: VerifiedToken, accepted: readonly string[] | undefined): void {
  if (accepted === undefined || token.audience.some((audience) => accepted.includes(audience))) return
  throw new MaskinportenError('wrong_audience')
}

export function checkScope({ scopeSet }: ReadClaims, scope: PreparedScope): void {
  if (scope.allows(scopeSet)) return
  throw new MaskinportenError('insufficient_scope', { requiredScopes: scope.advertised })
}

/** By the consumer, as Digdir demands, never by `client_id`. One without an organisation number is on no list. */
export function checkConsumer({ consumer }: VerifiedToken, allowed: ReadonlySet<string> | undefined): void {
  if (allowed === undefined || allowed.has(consumer.organisationNumber ?? '')) return
  throw new MaskinportenError('consumer_not_allowed')
}

/** Only `true` passes: a rule that forgot to return lets nobody in. What it throws is the application's own. */
export async function checkOwnRule<Request>(
  token: VerifiedToken,
  authorize: PreparedRule<Request>['authorize'],
  request: Request,
): Promise<void> {
  if (authorize === undefined || (await authorize(token, request)) === true) return
  throw new MaskinportenError('not_authorized')
}
