import type { KeyProblem } from './key-problem.js'
import { type MaskinportenCode, type MaskinportenReason, REASONS } from './reasons/reasons.js'

/**
 * The error of every refusal. It names the reason. It never holds the token, a claim's value or another library's
 * error about them, so it is safe to log.
 *
 * A wrong configuration is a `TypeError` instead, thrown where the configuration is given.
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
  /** The kind of refusal. It decides status and challenge. */
  readonly code: MaskinportenCode
  /** The exact reason. */
  readonly reason: MaskinportenReason
  /**
   * Name of the claim that is missing or malformed, one of the names that this library reads; with `missing_claim`,
   * `malformed_claims` and `general_mock_token`.
   */
  readonly claim: string | undefined
  /** True when the token's issuer and the accepted one differ only in the slash at the end; with `wrong_issuer`. */
  readonly onlySlashDiffers: boolean
  /** Why the published key is not used; only with the reason `unusable_key`. */
  readonly keyProblem: KeyProblem | undefined
  /** The scopes that the route requires; only with the code `insufficient_scope`. */
  readonly requiredScopes: readonly string[] | undefined
  /** Seconds until another attempt can succeed; only with the code `temporarily_unavailable`. */
  readonly retryAfter: number | undefined

  constructor(reason: MaskinportenReason, details: MaskinportenErrorDetails = {}) {
    super(`Refused by the Maskinporten guard: ${reason}`, 'cause' in details ? { cause: details.cause } : {})
    this.reason = reason
    // JavaScript may give an unknown reason, which has no code.
    this.code = REASONS[reason]?.code
    this.claim = details.claim
    this.onlySlashDiffers = details.onlySlashDiffers ?? false
    this.keyProblem = details.keyProblem
    // A copy, as the challenge is made from it.
    this.requiredScopes = details.requiredScopes && Object.freeze([...details.requiredScopes])
    this.retryAfter = details.retryAfter
  }
}

/** What an error may carry with its reason. None of it comes from a token. */
export interface MaskinportenErrorDetails
  extends Partial<
    Pick<MaskinportenError, 'claim' | 'onlySlashDiffers' | 'keyProblem' | 'requiredScopes' | 'retryAfter'>
  > {
  /** The I/O failure behind a `temporarily_unavailable`. A refused token never has a cause. */
  readonly cause?: unknown
}

/** Details with few possible values, so that each refusal can be kept. */
type FixedDetails = Pick<MaskinportenErrorDetails, 'claim' | 'keyProblem' | 'onlySlashDiffers'>

const REFUSALS = new Map<string, MaskinportenError>()

/**
 * The refusal for a reason: one frozen error for each reason and detail, without a stack. Recording a stack costs more
 * than finding a token malformed, which a flood of bad tokens would exploit. The stack is not needed: callers get an
 * answer, or a copy of the error.
 */
export function refused(reason: MaskinportenReason, details?: FixedDetails): MaskinportenError {
  const key = details ? `${reason} ${details.claim ?? details.keyProblem ?? 'slash'}` : reason
  const known = REFUSALS.get(key)
  if (known) return known
  const made = new MaskinportenError(reason, details)
  Object.defineProperty(made, 'stack', { value: `${made.name}: ${made.message}` })
  REFUSALS.set(key, Object.freeze(made))
  return made
}

/**
 * Classifies what a function of the application has thrown. A refusal there is about another token, which the
 * application verified itself. It is not the answer to this caller, so it becomes an ordinary error.
 */
export function applicationError(error: unknown): unknown {
  if (!(error instanceof MaskinportenError)) return error
  return new Error('The rule of a guard failed with the refusal of another token', { cause: error })
}

/**
 * Returns a refusal and throws everything else: a bug, or the application's own error. Objects are thrown unchanged.
 * Other values are wrapped, as a framework may take them for success: `undefined` can mean "continue" and `'route'`
 * "skip", and some frameworks then never answer.
 */
export function asRefusal(error: unknown): MaskinportenError {
  if (error instanceof MaskinportenError) return error
  if (typeof error === 'object' && error !== null) throw error
  throw new Error('The rule of a guard threw something that is not an error', { cause: error })
}
