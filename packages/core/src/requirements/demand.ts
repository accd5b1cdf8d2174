import type { ReadClaims } from '../claims/read-claims.js'

/** What surrounds a token in one request. */
export interface AccessContext<Request = unknown> {
  readonly request: Request
  /** The time of the decision, in seconds since the epoch. */
  readonly now: number
  /** The validator's own audiences, for rules that have none. */
  readonly audience: readonly string[] | undefined
  /** What a check reports to the event, apart from a refusal. */
  readonly trace: { audienceUnchecked?: boolean }
}

/** The scopes of a rule, for events and challenges. */
export interface RequiredScope {
  /** All of it, for people: `nav:a and (nav:b or nav:c)`. */
  readonly text: string
  /** For the challenge: everything of an `allOf`, the first alternative of an `anyOf`. */
  readonly advertised: readonly string[]
  /** Every scope that is named anywhere in it. */
  readonly names: readonly string[]
}

/** A demand of one rule, checked at start-up. */
export interface PreparedDemand<Request = unknown> {
  /**
   * Returns when the token satisfies the demand. Asynchronous only for the application's own rule.
   *
   * @throws {MaskinportenError} when the token does not satisfy the demand
   */
  readonly check: (claims: ReadClaims, context: AccessContext<Request>) => Promise<void> | undefined
  /**
   * What a token must have, for people. Undefined when nothing is required.
   *
   * @param audience the validator's own audiences
   */
  readonly expected: (audience: readonly string[] | undefined) => string | undefined
  /** Only of the demand for scopes. */
  readonly scope?: RequiredScope
}
