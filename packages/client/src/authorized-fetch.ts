import { isConfidential, safeCause } from '@portvakt/core/internal'
import { MaskinportenClientError } from './client-error.js'
import type { Fetch } from './exchange.js'

/** How {@link authorizedFetch} gets its tokens. */
export interface Tokens {
  get(): Promise<{ readonly accessToken: string }>
  /**
   * Replaces a token that an API has rejected. Resolves with undefined if that token is itself a recent
   * replacement.
   */
  replace(rejected: string): Promise<{ readonly accessToken: string } | undefined>
}

/**
 * Returns a standard `fetch` that adds a token to each request. After a 401, it gets a new token and repeats
 * the request once, if the body can be sent again. The token is sent only to the origin of the requested URL.
 */
export function authorizedFetch(tokens: Tokens, fetch: Fetch): Fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    if (!isConfidential(new URL(request.url))) throw new MaskinportenClientError('insecure_url', INSECURE)
    const { method, signal, integrity, redirect } = request
    const replayable = request.body === null || isReplayable(init?.body)
    // Read a replayable body into bytes, so that its length is known and it can be sent again. The Request
    // object itself is not sent, because the `fetch` of the package undici rejects a Request of any other
    // implementation.
    const readBytes = async () => new Uint8Array(await request.arrayBuffer())
    const body = replayable && request.body ? await unlessAborted(signal, readBytes) : request.body
    const send = async (accessToken: string) => {
      const headers = new Headers(request.headers)
      headers.set('authorization', `Bearer ${accessToken}`)
      const call = { ...init, method, headers, body, signal, integrity, duplex: 'half' as const }
      return redirect === 'follow'
        ? following(request.url, call, fetch)
        : fetch(request.url, { ...call, redirect })
    }
    // Reject as the standard `fetch` does. The thrown error can quote the token or hold the request, so only
    // a safe part of the error is kept.
    const fail = (thrown: unknown) => {
      if (thrown instanceof TooManyRedirects) throw thrown
      throw new TypeError('fetch failed', { cause: safeCause(thrown) })
    }
    const attempt = (accessToken: string) => unlessAborted(signal, () => send(accessToken).catch(fail))
    const { accessToken } = await unlessAborted(signal, () => tokens.get())
    const response = await attempt(accessToken)
    if (response.status !== 401 || !replayable) return response
    const other = await unlessAborted(signal, () => tokens.replace(accessToken)).catch((error: unknown) => {
      discard(response)
      throw error
    })
    if (other === undefined) return response
    discard(response)
    return attempt(other.accessToken)
  }
}

const INSECURE = {
  hint: {
    cause: 'a token is only sent over https, or to this machine',
    fix: 'call the API by its https: address',
  },
}

/**
 * Rejects with the signal's reason when the caller aborts, even if `work` never settles. The work itself
 * continues: other callers may share the token that it fetches.
 *
 * @param signal the signal of one call, so that the listener is freed with the call
 */
async function unlessAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
    work().then(resolve, reject)
  })
}

/** Text, bytes and forms can be sent again. Streams and Node's async iterables cannot. */
function isReplayable(body: RequestInit['body']): boolean {
  if (body === undefined || body === null || body instanceof ReadableStream) return false
  return typeof body !== 'object' || !(Symbol.asyncIterator in body)
}

interface Call extends RequestInit {
  readonly headers: Headers
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream | null
}

/** Maximum number of redirects, as in the standard `fetch`. */
const MAX_REDIRECTS = 20

/** Reaches the caller unchanged, because its message is safe. Its name is TypeError. */
class TooManyRedirects extends TypeError {}

async function following(address: string, first: Call, fetch: Fetch): Promise<Response> {
  let [url, call] = [address, first]
  for (let count = 0; ; count++) {
    const response = await fetch(url, { ...call, redirect: 'manual' })
    const target = targetOf(url, response)
    const next = target && redirected(call, response.status)
    if (!next) return response
    discard(response)
    if (count === MAX_REDIRECTS)
      throw new TooManyRedirects(
        `fetch failed: the API redirected the request more than ${MAX_REDIRECTS} times`,
      )
    url = target
    call = next
  }
}

/**
 * Maximum length of a `Location` header in characters, from RFC 9110 §4.1. The time to parse a host name
 * grows with the square of its length (IDNA).
 */
const LONGEST_LOCATION = 8000

/**
 * Returns the target of a redirect to the same origin. A redirect to another origin is returned to the caller
 * as the response, so that the token does not leave its origin (RFC 9700 §4.12).
 */
function targetOf(url: string, { status, headers }: Response): string | undefined {
  const location = headers.get('location')
  if (!REDIRECTS.has(status) || location === null || location.length > LONGEST_LOCATION) return undefined
  if (!URL.canParse(location, url)) return undefined
  const target = new URL(location, url)
  return target.origin === new URL(url).origin ? target.href : undefined
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** @see https://fetch.spec.whatwg.org/#http-redirect-fetch */
function redirected(call: Call, status: number): Call | undefined {
  const becomesGet = status === 303 ? call.method !== 'HEAD' : status <= 302 && call.method === 'POST'
  if (becomesGet) {
    const headers = new Headers(call.headers)
    for (const name of ['encoding', 'language', 'location', 'type', 'length'])
      headers.delete(`content-${name}`)
    return { ...call, method: 'GET', body: null, headers }
  }
  return call.body instanceof ReadableStream ? undefined : call
}

/** Frees the connection, and ignores a failure to do so. */
function discard(response: Response): void {
  const cancel = async () => response.body?.cancel()
  cancel().catch(() => undefined)
}
