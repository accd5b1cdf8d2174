import type { KeyProblem } from './key-problem.js'

/**
 * Every reason for a refusal, with the code it belongs to. The codes are coarse and decide the answer
 * (see denial.ts); the reasons are fine and stable, for logs, alerts and a caller's own handling.
 */
const CODE_OF = {
  no_credentials: 'missing_token',
  other_scheme: 'missing_token',

  ambiguous_credentials: 'invalid_request',

  empty_token: 'invalid_token',
  token_response: 'invalid_token',
  token_too_large: 'invalid_token',
  malformed_token: 'invalid_token',
  unsupported_algorithm: 'invalid_token',
  unsupported_header: 'invalid_token',
  wrong_type: 'invalid_token',
  missing_key_id: 'invalid_token',
  unknown_key: 'invalid_token',
  unusable_key: 'invalid_token',
  bad_signature: 'invalid_token',
  inactive_token: 'invalid_token',
  malformed_claims: 'invalid_token',
  missing_claim: 'invalid_token',
  general_mock_token: 'invalid_token',
  sender_constrained: 'invalid_token',
  expired: 'invalid_token',
  not_yet_valid: 'invalid_token',
  issued_in_future: 'invalid_token',
  lifetime_too_long: 'invalid_token',
  time_in_milliseconds: 'invalid_token',
  wrong_issuer: 'invalid_token',
  wrong_environment: 'invalid_token',
  phased_out_environment: 'invalid_token',
  idporten_token: 'invalid_token',
  skyporten_token: 'invalid_token',
  altinn_token: 'invalid_token',
  client_assertion: 'invalid_token',
  wrong_audience: 'invalid_token',

  insufficient_scope: 'insufficient_scope',
  nais_scope_name: 'insufficient_scope',

  consumer_not_allowed: 'access_denied',
  delegation_not_allowed: 'access_denied',
  delegation_required: 'access_denied',
  supplier_not_allowed: 'access_denied',
  delegation_source_not_allowed: 'access_denied',
  system_user_required: 'access_denied',
  consent_required: 'access_denied',
  consent_expired: 'access_denied',
  pid_required: 'access_denied',
  pid_mismatch: 'access_denied',
  not_authorized: 'access_denied',
  no_guard: 'access_denied',

  keys_unavailable: 'temporarily_unavailable',
  introspection_unavailable: 'temporarily_unavailable',
} as const

/** Why a request was refused, finely: stable names, safe to log and to alert on. */
export type MaskinportenReason = keyof typeof CODE_OF

/** Why a request was refused, coarsely: the code decides status and challenge. */
export type MaskinportenCode = (typeof CODE_OF)[MaskinportenReason]

/** What an error may carry beside its reason. Nothing here comes from a token. */
export interface MaskinportenErrorDetails {
  /** Name of the claim that is missing or malformed. It is one of our own names, never one from the token. */
  readonly claim?: string | undefined
  /** True when the token's issuer and the accepted one differ only in the slash at the end, with `wrong_issuer`. */
  readonly onlySlashDiffers?: boolean | undefined
  /** Why the published key is not used, with the reason `unusable_key`. */
  readonly keyProblem?: KeyProblem | undefined
  /** The scopes that the route requires, for the challenge of a refusal with the code `insufficient_scope`. */
  readonly requiredScopes?: readonly string[] | undefined
  /** Seconds until another attempt can succeed, for `temporarily_unavailable`. */
  readonly retryAfter?: number | undefined
  /** The I/O failure behind a `temporarily_unavailable`. A refused token never has a cause. */
  readonly cause?: unknown
}

/**
 * The one error of this library: a request was refused. It names the reason and never holds the token, a
 * claim value or a library's error about them, so it is safe to log.
 *
 * Wrong configuration is a `TypeError` instead, thrown where the configuration is given.
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
  /** Coarse: decides status and challenge. */
  readonly code: MaskinportenCode
  /** Fine: what exactly was wrong. */
  readonly reason: MaskinportenReason
  /** Name of the claim that is missing or malformed; with `missing_claim`, `malformed_claims` and `general_mock_token`. */
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
    this.code = CODE_OF[reason]
    this.claim = details.claim
    this.onlySlashDiffers = details.onlySlashDiffers ?? false
    this.keyProblem = details.keyProblem
    // A frozen copy: the challenge is made of it.
    this.requiredScopes = details.requiredScopes && Object.freeze([...details.requiredScopes])
    this.retryAfter = details.retryAfter
  }
}

/** Details that have few values, so that a refusal with one can be kept. */
type FixedDetails = Pick<MaskinportenErrorDetails, 'claim' | 'keyProblem' | 'onlySlashDiffers'>

const REFUSALS = new Map<string, MaskinportenError>()

/**
 * The refusal for a reason: one frozen object for each reason and detail, without a stack. Recording a stack takes
 * longer than finding a token malformed, and a flood would pay for each. The stack is not needed: what leaves this
 * library is an answer, or a copy of the error.
 */
export function refused(reason: MaskinportenReason, details: FixedDetails = NO_DETAILS): MaskinportenError {
  const key = details === NO_DETAILS ? reason : `${reason} ${details.claim ?? details.keyProblem ?? 'slash'}`
  const known = REFUSALS.get(key)
  if (known) return known
  const made = new MaskinportenError(reason, details)
  Object.defineProperty(made, 'stack', { value: `${made.name}: ${made.message}` })
  REFUSALS.set(key, Object.freeze(made))
  return made
}

const NO_DETAILS: FixedDetails = {}

/**
 * What a function of the application has thrown. A refusal there is that of another token, which the application
 * asked about: no answer to this caller, and so no refusal any more.
 */
export function applicationError(error: unknown): unknown {
  if (!(error instanceof MaskinportenError)) return error
  return new Error('The rule of a guard failed with the refusal of another token', { cause: error })
}

/**
 * A refusal is an outcome; anything else is a bug, or the application's own error, and goes on its way: untouched,
 * if a framework can tell it from success. To some, `undefined` in place of an error means "go on", `'route'`
 * means "skip", and others never answer.
 */
export function asRefusal(error: unknown): MaskinportenError {
  if (error instanceof MaskinportenError) return error
  if (typeof error === 'object' && error !== null) throw error
  throw new Error('The rule of a guard failed with something that is no error', { cause: error })
}
