import { takeOptions } from '@portvakt/core/internal'
import { altinnExchange } from './altinn-exchange.js'
import type { Attempt } from './attempt.js'
import { authorizedFetch } from './authorized-fetch.js'
import { MaskinportenClientError } from './client-error.js'
import { type Configuration, type MaskinportenClientOptions, readConfiguration } from './configuration.js'
import type { Fetch } from './exchange.js'
import { withRetries } from './retry.js'
import { type FetchToken, TokenCache } from './token-cache.js'
import {
  cacheKeyOf,
  checkConsumerOrg,
  type GetTokenRequest,
  type PreparedTokenRequest,
  prepareTokenRequest,
  type TokenRequest,
} from './token-request.js'

/** A token for one API. */
export interface AccessToken {
  /** The token itself. The client interprets nothing in it, except the lifetime of an Altinn token. */
  readonly accessToken: string
  /** When the token expires, in seconds since the epoch. */
  readonly expiresAt: number
  /**
   * The granted scopes in the token response, or the requested scopes if the response does not contain any.
   */
  readonly scope: string
}

/** Gets tokens from Maskinporten, and calls APIs with them. Share one client: it caches the tokens. */
export interface MaskinportenClient {
  /**
   * Returns a cached token for the request, or fetches one. With `altinn: true`, the token is Altinn's, not
   * Maskinporten's. The promise settles within `totalTimeout`, even if metadata, a `sign` function or the
   * network hangs. After two failures in a row (retryable errors, or 401 from Altinn), and after each further
   * one, a pause of 0.5 to 30 s begins, or of up to 60 s if `Retry-After` is longer. During the pause,
   * fetching this token rejects at once with the latest error.
   *
   * @throws {TypeError} for a malformed request, naming the mistake
   * @throws {MaskinportenClientError} with `code`, `maskinportenCode`, `retryable` and a `hint`
   */
  getToken(
    request: TokenRequest & {
      /** Fetches a token even if the cache has one. Default false. */
      readonly skipCache?: boolean
    },
  ): Promise<AccessToken>
  /**
   * Returns a standard `fetch` that adds a token to each request. After a 401, it repeats the call once with
   * another token, unless the token replaced a rejected one less than 30 s ago. Getting the token takes at
   * most `totalTimeout`; limit the API call itself with its `signal`. Aborting the signal rejects only that
   * call, at once, with the signal's reason. A network failure rejects with a `TypeError`. Its `cause` has
   * only the name and system code of the original error, because the original error may quote the token.
   *
   * The body of a `Request` is a stream, so a call with it is not repeated: give the body in `init`. A
   * `dispatcher` also belongs in `init`, because the client cannot read it from a `Request`. `redirected` of the
   * response is always false.
   *
   * @example
   * const skatt = client.fetch({ scope: 'skatt:some.scope' })
   * const response = await skatt('https://api.example.no/', { signal: AbortSignal.timeout(10_000) })
   */
  fetch(request: TokenRequest): Fetch
  /** Returns a client that acts on behalf of a customer that has delegated its access. @throws {TypeError} */
  for(customer: { readonly consumerOrg: string }): MaskinportenClient
}

/**
 * Makes a client. Without options, the client is configured by NAIS's variables or mounted files. It sends
 * nothing before the first token request.
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
  const { source, altinnPlatform, wire } = configuration
  const rules = { ...configuration, clock: wire.clock }

  function tokensOf(request: GetTokenRequest) {
    const checked = prepareTokenRequest(request, consumerOrg)
    checkRegistered(checked, configuration.scopes)
    const platform = checked.altinn ? knownPlatform(altinnPlatform) : undefined
    const key = cacheKeyOf(checked)
    const fetchToken: FetchToken = (skipCache, inBackground) => {
      const work =
        platform === undefined
          ? (attempt: Attempt) => source.request(checked, skipCache, attempt)
          : altinnExchange(source, platform, wire, checked, skipCache)
      return withRetries(work, rules, inBackground)
    }
    return {
      scope: checked.scope,
      skipCache: checked.skipCache,
      get: () => cache.get(key, fetchToken),
      fetch: () => cache.fetch(key, fetchToken),
      replace: (rejected: string) => cache.replace(key, rejected, fetchToken),
    }
  }

  return Object.freeze<MaskinportenClient>({
    async getToken(request) {
      const tokens = tokensOf(request)
      const token = await (tokens.skipCache === true ? tokens.fetch() : tokens.get())
      return { ...token, scope: token.scope ?? tokens.scope }
    },
    fetch(request) {
      const tokens = tokensOf(request)
      if (tokens.skipCache !== undefined)
        throw new TypeError('`skipCache` is for getToken: a fetch gets another token when one is rejected')
      // Read the global `fetch` at each call, because it can be replaced or instrumented later.
      return authorizedFetch(tokens, wire.fetch ?? ((input, init) => globalThis.fetch(input, init)))
    },
    for(customer) {
      const { consumerOrg } = takeOptions(customer, ['consumerOrg'], '`for({ consumerOrg })`')
      return clientFor(configuration, cache, checkConsumerOrg(consumerOrg))
    },
  })
}

/** @throws {TypeError} if the platform is unknown */
function knownPlatform(platform: string | undefined): string {
  if (platform !== undefined) return platform
  throw new TypeError(
    '`altinn` needs the address of Altinn’s platform, because nothing names the issuer behind Texas: set ' +
      'MASKINPORTEN_ISSUER, or give the client an `altinnPlatform`: https://platform.altinn.no, or ' +
      'https://platform.tt02.altinn.no for tests',
  )
}

/**
 * Rejects an unregistered scope before a token request is sent, because Maskinporten's own error (MP-200) is
 * less specific.
 */
function checkRegistered({ scope }: PreparedTokenRequest, registered: ReadonlySet<string> | undefined): void {
  const missing = registered && scope.split(' ').find((name) => !registered.has(name))
  if (missing === undefined) return
  throw new MaskinportenClientError('scope_not_registered', {
    hint: {
      cause: `${missing} is not registered on this client`,
      fix: `in nais.yaml, add to spec.maskinporten.scopes.consumes:  - name: "${missing}"  (if it is already there, run \`kubectl get maskinportenclient NAME -o jsonpath='{.status.conditions}'\`: the condition InvalidConsumedScopes means that the provider has to grant it)`,
    },
  })
}
