import type { Organisation } from '../claims/organisation.js'
import type { VerifiedToken } from '../claims/verified-token.js'
import { hintFor } from '../errors/hint.js'
import type { KeyProblem } from '../errors/key-problem.js'
import { MaskinportenError } from '../errors/maskinporten-error.js'
import type { Hint } from '../errors/reasons/reason.js'
import type { MaskinportenCode, MaskinportenReason } from '../errors/reasons/reasons.js'
import { describeFailure, type FailureDescription } from '../keys/health.js'
import { UpstreamError, type UpstreamFailure } from '../platform/fetch-json.js'
import type { AccessContext } from '../requirements/prepared-demand.js'
import type { PreparedRule } from '../requirements/requirement.js'
import type { VerificationTrace } from '../verifiers/token-verifier.js'

/**
 * One decision, deeply frozen and safe to log: it never holds the token or a national identity number.
 *
 * Organisations, `scopes`, `clientId` and `tokenId` are present only for a verified token. An attacker can
 * choose `keyId` and most reasons with a forged token. Use `verified` to count such refusals separately.
 */
export interface DecisionEvent {
  readonly allowed: boolean
  /**
   * Whether the signature was verified. False without a token, and for a token that was refused before that:
   * it is malformed, its key is unknown, or its own claims ruled it out before its key was loaded.
   */
  readonly verified: boolean
  readonly code?: MaskinportenCode
  readonly reason?: MaskinportenReason
  /** Cause and fix, for the operator; not part of the answer. In an outage, the fix includes what failed. */
  readonly hint?: Hint
  /** Present with `keys_unavailable` and `introspection_unavailable`, and while key refreshes fail. */
  readonly upstreamFailure?: UpstreamFailure
  /** The platform's code for that failure, such as ECONNREFUSED or CERT_HAS_EXPIRED; absent if it has none. */
  readonly upstreamFailureCode?: string
  /** The missing or malformed claim; only with `missing_claim`, `malformed_claims` and `general_mock_token`. */
  readonly claim?: string
  /** Why the published key that the token names is not used; only with `unusable_key`. */
  readonly keyProblem?: KeyProblem
  /**
   * The required scopes, such as `nav:a and (nav:b or nav:c)`. Absent on a route without a guard, and when a
   * requirement function did not run because the token was refused first.
   */
  readonly requiredScope?: string
  readonly scopes?: readonly string[]
  readonly consumer?: Organisation
  /** The organisation that calls for the consumer. Digdir requires logging of it and of `delegationSource`. */
  readonly supplier?: Organisation
  readonly delegationSource?: string
  readonly clientId?: string
  /** `jti`: the token's id. */
  readonly tokenId?: string
  /** `kid` in the token's header. */
  readonly keyId?: string
  /** True when the token names a specific audience but neither the validator nor the requirement checks it. */
  readonly audienceUnchecked?: boolean
  /** Time from reading the header to the decision, in milliseconds. */
  readonly duration: number
}

/**
 * Called synchronously before every answer. A promise that it returns is not awaited. An exception or a
 * rejection does not change the answer.
 *
 * @param request the framework's own request; undefined if `verify` or `decide` was called without one. Not
 * safe to log as a whole: its headers hold the token
 */
export type DecisionListener = (event: DecisionEvent, request: unknown) => unknown

/** What is known so far about a decision. */
export type Trace = VerificationTrace &
  AccessContext['trace'] & {
    /** When the decision began, in milliseconds of the monotonic clock. */
    readonly startedAt: number
    rule?: PreparedRule<never> | undefined
  }

export function eventOf(
  outcome: VerifiedToken | MaskinportenError,
  { step, keyId, token, rule, audienceUnchecked }: Trace,
  refreshFailure: FailureDescription | undefined,
  duration: number,
): DecisionEvent {
  const refused = outcome instanceof MaskinportenError
  // This request's own failure, for example of Texas, is more exact than that of the latest key refresh.
  const ownFailure = refused && outcome.cause instanceof UpstreamError && describeFailure(outcome.cause)
  const failure = ownFailure || refreshFailure
  return Object.freeze({
    allowed: !refused,
    // The step `claims` follows the verification of the signature. A cached token does not reach that step.
    verified: token !== undefined || step === 'claims',
    ...(refused && { code: outcome.code, reason: outcome.reason, hint: hintFor(outcome, failure?.message) }),
    ...(refused && outcome.claim && { claim: outcome.claim }),
    ...(refused && outcome.keyProblem && { keyProblem: outcome.keyProblem }),
    ...(failure && { upstreamFailure: failure.reason }),
    ...(failure?.code !== undefined && { upstreamFailureCode: failure.code }),
    ...(rule && { requiredScope: rule.scope.text }),
    ...(token && { scopes: token.scopes, consumer: token.consumer }),
    ...(token?.supplier && { supplier: token.supplier }),
    ...(token?.delegationSource !== undefined && { delegationSource: token.delegationSource }),
    ...(token?.clientId !== undefined && { clientId: token.clientId }),
    ...(token?.tokenId !== undefined && { tokenId: token.tokenId }),
    ...(keyId !== undefined && { keyId }),
    ...(audienceUnchecked && { audienceUnchecked }),
    duration,
  })
}

/** A failing listener changes neither the answer nor the calls of other listeners. */
export function notify(listeners: readonly DecisionListener[], event: DecisionEvent, request: unknown): void {
  for (const listener of listeners) {
    try {
      const result = listener(event, request)
      // An unhandled rejection would end the process.
      if (result !== undefined) Promise.resolve(result).catch(() => undefined)
    } catch {
      // A broken logger must not refuse a request.
    }
  }
}
