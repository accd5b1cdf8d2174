import { isLoopback } from '@portvakt/core'
import { MaskinportenClientError } from './client-error.js'
import type { Fetch } from './exchange.js'

/** How {@link authorizedFetch} gets its tokens. */
export type TokenFor = (options: { readonly skipCache: boolean }) => Promise<{ readonly accessToken: string }>

/**
 * A standard `fetch` that carries a token. After one 401 it gets a fresh token and tries once more, if the
 * body can be sent again. The token goes to the origin that was asked for and to no other.
 */
export function authorizedFetch(tokenFor: TokenFor, fetch: Fetch): Fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    checkUrl(request.url)
    const replayable = isReplayable(request, init)
    const again = replayable ? request.clone() : undefined
    const response = await send(request, await tokenFor({ skipCache: false }), fetch)
    if (response.status !== 401 || !again) return response
    // The connection is freed; whether that works changes nothing.
    response.body?.cancel().catch(() => undefined)
    return send(again, await tokenFor({ skipCache: true }), fetch)
  }
}

/** As many as the standard fetch follows. */
const MAX_REDIRECTS = 20

async function send(
  request: Request,
  { accessToken }: { readonly accessToken: string },
  fetch: Fetch,
): Promise<Response> {
  const headers = new Headers(request.headers)
  headers.set('authorization', `Bearer ${accessToken}`)
  if (request.redirect !== 'follow') return fetch(new Request(request, { headers }))
  let next = new Request(request, { headers, redirect: 'manual' })
  for (let count = 0; ; count++) {
    const replay = next.clone()
    const response = await fetch(next)
    const followed = count < MAX_REDIRECTS ? redirected(replay, response) : undefined
    if (!followed) return response
    response.body?.cancel().catch(() => undefined)
    next = followed
  }
}

/**
 * The request that a redirect asks for, if it stays where the token was meant for. What leads to another
 * origin is not followed: the caller sees the redirect (RFC 9700 §4.12).
 *
 * @see https://fetch.spec.whatwg.org/#http-redirect-fetch
 */
function redirected(request: Request, { status, headers }: Response): Request | undefined {
  const location = headers.get('location')
  if (!REDIRECTS.has(status) || location === null || !URL.canParse(location, request.url)) return undefined
  const url = new URL(location, request.url)
  if (url.origin !== new URL(request.url).origin) return undefined
  const becomesGet = status === 303 ? request.method !== 'HEAD' : status <= 302 && request.method === 'POST'
  return becomesGet
    ? new Request(url, { headers: request.headers, redirect: 'manual', signal: request.signal })
    : new Request(url, request)
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** A stream is gone once it is sent; text, bytes and forms are not. */
function isReplayable(request: Request, init: RequestInit | undefined): boolean {
  if (request.body === null) return true
  return init?.body !== undefined && init.body !== null && !(init.body instanceof ReadableStream)
}

function checkUrl(address: string): void {
  const url = new URL(address)
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) return
  throw new MaskinportenClientError('insecure_url', {
    hint: 'a token is only sent over https, or to this machine',
  })
}
