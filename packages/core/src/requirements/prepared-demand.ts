import type { ReadClaims } from '../claims/read-claims.js'

/** The data that a check can read in addition to the token. */
export interface AccessContext<Request = unknown> {
  readonly request: Request
  /** The time of the decision, in seconds since the epoch. */
  readonly now: number
  /** The validator's audience, for rules without an `audience`. */
  readonly audience: readonly string[] | undefined
  /** Data that a check adds to the event of `onDecision`. */
  readonly trace: { audienceUnchecked?: boolean | undefined }
}

/** The scopes of a rule. */
export interface RequiredScope {
  /** For events and explanations: `nav:a and (nav:b or nav:c)`. */
  readonly text: string
  /** The scopes in the challenge: every part of an `allOf`, but only the first part of an `anyOf`. */
  readonly advertised: readonly string[]
  /** Every scope that the rule names. */
  readonly names: readonly string[]
  readonly allows: (hasScope: (name: string) => boolean) => boolean
}

/** A demand of one rule, in its checked form. */
export interface PreparedDemand<Request = unknown> {
  /**
   * Returns a promise only in the demand `authorize`.
   *
   * @throws {MaskinportenError} unless the token satisfies the demand
   */
  readonly check: (claims: ReadClaims, context: AccessContext<Request>) => Promise<void> | undefined
  /** Text that says what a token must have; undefined when nothing is required. */
  readonly expected: (audience: readonly string[] | undefined) => string | undefined
  /** Present only in the demand `scope`. */
  readonly scope?: RequiredScope
}
