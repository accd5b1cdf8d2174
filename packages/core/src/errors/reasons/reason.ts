/** What an operator needs to know about a refusal. Both texts are safe to log. */
export interface Hint {
  /** What happened. */
  readonly cause: string
  /** What to do about it. */
  readonly fix: string
}

/**
 * Returns a function that makes the reasons of one code. `detail` is sent to the caller. `detail` is fixed
 * ASCII text, because a value from the request could inject content into the answer. `hint` is for the
 * operator. The hint is frozen, because all events with this reason share it.
 */
const rowOf =
  <const Code extends string>(code: Code) =>
  (detail: string, hint: Hint) =>
    Object.freeze({ code, detail, hint: Object.freeze(hint) })

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
