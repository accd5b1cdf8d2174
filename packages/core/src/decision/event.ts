import type { Organisation } from '../claims/organisation.js'
import type { VerifiedToken } from '../claims/verified-token.js'
import { hintFor } from '../errors/hint.js'
import type { KeyProblem } from '../errors/key-problem.js'
import { MaskinportenError } from '../errors/maskinporten-error.js'
import type { Hint } from '../errors/reasons/reason.js'
import type { MaskinportenCode, MaskinportenReason } from '../errors/reasons/reasons.js'
import { describeFailure, type FailureDescription } from '../keys/health.js'
import { UpstreamError, type UpstreamFailure } from '../platform/fetch-json.js'
import { reportFailure } from '../platform/report-failure.js'
import type { AccessContext } from '../requirements/prepared-demand.js'
import type { PreparedRule } from '../requirements/requirement.js'
import type { VerificationTrace } from '../verifiers/token-verifier.js'

/**
 * One decision, deeply frozen and safe to log: it never holds the token or a national identity number.
 *
 * Organisations, `scopes`, `clientId` and `tokenId` are present only for a verified token. With a forged
 * token, an attacker can choose `keyId` and most reasons. Use `verified` to count refusals of unverified
 * tokens separately.
 */
export interface DecisionEvent {
  readonly allowed: boolean
  /**
   * Whether the token's signature was verified and is valid. False without a token or without keys, and for a
   * token that is malformed, has a bad signature or an unknown key, or is ruled out by its own claims before
   * its key is loaded.
   */
  readonly verified: boolean
  readonly code?: MaskinportenCode
  readonly reason?: MaskinportenReason
  /** Cause and fix, for the operator; not part of the HTTP answer. In an outage, `fix` names what failed. */
  readonly hint?: Hint
  /**
   * Present with the reasons `keys_unavailable` and `introspection_unavailable`, and while key refreshes
   * fail.
   */
  readonly upstreamFailure?: UpstreamFailure
  /**
   * The system's error code for `upstreamFailure`, such as ECONNREFUSED or CERT_HAS_EXPIRED; absent if there
   * is no code.
   */
  readonly upstreamFailureCode?: string
  /**
   * The missing or malformed claim; only with the reasons `missing_claim`, `malformed_claims` and
   * `general_mock_token`.
   */
  readonly claim?: string
  /** Why the published key that the token names is not used; only with the reason `unusable_key`. */
  readonly keyProblem?: KeyProblem
  /**
   * The scopes that the route requires, such as `nav:a and (nav:b or nav:c)`. Absent on a route without a
   * guard, and when a requirement function did not run because the token was refused first.
   */
  readonly requiredScope?: string
  readonly scopes?: readonly string[]
  readonly consumer?: Organisation
  /**
   * The organisation that calls on the consumer's behalf. Digdir requires you to log `supplier` and
   * `delegationSource`.
   */
  readonly supplier?: Organisation
  readonly delegationSource?: string
  readonly clientId?: string
  /** `jti`: the token's id. */
  readonly tokenId?: string
  /** `kid` in the token's header. */
  readonly keyId?: string
  /**
   * True if the token names a specific audience but neither the validator nor the requirement has an
   * `audience`.
   */
  readonly audienceUnchecked?: boolean
  /** Time from reading the Authorization header to the decision, in milliseconds. */
  readonly duration: number
}

/**
 * Called synchronously after every decision, before the answer. A promise that the listener returns is not
 * awaited. If the listener throws or its promise rejects, the answer does not change, and a line on standard
 * error says so once.
 *
 * @param request the framework's own request; undefined if `verify` or `decide` was called without a request.
 * Not safe to log as a whole: the request's headers hold the token
 */
export type DecisionListener = (event: DecisionEvent, request: unknown) => unknown

/** The progress of a decision. */
export type Trace = VerificationTrace &
  AccessContext['trace'] & {
    /** When the decision began, in milliseconds of the monotonic clock; 0 without listeners. */
    readonly startedAt: number
    rule?: PreparedRule<never> | undefined
  }

/** Every member is an own member, so that a polluted `Object.prototype` does not supply a token to the event. */
export function newTrace(now: number, startedAt: number, rule: PreparedRule<never> | undefined): Trace {
  return {
    now,
    startedAt,
    rule,
    step: undefined,
    keyId: undefined,
    token: undefined,
    audienceUnchecked: undefined,
  }
}

export function eventOf(
  outcome: VerifiedToken | MaskinportenError,
  { step, keyId, token, rule, audienceUnchecked }: Trace,
  refreshFailure: FailureDescription | undefined,
  duration: number,
): DecisionEvent {
  const refused = outcome instanceof MaskinportenError
  // An upstream failure in this request, such as a failed introspection, explains the refusal better than a
  // failed refresh of the keys.
  const ownFailure = refused && outcome.cause instanceof UpstreamError && describeFailure(outcome.cause)
  const failure = ownFailure || refreshFailure
  return Object.freeze({
    allowed: !refused,
    // The step `claims` follows the verification of the signature. For a cached token, that step does not
    // run, but `token` is set.
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

/** An error in a listener does not change the answer or stop the other listeners. */
export function notify(listeners: readonly DecisionListener[], event: DecisionEvent, request: unknown): void {
  for (const listener of listeners) {
    try {
      const result = listener(event, request)
      // An unhandled rejection would end the process.
      if (result !== undefined)
        Promise.resolve(result).catch((error) => reportFailure('onDecision', listener, error))
    } catch (error) {
      // A failed listener must not refuse a request.
      reportFailure('onDecision', listener, error)
    }
  }
}
