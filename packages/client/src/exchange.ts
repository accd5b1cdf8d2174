import { type Clock, PROXY_ADVICE, proxyIsUnused } from '@portvakt/core'
import { MaskinportenClientError } from './client-error.js'

/** The standard `fetch`. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** How the other side is spoken to. */
export interface Wire {
  readonly fetch: Fetch
  /** Whether the application gave that `fetch`, so that whatever proxy there is is its own business. */
  readonly isOwnFetch: boolean
  readonly clock: Clock
  /** For one exchange, in milliseconds. */
  readonly attemptTimeout: number
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
 * Sends one request and reads a JSON answer under one deadline. Redirects are not followed: an assertion is
 * for one place only.
 *
 * @throws {MaskinportenClientError} `unavailable`, retryable, for every failure of the network
 */
export async function exchange(
  url: string,
  init: RequestInit,
  { fetch, isOwnFetch, clock, attemptTimeout }: Wire,
): Promise<Answer> {
  const controller = new AbortController()
  let cancel = () => {}
  const deadline = new Promise<never>((_resolve, reject) => {
    cancel = clock.after(attemptTimeout, () => {
      reject(unreachable('it did not answer in time'))
      controller.abort()
    })
  })
  try {
    return await Promise.race([
      read(url, { ...init, signal: controller.signal, redirect: 'manual' }, fetch).catch((cause: unknown) => {
        const hint = !isOwnFetch && proxyIsUnused(url) ? PROXY_ADVICE : 'check outbound access and DNS'
        throw unreachable(`it cannot be reached: ${hint}`, cause)
      }),
      deadline,
    ])
  } finally {
    cancel()
  }
}

async function read(url: string, init: RequestInit, fetch: Fetch): Promise<Answer> {
  const response = await fetch(url, init)
  const text = await boundedText(response)
  return {
    status: response.status,
    body: text === undefined ? undefined : jsonOrNothing(text),
    retryAfter: secondsIn(response.headers.get('retry-after')),
  }
}

/** The body as text; undefined when it is longer than any answer would be. */
async function boundedText(response: Response): Promise<string | undefined> {
  const reader = response.body?.getReader()
  if (!reader) return ''
  const decoder = new TextDecoder()
  let [bytes, text] = [0, '']
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    bytes += chunk.value.byteLength
    if (bytes > MAX_BYTES) {
      reader.cancel().catch(() => undefined)
      return undefined
    }
    text += decoder.decode(chunk.value, { stream: true })
  }
  return text + decoder.decode()
}

function unreachable(hint: string, cause?: unknown): MaskinportenClientError {
  return new MaskinportenClientError('unavailable', {
    hint,
    retryable: true,
    ...(cause !== undefined && { cause }),
  })
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
