import type { Clock } from '@portvakt/core'
import {
  asUpstreamError,
  connectionHint,
  PROXY_ADVICE,
  readJson,
  readText,
  send,
  UpstreamError,
} from '@portvakt/core/internal'
import { MaskinportenClientError, type MaskinportenClientErrorDetails } from './client-error.js'

/** The standard `fetch`. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

export interface Wire {
  /** Undefined to use the global `fetch`. */
  readonly fetch: Fetch | undefined
  readonly clock: Clock
}

export interface Answer {
  readonly status: number
  /** The body as parsed JSON; from Altinn, as text. Undefined if the body is unreadable or too large. */
  readonly body: unknown
  /** Seconds to wait, from `Retry-After`. */
  readonly retryAfter: number | undefined
}

/**
 * Maximum size of a response body in decoded bytes. A token response has a few KiB; a captive portal's page
 * can be larger.
 */
export const MAX_BYTES = 256 * 1024

/**
 * Sends one request and reads an answer of any status. Does not follow redirects, because an assertion or a
 * token is meant for one endpoint.
 *
 * @param signal the attempt's signal. It aborts `fetch`. It also aborts the reading of the body, even if
 * `fetch` ignores the signal.
 * @throws {MaskinportenClientError} `unavailable`, retryable, for every network failure
 */
export async function exchange(
  url: string,
  init: RequestInit,
  { fetch }: Wire,
  signal: AbortSignal,
  server: NonNullable<MaskinportenClientErrorDetails['server']> = 'maskinporten',
): Promise<Answer> {
  signal.throwIfAborted()
  try {
    const response = await send(url, fetch, { ...init, signal })
    const { status, headers } = response
    // The application's `fetch` can resolve with anything, and the status becomes part of an error's message.
    if (!Number.isInteger(status)) throw new TypeError()
    // `false`: accept invalid UTF-8, so that one invalid byte in a description does not hide the rest of a
    // refusal.
    const read = server === 'altinn' ? readText : readJson
    const body = await read(response, signal, MAX_BYTES, false).catch((error: unknown) => {
      // The status is still used if the body is unreadable.
      const isAnswer = error instanceof UpstreamError && ['not_json', 'too_large'].includes(error.reason)
      if (!isAnswer) throw error
    })
    // Accept only seconds (RFC 9110 §10.2.3), because a date would depend on the clocks of two machines.
    const seconds = String(headers.get('retry-after'))
    return { status, body, retryAfter: /^[0-9]{1,6}$/.test(seconds) ? Number(seconds) : undefined }
  } catch (thrown) {
    // The error may quote the assertion, or have the request as a member. `asUpstreamError` drops both.
    const { reason, code, cause } = asUpstreamError(thrown)
    const hint = {
      cause: code === undefined ? 'it cannot be reached' : `it cannot be reached (${code})`,
      fix: reason === 'proxy_not_used' ? PROXY_ADVICE : connectionHint(code),
    }
    throw new MaskinportenClientError('unavailable', { server, retryable: true, hint, cause })
  }
}
