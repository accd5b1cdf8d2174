import type { Clock } from '@portvakt/core'
import {
  asUpstreamError,
  connectionHint,
  PROXY_ADVICE,
  readJson,
  send,
  UpstreamError,
} from '@portvakt/core/internal'
import { MaskinportenClientError } from './client-error.js'

/** The standard `fetch`. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** What a request to Maskinporten or Texas needs besides its own content. */
export interface Wire {
  /** The application's own; undefined means the global one. */
  readonly fetch: Fetch | undefined
  readonly clock: Clock
}

/** An answer, read whole. */
export interface Answer {
  readonly status: number
  /** Undefined if the body is not JSON, or is too large. */
  readonly body: unknown
  /** Seconds, from `Retry-After`. */
  readonly retryAfter: number | undefined
}

/** In decoded bytes. No token response comes near it; the page of a captive portal may. */
export const MAX_BYTES = 256 * 1024

/**
 * Sends one request and reads a JSON answer of any status. Redirects are not followed: an assertion is meant for
 * one endpoint only.
 *
 * @param signal of the attempt: ends `fetch`, and the reading of a body even if `fetch` ignores it
 * @throws {MaskinportenClientError} `unavailable`, retryable, for every failure of the network
 */
export async function exchange(
  url: string,
  init: RequestInit,
  { fetch }: Wire,
  signal: AbortSignal,
): Promise<Answer> {
  signal.throwIfAborted()
  try {
    const response = await send(url, fetch, { ...init, signal })
    const { status, headers } = response
    // A `fetch` of the application may resolve with anything; the status becomes part of an error's message.
    if (!Number.isInteger(status)) throw new TypeError('The response has no status')
    const body = await readJson(response, signal, MAX_BYTES).catch(undefinedIfUnreadable)
    return { status, body, retryAfter: secondsIn(headers.get('retry-after')) }
  } catch (thrown) {
    // The error of a `fetch` may quote the assertion, or have the request as a member. Its cause is a safe one.
    const { reason, code, cause } = asUpstreamError(thrown)
    const hint = {
      cause: code === undefined ? 'it cannot be reached' : `it cannot be reached (${code})`,
      fix: reason === 'proxy_not_used' ? PROXY_ADVICE : connectionHint(code),
    }
    throw new MaskinportenClientError('unavailable', { retryable: true, hint, cause })
  }
}

/** The status of an answer counts even if its body does not. */
function undefinedIfUnreadable(error: unknown): undefined {
  if (error instanceof UpstreamError && (error.reason === 'not_json' || error.reason === 'too_large')) return
  throw error
}

/** RFC 9110 §10.2.3, as seconds only: a date would depend on the clocks of two machines. */
function secondsIn(retryAfter: string | null): number | undefined {
  return retryAfter !== null && /^[0-9]{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined
}
