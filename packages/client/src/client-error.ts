/** What went wrong, coarsely. */
export type MaskinportenClientCode =
  /** The scope is not among those registered on this client; nothing was sent. */
  | 'scope_not_registered'
  /** Maskinporten rejected the token request. */
  | 'request_rejected'
  /** Maskinporten could not be reached, or answered with an error of its own, until the time was up. */
  | 'unavailable'
  /** The key could not sign: its `sign` function failed or did not settle in time, or the key is not usable. Nothing was sent. */
  | 'signing_failed'
  /** The answer was none that a token endpoint gives. */
  | 'unexpected_answer'
  /** This source cannot do what was asked. */
  | 'not_supported'
  /** A token would have been sent where others can read it. */
  | 'insecure_url'

/** What an error says beside its code. */
export interface MaskinportenClientErrorDetails {
  /** What to do about it. */
  readonly hint: string
  /** The HTTP status of the answer, where there was one. */
  readonly status?: number
  /** The answer's OAuth `error`. */
  readonly error?: string
  /** Maskinporten's own code, for example `MP-250`. */
  readonly maskinportenCode?: string
  /** Identifies the request to Digdir's support: a trace id, or the correlation id of older answers. */
  readonly traceId?: string
  /**
   * What Maskinporten or Texas says of the refusal, in at most 300 printable characters. Whatever looks like a token
   * and every run of 11 digits is replaced. It may name scopes and organisations, and is not part of the message.
   */
  readonly description?: string
  /** Whether the same request may succeed later. */
  readonly retryable?: boolean
  /** Seconds that the other side asked to wait. */
  readonly retryAfter?: number
  /** For a failure of `fetch` or of a `sign` function: its name and system code, as `safeCause` of core keeps them. */
  readonly cause?: unknown
}

/**
 * The one error of this library. It holds no key, no assertion and no token, and nothing that a `fetch` or a
 * `sign` function of the application has put into an error of its own, so it is safe to log.
 *
 * @example
 * try {
 *   await client.getToken({ scope: 'skatt:some.scope' })
 * } catch (error) {
 *   if (error instanceof MaskinportenClientError && error.maskinportenCode === 'MP-250') console.warn(error.hint)
 *   throw error
 * }
 */
export class MaskinportenClientError extends Error {
  override readonly name = 'MaskinportenClientError'
  readonly code: MaskinportenClientCode
  readonly hint: string
  readonly status: number | undefined
  readonly error: string | undefined
  readonly maskinportenCode: string | undefined
  readonly traceId: string | undefined
  readonly description: string | undefined
  readonly retryable: boolean
  readonly retryAfter: number | undefined

  constructor(code: MaskinportenClientCode, details: MaskinportenClientErrorDetails) {
    const { error, maskinportenCode, status, traceId } = details
    const trace = traceId === undefined ? undefined : `trace id ${traceId}`
    const what = [code, error, maskinportenCode, status, trace]
      .filter((part) => part !== undefined)
      .join(', ')
    super(
      `No token from Maskinporten (${what}): ${details.hint}`,
      'cause' in details ? { cause: details.cause } : {},
    )
    this.code = code
    this.hint = details.hint
    this.status = details.status
    this.error = details.error
    this.maskinportenCode = details.maskinportenCode
    this.traceId = details.traceId
    this.description = details.description
    this.retryable = details.retryable ?? false
    this.retryAfter = details.retryAfter
  }
}
