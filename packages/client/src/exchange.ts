import type { Clock } from '@portvakt/core'
import { connectionHint, PROXY_ADVICE, proxyIsUnused, safeCause } from '@portvakt/core/internal'
import { MaskinportenClientError } from './client-error.js'

/** The standard `fetch`. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** How the other side is spoken to. */
export interface Wire {
  readonly fetch: Fetch
  /** Whether the application gave that `fetch`, so that whatever proxy there is is its own business. */
  readonly isOwnFetch: boolean
  readonly clock: Clock
}

/** An answer, read whole. */
export interface Answer {
  readonly status: number
  readonly body: unknown
  /** Seconds, from `Retry-After`. */
  readonly retryAfter: number | undefined
}

/** In decoded bytes. No token response is anywhere near this; a captive portal's page may be. */
const MAX_BYTES = 256 * 1024

/**
 * Sends one request and reads a JSON answer. Redirects are not followed: an assertion is for one place only.
 *
 * @param signal of the attempt: ends `fetch`, and the reading of a body where `fetch` ignores its signal
 * @throws {MaskinportenClientError} `unavailable`, retryable, for every failure of the network
 */
export async function exchange(
  url: string,
  init: RequestInit,
  { fetch, isOwnFetch }: Wire,
  signal: AbortSignal,
): Promise<Answer> {
  signal.throwIfAborted()
  try {
    return await read(url, { ...init, signal, redirect: 'manual' }, fetch, signal)
  } catch (thrown) {
    // A `fetch` may quote the assertion in its error, or have the request as a member of it.
    const cause = safeCause(thrown)
    const what = cause.code === undefined ? 'it cannot be reached' : `it cannot be reached (${cause.code})`
    const advice = !isOwnFetch && proxyIsUnused(url, cause.code) ? PROXY_ADVICE : connectionHint(cause.code)
    throw new MaskinportenClientError('unavailable', { retryable: true, hint: `${what}: ${advice}`, cause })
  }
}

async function read(url: string, init: RequestInit, fetch: Fetch, signal: AbortSignal): Promise<Answer> {
  const response = await fetch(url, init)
  const { status } = response
  // A `fetch` of the application may resolve with anything; the status becomes part of an error's message.
  if (!Number.isInteger(status)) throw new TypeError('The response has no status')
  const text = await boundedText(response, signal)
  return {
    status,
    body: text === undefined ? undefined : jsonOrNothing(text),
    retryAfter: secondsIn(response.headers.get('retry-after')),
  }
}

/** The body as text; undefined when it is longer than any answer would be. */
async function boundedText(response: Response, signal: AbortSignal): Promise<string | undefined> {
  const reader = response.body?.getReader()
  if (!reader) return ''
  const cancel = async () => reader.cancel()
  const stop = () => void cancel().catch(() => undefined)
  // Frees the connection of an answer that comes after the deadline, or has not ended by then.
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop)
  const decoder = new TextDecoder()
  let [bytes, text] = [0, '']
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    bytes += chunk.value.byteLength
    if (bytes > MAX_BYTES) {
      stop()
      return undefined
    }
    text += decoder.decode(chunk.value, { stream: true })
  }
  return text + decoder.decode()
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** RFC 9110 §10.2.3, in its form of seconds; a date would be judged by somebody else's clock. */
function secondsIn(retryAfter: string | null): number | undefined {
  return retryAfter !== null && /^[0-9]{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined
}
