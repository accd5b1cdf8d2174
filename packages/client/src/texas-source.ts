import { post } from '@portvakt/core/internal'
import type { TokenSource } from './attempt.js'
import { MaskinportenClientError } from './client-error.js'
import { exchange, type Fetch, MAX_BYTES, type Wire } from './exchange.js'
import type { PreparedTokenRequest } from './token-request.js'
import { readTokenResponse } from './token-response.js'

type Post = NonNullable<typeof post>

/**
 * Gets tokens from Texas, NAIS's sidecar, which signs and sends the token requests of the application.
 *
 * @see https://docs.nais.io/auth/reference/#texas
 */
export function texasSource(endpoint: string, wire: Wire): TokenSource {
  return {
    async request(tokenRequest, skipCache, { signal, inBackground }) {
      refuseUnsupported(tokenRequest)
      const body = JSON.stringify({
        identity_provider: 'maskinporten',
        target: tokenRequest.scope,
        resource: tokenRequest.resource,
        authorization_details: tokenRequest.authorizationDetails,
        ...(skipCache && { skip_cache: true }),
      })
      const init = { method: 'POST', body, headers: { 'content-type': 'application/json' } }
      // Use a new connection. The persistent connections are for introspections, which must not wait for slow
      // token requests.
      const options = { url: endpoint, body, signal, inBackground, maxBytes: MAX_BYTES, keepAlive: false }
      const fetch = wire.fetch ?? (post && directFetch(post, options))
      return readTokenResponse(await exchange(endpoint, init, { ...wire, fetch }, signal), undefined)
    },
  }
}

/**
 * Bypasses the proxy that the global `fetch` may use. Texas listens on 127.0.0.1. NAIS's default NO_PROXY is
 * `localhost` (nais/naiserator 808737d, 2026-06), which does not cover 127.0.0.1, so the token would pass
 * through the proxy.
 */
function directFetch(by: Post, options: Parameters<Post>[0]): Fetch {
  return async () => {
    const { status, retryAfter = '', body: bytes } = await by(options)
    const response = new Response(bytes, { headers: { 'retry-after': retryAfter } })
    // The constructor accepts only 200 to 599, and for some statuses no body.
    return Object.defineProperty(response, 'status', { value: status })
  }
}

/**
 * Rejects the request members that Texas ignores: with them, Texas would return a token that is not for the
 * requested organisation or person.
 */
function refuseUnsupported({ consumerOrg, pid }: PreparedTokenRequest): void {
  const unsupported = consumerOrg !== undefined ? 'consumerOrg' : pid !== undefined ? 'pid' : undefined
  if (unsupported === undefined) return
  throw new MaskinportenClientError('not_supported', {
    hint: {
      cause: `Texas cannot get tokens with \`${unsupported}\``,
      fix: "configure the client's own key instead",
    },
  })
}
