import type { Organisation } from '../claims/organisation.js'
import type { VerifiedToken } from '../claims/verified-token.js'
import { hintFor } from '../errors/hint.js'
import type { KeyProblem } from '../errors/key-problem.js'
import { MaskinportenError } from '../errors/maskinporten-error.js'
import type { Hint } from '../errors/reasons/reason.js'
import type { MaskinportenCode, MaskinportenReason } from '../errors/reasons/reasons.js'
import { describeFailure, type FailureDescription } from '../keys/health.js'
import { UpstreamError, type UpstreamFailure } from '../platform/fetch-json.js'
import type { AccessContext } from '../requirements/demand.js'
import type { PreparedRule } from '../requirements/requirement.js'
import type { Reading } from '../verifiers/token-verifier.js'

/**
 * One decision, in a form that is safe to log: never the token, never a person's number. Frozen, deeply.
 *
 * Organisations, `scopes`, `clientId` and `tokenId` are present only for a verified token. `keyId` and most reasons need no
 * proof: anyone can send a token that names a published key, or one that says that it has expired, that it comes from
 * the future or that ID-porten issued it. Use `verified` to count such refusals apart.
 */
export interface DecisionEvent {
  readonly allowed: boolean
  /**
   * Whether the token was proven genuine before this decision, by its signature. False without a token, and for a token that was refused earlier: malformed, signed by an unknown key, or
   * ruled out by its own claims before its key was available.
   */
  readonly verified: boolean
  readonly code?: MaskinportenCode
  readonly reason?: MaskinportenReason
  /**
   * What the reason means and what to do about it. It is for the operator and not part of the answer. The fix of an
   * outage says what failed, with the platform's code, and what to do about that.
   */
  readonly hint?: Hint
  /**
   * Why keys could not be fetched, with `keys_unavailable` and while old keys serve; or why Texas could not
   * introspect the token of this request.
   */
  readonly upstreamFailure?: UpstreamFailure
  /** The platform's own code of that failure, such as ECONNREFUSED or CERT_HAS_EXPIRED, where it gave one. */
  readonly upstreamFailureCode?: string
  /** Name of the claim that is missing or malformed; with `missing_claim`, `malformed_claims` and `general_mock_token`. */
  readonly claim?: string
  /** Why the published key that the token names is not used; only with the reason `unusable_key`. */
  readonly keyProblem?: KeyProblem
  /**
   * The scopes that the requirement asks for, as text: `nav:a and (nav:b or nav:c)`. Absent where no requirement is
   * known: a route without a guard, or a requirement function that did not run because the token was refused first.
   */
  readonly requiredScope?: string
  /** The scopes of a verified token. */
  readonly scopes?: readonly string[]
  readonly consumer?: Organisation
  /** Who calls on the consumer's behalf; Digdir demands that it is logged, with `delegationSource`. */
  readonly supplier?: Organisation
  readonly delegationSource?: string
  readonly clientId?: string
  /** `jti`. */
  readonly tokenId?: string
  /** `kid`. */
  readonly keyId?: string
  /** True when the token names a specific audience and neither validator nor requirement asked for one. */
  readonly audienceUnchecked?: boolean
  /** From the header to the decision, in milliseconds. */
  readonly duration: number
}

/**
 * Receives every decision, synchronously and before the answer. An exception or a rejected promise never changes an
 * answer. The answer waits until the function returns, but not for a promise that it returns; only the application
 * bounds that promise.
 *
 * @param request the framework's own request, as the adapter received it; undefined where `verify` or `decide` was
 *   called without one. Unlike the event, it is not safe to log as a whole: its headers hold the token
 */
export type DecisionListener = (event: DecisionEvent, request: unknown) => unknown

/** What became known on the way to a decision. */
export type Trace = Reading &
  AccessContext['trace'] & {
    /** By the monotonic clock, in milliseconds. */
    readonly startedAt: number
    /** The rule of the request, once it is known. */
    rule?: PreparedRule<never> | undefined
  }

/**
 * Makes the event of an outcome.
 *
 * @param refreshFailure why the latest refresh of the keys failed
 */
export function eventOf(
  outcome: VerifiedToken | MaskinportenError,
  { step, keyId, token, rule, audienceUnchecked }: Trace,
  refreshFailure: FailureDescription | undefined,
  duration: number,
): DecisionEvent {
  const refused = outcome instanceof MaskinportenError
  // The failure behind this answer, which may be Texas's, says more than that of the keys.
  const failure = (refused ? failureBehind(outcome) : undefined) ?? refreshFailure
  return Object.freeze({
    allowed: !refused,
    // Claims are read only after the proof. A token from the cache skips the steps.
    verified: token !== undefined || step === 'claims',
    ...(refused && {
      code: outcome.code,
      reason: outcome.reason,
      hint: hintFor(outcome, failure?.message),
    }),
    ...(refused && outcome.claim && { claim: outcome.claim }),
    ...(refused && outcome.keyProblem && { keyProblem: outcome.keyProblem }),
    ...(failure && { upstreamFailure: failure.reason }),
    ...(failure?.code !== undefined && { upstreamFailureCode: failure.code }),
    ...(rule && { requiredScope: rule.scope.text }),
    // The token's own list, which is frozen.
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

/** The failure of this request's own exchange. */
function failureBehind({ cause }: MaskinportenError): FailureDescription | undefined {
  return cause instanceof UpstreamError ? describeFailure(cause) : undefined
}

/** Calls every listener. One that fails changes neither the answer nor the calls of the others. */
export function notify(listeners: readonly DecisionListener[], event: DecisionEvent, request: unknown): void {
  for (const listener of listeners) {
    try {
      const result = listener(event, request)
      // An async listener's rejection would otherwise end the process.
      if (result !== undefined) Promise.resolve(result).catch(() => undefined)
    } catch {
      // A broken logger must not decide who gets in.
    }
  }
}
