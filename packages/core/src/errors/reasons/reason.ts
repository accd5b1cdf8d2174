/** What an operator can know and do about a refusal. Fixed texts, safe to log. */
export interface Hint {
  /** What happened. */
  readonly cause: string
  /** What to do about it, and who does it. */
  readonly fix: string
}

/** One row of the table of reasons. */
export interface Reason<Code extends string> {
  /** Decides status and challenge: see denial.ts. */
  readonly code: Code
  /** What the caller is told, in ASCII. A fixed text: a value from the request could be an injection. */
  readonly detail: string
  /** What the operator is told. Frozen, as every event with this reason carries the same object. */
  readonly hint: Hint
}

/** Makes the rows of one code. */
const rowOf =
  <const Code extends string>(code: Code) =>
  (detail: string, hint: Hint): Reason<Code> => ({ code, detail, hint: Object.freeze(hint) })

export const missingToken = rowOf('missing_token')
export const invalidRequest = rowOf('invalid_request')
export const invalidToken = rowOf('invalid_token')
export const insufficientScope = rowOf('insufficient_scope')
export const accessDenied = rowOf('access_denied')
export const temporarilyUnavailable = rowOf('temporarily_unavailable')

export const SEND_ACCESS_TOKEN =
  'The caller sends the `access_token` from Maskinporten’s token response, unchanged.'

export const NOT_MASKINPORTEN =
  'If this continues, find out where the caller got the token: Maskinporten does not issue such tokens.'
