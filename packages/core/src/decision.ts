import { type Advice, adviceOn } from './advice.js'
import type { Denial } from './denial.js'
import { type MaskinportenCode, MaskinportenError, type MaskinportenReason } from './errors.js'
import { type KeyFailure, KeyFetchError } from './fetch-json.js'
import { describeFailure, type FailureDescription } from './key-health.js'
import type { KeyProblem } from './key-problem.js'
import type { Organisation } from './organisation.js'
import type { Reading } from './token-reader.js'
import type { VerifiedToken } from './verified-token.js'

/** What an adapter does next: attach the token and go on, or write the denial. */
export type Decision =
  | { readonly allowed: true; readonly token: VerifiedToken }
  | { readonly allowed: false; readonly denial: Denial }

/**
 * One decision, in a form that is safe to log: never the token, never a person's number. Frozen, deeply.
 *
 * Organisations, `clientId` and `tokenId` are present only for a verified token. `keyId` and most reasons need no
 * proof: anyone can send a token that names a published key, or one that says that it has expired, that it comes from
 * the future or that ID-porten issued it. Use `verified` to count such refusals apart.
 */
export interface DecisionEvent {
  readonly allowed: boolean
  /**
   * Whether the token was proven genuine before this decision: its signature was verified, or Texas said that it is
   * active. False without a token, and for a token that was refused earlier: malformed, signed by an unknown key, or
   * ruled out by its own claims before its key was available.
   */
  readonly verified: boolean
  readonly code?: MaskinportenCode
  readonly reason?: MaskinportenReason
  /**
   * What the reason means and what to do about it: for the operator, and not part of the answer. The remedy of an
   * outage says what failed, with the platform's code, and what to do about that.
   */
  readonly advice?: Advice
  /**
   * Why keys could not be fetched, with `keys_unavailable` and while old keys serve; or why Texas could not
   * introspect the token of this request.
   */
  readonly keyFailure?: KeyFailure
  /** The platform's own code of that failure, such as ECONNREFUSED or CERT_HAS_EXPIRED, where it gave one. */
  readonly keyFailureCode?: string
  /** Name of the claim that is missing or malformed; with `missing_claim`, `malformed_claims` and `general_mock_token`. */
  readonly claim?: string
  /** Why the published key that the token names is not used; only with the reason `unusable_key`. */
  readonly keyProblem?: KeyProblem
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
 * Is told of every decision, synchronously and before the answer. What it throws, or a promise of it that
 * rejects, never changes an answer. The answer waits for what it does before it returns, and not for a promise
 * that it returns; nothing bounds that promise but the application.
 */
export type DecisionListener = (event: DecisionEvent) => unknown

/** What became known on the way to a decision. */
export interface Findings extends Reading {
  token?: VerifiedToken
  audienceUnchecked?: boolean
}

/**
 * Puts an event together from an outcome and what was found before it.
 *
 * @param refreshFailure why the latest refresh of the keys failed
 */
export function eventOf(
  outcome: VerifiedToken | MaskinportenError,
  { step, keyId, token, audienceUnchecked }: Findings,
  refreshFailure: FailureDescription | undefined,
  duration: number,
): DecisionEvent {
  const refused = outcome instanceof MaskinportenError
  const failure = refreshFailure ?? (refused ? failureBehind(outcome) : undefined)
  return Object.freeze({
    allowed: !refused,
    // Claims are typed only after the proof. A token that is known from before skips the steps.
    verified: token !== undefined || step === 'claims',
    ...(refused && {
      code: outcome.code,
      reason: outcome.reason,
      advice: adviceOn(outcome, failure?.message),
    }),
    ...(refused && outcome.claim && { claim: outcome.claim }),
    ...(refused && outcome.keyProblem && { keyProblem: outcome.keyProblem }),
    ...(failure && { keyFailure: failure.reason }),
    ...(failure?.code !== undefined && { keyFailureCode: failure.code }),
    ...(token && { consumer: token.consumer }),
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
  return cause instanceof KeyFetchError ? describeFailure(cause) : undefined
}

/** Tells a listener without depending on it. The event is only made when somebody listens. */
export function tell(listener: DecisionListener | undefined, event: () => DecisionEvent): void {
  if (!listener) return
  try {
    const result = listener(event())
    // An async listener's rejection would otherwise end the process.
    if (result !== undefined) Promise.resolve(result).catch(() => undefined)
  } catch {
    // A broken logger must not decide who gets in.
  }
}
