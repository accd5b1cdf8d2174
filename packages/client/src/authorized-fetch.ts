import { isLoopback, safeCause } from '@portvakt/core/internal'
import { MaskinportenClientError } from './client-error.js'
import type { Fetch } from './exchange.js'

/** How {@link authorizedFetch} gets its tokens. */
export interface Tokens {
  get(): Promise<{ readonly accessToken: string }>
  /** Another one than an API has rejected; undefined where it would fare no better. */
  replace(rejected: string): Promise<{ readonly accessToken: string } | undefined>
}

/**
 * A standard `fetch` that carries a token. After one 401 it gets a fresh token and tries once more, if the
 * body can be sent again. The token goes to the origin that was asked for and to no other.
 */
export function authorizedFetch(tokens: Tokens, fetch: Fetch): Fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    checkUrl(request.url)
    const { method, signal, integrity, redirect } = request
    const replayable = isReplayable(request, init)
    // Bytes, and neither the request nor a stream of it: they have a length, can be sent again, and every
    // `fetch` takes them, also one that knows only its own kind of Request (undici's).
    const body = replayable ? await unlessAborted(signal, () => bytesOf(request)) : request.body
    const send = async (accessToken: string) => {
      const headers = new Headers(request.headers)
      headers.set('authorization', `Bearer ${accessToken}`)
      const call = { ...init, method, headers, body, signal, integrity, duplex: 'half' as const }
      return redirect === 'follow'
        ? following(request.url, call, fetch)
        : fetch(request.url, { ...call, redirect })
    }
    const attempt = (accessToken: string) =>
      unlessAborted(signal, () => send(accessToken).catch(failWithoutToken))
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

/**
 * As the standard `fetch` rejects. The error of the given one may quote the token, or have the request with its
 * headers as a member.
 */
function failWithoutToken(thrown: unknown): never {
  throw new TypeError('fetch failed', { cause: safeCause(thrown) })
}

/**
 * Rejects with the signal's reason as soon as the caller aborts, whatever `work` waits for. The work itself is
 * not ended: other callers may share the token that it fetches.
 *
 * @param signal of one call, so that the listener is gone with it
 */
async function unlessAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
    work().then(resolve, reject)
  })
}

/** Text, bytes and forms can be read before they are sent, and be sent again; a stream cannot. */
function isReplayable(request: Request, init: RequestInit | undefined): boolean {
  if (request.body === null) return true
  return init?.body !== undefined && init.body !== null && !isStream(init.body)
}

/** Node's `fetch` also takes its own streams and other async iterables, which may never end. */
function isStream(body: BodyInit): boolean {
  return body instanceof ReadableStream || (typeof body === 'object' && Symbol.asyncIterator in body)
}

async function bytesOf(request: Request): Promise<Uint8Array<ArrayBuffer> | null> {
  return request.body === null ? null : new Uint8Array(await request.arrayBuffer())
}

interface Call extends RequestInit {
  readonly headers: Headers
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream | null
}

/** As many as the standard fetch follows. */
const MAX_REDIRECTS = 20

async function following(address: string, first: Call, fetch: Fetch): Promise<Response> {
  let [url, call] = [address, first]
  for (let count = 0; ; count++) {
    const response = await fetch(url, { ...call, redirect: 'manual' })
    const target = count < MAX_REDIRECTS ? targetOf(url, response) : undefined
    const next = target && redirected(call, response.status)
    if (!next) return response
    discard(response)
    url = target
    call = next
  }
}

/**
 * Where a redirect leads, if it stays where the token was meant for. What leads to another origin is not
 * followed: the caller sees the redirect (RFC 9700 §4.12).
 */
function targetOf(url: string, { status, headers }: Response): string | undefined {
  const location = headers.get('location')
  if (!REDIRECTS.has(status) || location === null || !URL.canParse(location, url)) return undefined
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

/** Frees the connection; whether that works changes nothing. */
function discard(response: Response): void {
  const cancel = async () => response.body?.cancel()
  cancel().catch(() => undefined)
}

function checkUrl(address: string): void {
  const url = new URL(address)
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) return
  throw new MaskinportenClientError('insecure_url', {
    hint: 'a token is only sent over https, or to this machine',
  })
}
