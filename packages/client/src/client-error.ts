import type { Hint } from '@portvakt/core'

/** The kind of failure. Stable names, for programs and alerts. */
export type MaskinportenClientCode =
  /** A requested scope is not registered on this client. Nothing was sent. */
  | 'scope_not_registered'
  /** Maskinporten rejected the token request, or Altinn rejected the token in the exchange. */
  | 'request_rejected'
  /** The last attempt could not reach Maskinporten or Altinn, or that server was overloaded or failing. */
  | 'unavailable'
  /**
   * The key is unusable, or its `sign` function failed or did not settle in time. No token request was sent.
   */
  | 'signing_failed'
  /** The server's answer is not the expected token or metadata. */
  | 'unexpected_answer'
  /** The source of tokens (Texas) does not support this request. */
  | 'not_supported'
  /** The token would have been sent over plain http. */
  | 'insecure_url'

/** The members of a {@link MaskinportenClientError} besides its code. */
export interface MaskinportenClientErrorDetails {
  /**
   * The server that the failure concerns: `maskinporten` (also for Texas), or `altinn` in a token exchange.
   * Default `maskinporten`.
   */
  readonly server?: 'maskinporten' | 'altinn'
  /** The cause of the failure, and how to fix it. */
  readonly hint: Hint
  /** The HTTP status of the answer; undefined if no answer arrived. */
  readonly status?: number
  /** The OAuth `error` in the answer. */
  readonly error?: string | undefined
  /** Maskinporten's own code, for example `MP-250`; undefined if the answer contains no code. */
  readonly maskinportenCode?: string | undefined
  /**
   * The request's id, for the server's support: a trace id or, in Digdir's older answers, a correlation id.
   */
  readonly traceId?: string | undefined
  /**
   * The answer's `error_description`, in at most 300 printable characters. Every run of 11 digits and any
   * text that resembles a token are replaced. The description can name scopes and organisations. It is not
   * part of the error's message.
   */
  readonly description?: string | undefined
  /** Whether the same request can succeed later. Default false. */
  readonly retryable?: boolean
  /** Seconds to wait before the next attempt, from `Retry-After`. */
  readonly retryAfter?: number | undefined
  /** The name and system code of the error from `fetch` or from a `sign` function. */
  readonly cause?: unknown
}

/**
 * The error for every failure to get a token. It is safe to log: it holds no key, assertion or token, and
 * only the name and system code of an error from the application's `fetch` or `sign` function.
 *
 * @example
 * try {
 *   await client.getToken({ scope: 'skatt:some.scope' })
 * } catch (error) {
 *   if (error instanceof MaskinportenClientError && error.maskinportenCode === 'MP-250') console.warn(error.hint.fix)
 *   throw error
 * }
 */
export class MaskinportenClientError extends Error {
  override readonly name = 'MaskinportenClientError'
  readonly code: MaskinportenClientCode
  readonly server: 'maskinporten' | 'altinn'
  readonly hint: Hint
  readonly status: number | undefined
  readonly error: string | undefined
  readonly maskinportenCode: string | undefined
  readonly traceId: string | undefined
  readonly description: string | undefined
  readonly retryable: boolean
  readonly retryAfter: number | undefined

  constructor(code: MaskinportenClientCode, given: MaskinportenClientErrorDetails) {
    // Copied without a prototype, so that a polluted `Object.prototype` supplies nothing.
    const details: MaskinportenClientErrorDetails = Object.assign(Object.create(null), given)
    const { error, maskinportenCode, status, traceId, server = 'maskinporten' } = details
    const trace = traceId === undefined ? undefined : `trace id ${traceId}`
    const what = [code, error, maskinportenCode, status, trace].filter((part) => part !== undefined)
    super(
      `No token from ${SERVERS[server]} (${what.join(', ')}): ${details.hint.cause}: ${details.hint.fix}`,
      'cause' in details ? { cause: details.cause } : undefined,
    )
    this.code = code
    this.server = server
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

const SERVERS = { maskinporten: 'Maskinporten', altinn: 'Altinn' } as const
