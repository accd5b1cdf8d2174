import { takeOptions } from '@portvakt/core/internal'
import { authorizedFetch } from './authorized-fetch.js'
import { MaskinportenClientError } from './client-error.js'
import { type Configuration, type MaskinportenClientOptions, readConfiguration } from './configuration.js'
import type { Fetch } from './exchange.js'
import {
  type CheckedGrant,
  cacheKeyOf,
  checkConsumerOrg,
  checkGrant,
  type Grant,
  type GrantOnce,
} from './grant.js'
import { withRetries } from './retry.js'
import { type FetchToken, TokenCache } from './token-cache.js'

/** A token for one API. */
export interface AccessToken {
  /** Opaque: it is for the API, not for you. */
  readonly accessToken: string
  /** When it expires, in seconds since the epoch. */
  readonly expiresAt: number
  /** What it grants: Maskinporten's word, or what was asked for where the source does not say. */
  readonly scope: string
}

/** Gets tokens from Maskinporten, and calls APIs with them. Make one and share it: it holds the tokens. */
export interface MaskinportenClient {
  /**
   * A token for the grant: a kept one, or a new one. `skipCache` fetches anew.
   *
   * Ends within `totalTimeout`, whatever hangs: metadata, a `sign` function, the network.
   *
   * @throws {TypeError} for a grant that has not the form of one
   * @throws {MaskinportenClientError} with `code`, `maskinportenCode`, `retryable` and a `hint`
   */
  getToken(grant: Grant & { readonly skipCache?: boolean }): Promise<AccessToken>
  /**
   * A standard `fetch` that carries such a token. Getting the token ends within `totalTimeout`. The call of the
   * API has no timeout of its own: bound it by its `signal`. An abort ends the call at once, with the signal's
   * reason, and no other caller's. A network failure is a `TypeError` whose cause has the name and the system
   * code of what `fetch` threw, and nothing else of it, because it may quote the token.
   *
   * @example
   * const skatt = client.fetch({ scope: 'skatt:some.scope' })
   * const response = await skatt('https://api.example.no/', { signal: AbortSignal.timeout(10_000) })
   */
  fetch(grant: Grant): Fetch
  /** The same client on behalf of a customer that has delegated its access. @throws {TypeError} */
  for(customer: { readonly consumerOrg: string }): MaskinportenClient
}

/**
 * Makes a client. Without options it is configured by the variables that NAIS sets, or the files that it
 * mounts. Nothing is sent before the first token is asked for.
 *
 * @throws {TypeError} for every wrong or missing option or variable, naming it
 * @example
 * const client = createMaskinportenClient()
 * const skatt = client.fetch({ scope: 'skatt:some.scope' })
 * const response = await skatt('https://api.example.no/')
 */
export function createMaskinportenClient(options: MaskinportenClientOptions = {}): MaskinportenClient {
  const configuration = readConfiguration(options)
  return clientFor(configuration, new TokenCache({ ...configuration, ...configuration.wire }), undefined)
}

function clientFor(
  configuration: Configuration,
  cache: TokenCache,
  consumerOrg: string | undefined,
): MaskinportenClient {
  const { source, wire, random, attemptTimeout, totalTimeout } = configuration
  const rules = { clock: wire.clock, random, attemptTimeout, totalTimeout }

  /** The tokens of one grant, kept and new. */
  function tokensOf(grant: GrantOnce) {
    const checked = checkGrant(grant, consumerOrg)
    checkRegistered(checked, configuration.scopes)
    const key = cacheKeyOf(checked)
    const fetchToken: FetchToken = (skipCache, inBackground) =>
      withRetries((attempt) => source.request(checked, skipCache, attempt), rules, inBackground)
    return {
      scope: checked.scope,
      skipCache: checked.skipCache,
      get: () => cache.get(key, fetchToken),
      fetch: () => cache.fetch(key, fetchToken),
      replace: (rejected: string) => cache.replace(key, rejected, fetchToken),
    }
  }

  return Object.freeze<MaskinportenClient>({
    async getToken(grant) {
      const tokens = tokensOf(grant)
      const token = await (tokens.skipCache === true ? tokens.fetch() : tokens.get())
      return { ...token, scope: token.scope ?? tokens.scope }
    },
    fetch(grant) {
      const tokens = tokensOf(grant)
      if (tokens.skipCache !== undefined)
        throw new TypeError('`skipCache` is for getToken: a fetch gets another token when one is rejected')
      return authorizedFetch(tokens, wire.fetch)
    },
    for(customer) {
      const { consumerOrg } = takeOptions(customer, ['consumerOrg'], '`for`')
      return clientFor(configuration, cache, checkConsumerOrg(consumerOrg))
    },
  })
}

/** Before anything is sent: Maskinporten would say the same, less clearly (MP-200). */
function checkRegistered({ scope }: CheckedGrant, registered: ReadonlySet<string> | undefined): void {
  const missing = registered && scope.split(' ').find((name) => !registered.has(name))
  if (missing === undefined) return
  throw new MaskinportenClientError('scope_not_registered', {
    hint: `${missing} is not registered on this client. In nais.yaml, add to spec.maskinporten.scopes.consumes:  - name: "${missing}"  (if it is there, \`kubectl get maskinportenclient NAME -o jsonpath='{.status.conditions}'\` says why: under InvalidConsumedScopes, the provider has to grant it)`,
  })
}
