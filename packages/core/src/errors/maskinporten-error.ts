import type { KeyProblem } from './key-problem.js'
import { type MaskinportenCode, type MaskinportenReason, REASONS } from './reasons/reasons.js'

/**
 * A refusal and its reason. Safe to log: it never holds the token, a claim's value, or an error of another
 * library that quotes them. Wrong configuration throws a `TypeError` instead.
 *
 * @example
 * try {
 *   await validator.verify(token, 'nav:x.read')
 * } catch (error) {
 *   if (error instanceof MaskinportenError && error.reason === 'expired') return 'ask for a new token'
 *   throw error
 * }
 */
export class MaskinportenError extends Error {
  override readonly name = 'MaskinportenError'
  /** The kind of refusal, which decides the HTTP status and the challenge. */
  readonly code: MaskinportenCode
  /** The exact reason. */
  readonly reason: MaskinportenReason
  /**
   * The name of the missing or malformed claim, always a claim that this library reads; only with the reasons
   * `missing_claim`, `malformed_claims` and `general_mock_token`.
   */
  readonly claim: string | undefined
  /**
   * True if the token's issuer and the accepted issuer differ only in the trailing slash (`wrong_issuer`).
   */
  readonly onlySlashDiffers: boolean
  /** Why the published key that the token names is not used; only with the reason `unusable_key`. */
  readonly keyProblem: KeyProblem | undefined
  /** The scopes that the route requires; only with the code `insufficient_scope`. */
  readonly requiredScopes: readonly string[] | undefined
  /** Seconds until another attempt can succeed; only with the code `temporarily_unavailable`. */
  readonly retryAfter: number | undefined

  constructor(reason: MaskinportenReason, given: MaskinportenErrorDetails = {}) {
    // Only own members: a polluted `Object.prototype` adds no detail.
    const details: MaskinportenErrorDetails = Object.assign(Object.create(null), given)
    super(
      `Refused by the Maskinporten guard: ${reason}`,
      'cause' in details ? { cause: details.cause } : undefined,
    )
    this.reason = reason
    // A JavaScript caller can pass an unknown reason, which does not have a code.
    this.code = REASONS[reason]?.code
    this.claim = details.claim
    this.onlySlashDiffers = details.onlySlashDiffers ?? false
    this.keyProblem = details.keyProblem
    // Copied, so that a later change to the caller's list does not change the challenge.
    this.requiredScopes = details.requiredScopes && Object.freeze([...details.requiredScopes])
    this.retryAfter = details.retryAfter
  }
}

/** The details of a {@link MaskinportenError}. They must not hold values from a token. */
export interface MaskinportenErrorDetails
  extends Partial<
    Pick<MaskinportenError, 'claim' | 'onlySlashDiffers' | 'keyProblem' | 'requiredScopes' | 'retryAfter'>
  > {
  /** The error of the failed I/O; only with the code `temporarily_unavailable`. */
  readonly cause?: unknown
}

const REFUSALS = new Map<string, MaskinportenError>()

/**
 * Returns the same frozen error for the same reason and detail. The error has no stack, because recording a
 * stack costs more than rejecting a malformed token, and a flood of bad tokens would exploit that.
 *
 * @param details only details with few possible values, because each returned error is kept forever
 */
export function refused(
  reason: MaskinportenReason,
  details?: Pick<MaskinportenErrorDetails, 'claim' | 'keyProblem' | 'onlySlashDiffers'>,
): MaskinportenError {
  const key = details ? `${reason} ${details.claim ?? details.keyProblem}` : reason
  const known = REFUSALS.get(key)
  if (known) return known
  const made = new MaskinportenError(reason, details)
  Object.defineProperty(made, 'stack', { value: `${made.name}: ${made.message}` })
  REFUSALS.set(key, Object.freeze(made))
  return made
}

/**
 * Wraps a refusal that a function of the application threw. Such a refusal is about another token, which the
 * application verified itself, so the refusal must not become the answer to this caller. Returns other errors
 * unchanged.
 */
export function applicationError(error: unknown): unknown {
  if (!(error instanceof MaskinportenError)) return error
  return new Error('A function of the access requirement threw the refusal of another token', {
    cause: error,
  })
}

/**
 * Returns the error if it is a refusal, and throws it if not. Objects are thrown unchanged. Any other value,
 * such as undefined or a string, is wrapped in an error, because a framework can treat such a value as
 * success: `undefined` can mean "continue", and `'route'` can mean "skip".
 */
export function asRefusal(error: unknown): MaskinportenError {
  if (error instanceof MaskinportenError) return error
  if (typeof error === 'object' && error !== null) throw error
  throw new Error('A function of the access requirement threw a value that is not an error', { cause: error })
}
