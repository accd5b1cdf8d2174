import { MaskinportenClientError } from './client-error.js'
import { directFetch } from './direct-fetch.js'
import { exchange, type Wire } from './exchange.js'
import type { PreparedTokenRequest } from './token-request.js'
import { readTokenResponse } from './token-response.js'
import type { TokenSource } from './token-source.js'

/**
 * Gets tokens from Texas, NAIS's sidecar, which signs and sends the token requests of the application.
 *
 * @see https://docs.nais.io/auth/reference/#texas
 */
export function texasSource(endpoint: string, wire: Wire): TokenSource {
  const direct = { ...wire, fetch: wire.fetch ?? directFetch() }
  return {
    async request(tokenRequest, skipCache, { signal }) {
      refuseUnsupported(tokenRequest)
      const body = JSON.stringify({
        identity_provider: 'maskinporten',
        target: tokenRequest.scope,
        ...(tokenRequest.resource !== undefined && { resource: tokenRequest.resource }),
        ...(tokenRequest.authorizationDetails && {
          authorization_details: tokenRequest.authorizationDetails,
        }),
        ...(skipCache && { skip_cache: true }),
      })
      const init = { method: 'POST', body, headers: { 'content-type': 'application/json' } }
      return readTokenResponse(await exchange(endpoint, init, direct, signal), undefined)
    },
  }
}

/** Rejects what Texas would ignore: the token would then be for another organisation or person. */
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
