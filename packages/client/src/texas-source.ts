import { MaskinportenClientError } from './client-error.js'
import { directFetch } from './direct-fetch.js'
import { exchange, type Wire } from './exchange.js'
import type { CheckedGrant } from './grant.js'
import { readTokenResponse } from './token-response.js'
import type { TokenSource } from './token-source.js'

/**
 * Tokens from Texas, NAIS's sidecar, which signs and asks on the application's behalf.
 *
 * @see https://docs.nais.io/auth/reference/#texas
 */
export function texasSource(endpoint: string, wire: Wire): TokenSource {
  const direct = { ...wire, fetch: (!wire.isOwnFetch && directFetch()) || wire.fetch }
  return {
    async request(grant, skipCache, { signal }) {
      refuseUnsupported(grant)
      const body = JSON.stringify({
        identity_provider: 'maskinporten',
        target: grant.scope,
        ...(grant.resource !== undefined && { resource: grant.resource }),
        ...(grant.authorizationDetails && { authorization_details: grant.authorizationDetails }),
        ...(skipCache && { skip_cache: true }),
      })
      const init = { method: 'POST', body, headers: { 'content-type': 'application/json' } }
      return readTokenResponse(await exchange(endpoint, init, direct, signal), undefined)
    },
  }
}

/** Left out silently, these would give a token for somebody else. */
function refuseUnsupported({ consumerOrg, pid }: CheckedGrant): void {
  const unsupported = consumerOrg !== undefined ? 'consumerOrg' : pid !== undefined ? 'pid' : undefined
  if (unsupported === undefined) return
  throw new MaskinportenClientError('not_supported', {
    hint: `Texas cannot get tokens with \`${unsupported}\`: configure the client's own key instead`,
  })
}
