import { connectionHint } from './connection-hint.js'
import { PROXY_ADVICE, proxyIsUnused } from './environment.js'
import { safeCause } from './safe-cause.js'

/** Why a fetch of keys or an introspection failed. Stable names, for `health()`, events and alerts. */
export type UpstreamFailure = keyof typeof MESSAGES

const MESSAGES = {
  unreachable: 'The endpoint could not be reached',
  proxy_not_used: `The endpoint could not be reached directly, and ${PROXY_ADVICE}`,
  timeout:
    'The endpoint did not answer in time: check outbound access (firewall, network policy) and whether a proxy ' +
    'is needed; it may also be slow',
  redirected: 'The endpoint redirected; redirects are not followed',
  bad_status: 'The endpoint answered with an error status',
  too_large: 'The answer of the endpoint is larger than the limit',
  not_json: 'The endpoint did not answer with JSON',
  wrong_metadata: 'The metadata does not name the configured issuer, or a key endpoint on the issuer’s host',
  no_usable_key: 'The endpoint answered without a usable key',
  not_introspection: 'The answer of Texas is not an introspection response',
  no_upstream: 'Texas could not get Maskinporten’s keys',
  not_enabled:
    'Texas says that it is not set up for Maskinporten: set `spec.maskinporten.enabled: true` in nais.yaml',
} as const

/**
 * A fetch of keys or metadata, or an introspection, failed. This error contains no part of the answer or the
 * request: an introspection request contains the caller's token, and a `fetch` can quote that token in its
 * error.
 */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError'
  /** The system's error code, such as ECONNREFUSED, if there is one. */
  readonly code: string | undefined
  constructor(
    readonly reason: UpstreamFailure,
    options: ErrorOptions & { readonly status?: number } = {},
  ) {
    const cause = Object.hasOwn(options, 'cause') ? safeCause(options.cause) : undefined
    const code = cause?.code
    // A custom `fetch` can return any value as the status, such as the request.
    const found = code ?? (Number.isInteger(options.status) ? options.status : undefined)
    const details = found === undefined ? '' : ` (${found})`
    super(
      `${MESSAGES[reason]}${details}${reason === 'unreachable' ? `: ${connectionHint(code)}` : ''}`,
      cause && { cause },
    )
    this.code = code
  }
}

/** The part of the standard `fetch` that the library uses. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** Largest accepted answer, in bytes after decompression. */
export const MAX_BYTES = 64 * 1024

/** @throws {UpstreamError} */
export async function fetchJson(
  url: string,
  fetch: Fetch | undefined,
  signal: AbortSignal,
): Promise<unknown> {
  return readJson(await fetchOk(url, fetch, signal), signal)
}

/** @throws {UpstreamError} */
export async function readJson(
  response: Response,
  signal: AbortSignal,
  maxBytes = MAX_BYTES,
  isStrict = true,
): Promise<unknown> {
  const text = await readText(response, signal, maxBytes, isStrict)
  // RFC 8259 §8.1 allows ignoring a byte order mark. Some servers send one.
  return parseJson(text.startsWith('\ufeff') ? text.slice(1) : text)
}

/** @throws {UpstreamError} `not_json`, without the parser's message, because that message quotes the text */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UpstreamError('not_json')
  }
}

interface FetchInit {
  readonly method?: string
  readonly body?: string
  readonly headers?: Record<string, string>
}

/** @throws {UpstreamError} unless the answer is UTF-8 of at most {@link MAX_BYTES}, with status 200 */
export async function fetchText(
  url: string,
  fetch: Fetch | undefined,
  signal: AbortSignal,
  init: FetchInit,
): Promise<string> {
  return readText(await fetchOk(url, fetch, signal, init), signal, MAX_BYTES)
}

async function fetchOk(
  url: string,
  fetch: Fetch | undefined,
  signal: AbortSignal,
  init: FetchInit = {},
): Promise<Response> {
  const headers = { ...init.headers, accept: 'application/json' }
  const response = await send(url, fetch, { ...init, headers, signal })
  if (response.status === 200) return response
  // Cancelling the body frees the connection.
  response.body?.cancel().catch(() => undefined)
  const redirected = response.type === 'opaqueredirect' || Math.trunc(response.status / 100) === 3
  throw new UpstreamError(redirected ? 'redirected' : 'bad_status', { status: response.status })
}

/**
 * Sends a request. Redirects are not followed.
 *
 * @param fetch default: the global `fetch`, read at each call, because the application can replace it at any
 *   time
 * @throws {UpstreamError} `unreachable` or `proxy_not_used`, if `fetch` rejects
 */
export async function send(url: string, fetch: Fetch | undefined, init: RequestInit): Promise<Response> {
  try {
    return await (fetch ?? globalThis.fetch)(url, { ...init, redirect: 'manual' })
  } catch (cause) {
    const isUnused = fetch === undefined && proxyIsUnused(url, safeCause(cause).code)
    throw new UpstreamError(isUnused ? 'proxy_not_used' : 'unreachable', { cause })
  }
}

/**
 * Reads a body as UTF-8.
 *
 * @param signal on abort, the body is cancelled to free the connection, even if `fetch` ignores the signal
 * @throws {UpstreamError}
 */
export async function readText(
  response: Response,
  signal: AbortSignal,
  maxBytes: number,
  isStrict = true,
): Promise<string> {
  if (!response.body) throw new UpstreamError('not_json')
  const decoder = new TextDecoder('utf-8', { fatal: isStrict, ignoreBOM: true })
  const reader = response.body.getReader()
  // Async, so that an exception from a custom reader's `cancel` becomes a rejection, which is caught below.
  const cancel = async () => reader.cancel()
  const stop = () => void cancel().catch(() => undefined)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop)
  let bytes = 0
  let text = ''
  for (;;) {
    const chunk = await reader.read().catch((cause: unknown) => {
      throw new UpstreamError('unreachable', { cause })
    })
    // A cancelled body ends like a complete body, so the signal is checked first.
    if (signal.aborted) throw new UpstreamError('timeout')
    if (chunk.done) return text + decodeUtf8(decoder)
    bytes += chunk.value.byteLength
    if (bytes > maxBytes) {
      stop()
      throw new UpstreamError('too_large')
    }
    text += decodeUtf8(decoder, chunk.value, true)
  }
}

/** @throws {UpstreamError} `not_json` unless the bytes are UTF-8, JSON's only encoding (RFC 8259 §8.1) */
export function decodeUtf8(
  decoder: InstanceType<typeof TextDecoder>,
  bytes?: Uint8Array,
  stream = false,
): string {
  try {
    return decoder.decode(bytes, { stream })
  } catch {
    throw new UpstreamError('not_json')
  }
}

/** Returns an {@link UpstreamError} unchanged, and wraps any other error as `unreachable`. */
export function asUpstreamError(error: unknown): UpstreamError {
  return error instanceof UpstreamError ? error : new UpstreamError('unreachable', { cause: error })
}
