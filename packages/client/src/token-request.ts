import {
  isAbsoluteUri,
  isObject,
  isOrganisationNumber,
  takeJson,
  takeList,
  takeOptions,
} from '@portvakt/core/internal'
import { withoutSecrets } from './secrets.js'

/** The scopes of a token, and its restrictions. */
export interface TokenRequest {
  /** One scope or several, as an array or separated by white space. */
  readonly scope: string | readonly string[]
  /** The API to which the token is restricted: an absolute URI, which becomes the token's `aud`. */
  readonly resource?: string
  /** The national identity number (eleven digits) of the person to whom the token is restricted. */
  readonly pid?: string
  /** Requests a token for a system user or with a consent: see {@link systemUser} and {@link consent}. */
  readonly authorizationDetails?: readonly object[]
  /**
   * Whether to exchange the token for an Altinn token, which Altinn's APIs require. The client caches the
   * Altinn token until shortly before expiry (30 minutes after issue), renews it, and replaces it when an API
   * rejects it. Altinn ignores `resource`. Default false.
   *
   * @see https://docs.altinn.studio/authorization/getting-started/authentication
   */
  readonly altinn?: boolean
}

/** A token request for `getToken`, which can skip the cache. */
export type GetTokenRequest = TokenRequest & { readonly skipCache?: boolean }

/** A checked token request, with the organisation on whose behalf it is made. */
export type PreparedTokenRequest = ReturnType<typeof prepareTokenRequest>

const MEMBERS = [
  'scope',
  'resource',
  'pid',
  'authorizationDetails',
  'altinn',
  'skipCache',
] as const satisfies readonly (keyof GetTokenRequest)[]

/** @throws {TypeError} naming the member, without quoting a `pid` */
export function prepareTokenRequest(given: GetTokenRequest, consumerOrg: string | undefined) {
  if (!isObject(given) || given instanceof URL || given instanceof Request)
    throw new TypeError(
      "A token request is an object: write getToken({ scope: 'nav:x.read' }), or fetch({ scope: 'nav:x.read' })(url)",
    )
  if (Object.hasOwn(given, 'consumerOrg'))
    throw new TypeError('`consumerOrg` is not part of a token request: write client.for({ consumerOrg })')
  const taken = takeOptions(given, MEMBERS, 'A token request')
  const { scope, resource, pid, authorizationDetails, altinn = false, skipCache } = taken
  if (typeof altinn !== 'boolean') throw new TypeError('`altinn` must be true or false')
  if (skipCache !== undefined && typeof skipCache !== 'boolean')
    throw new TypeError('`skipCache` must be true or false')
  if (resource !== undefined && !isAbsoluteUri(resource))
    throw new TypeError('`resource` must be an absolute URI')
  if (pid !== undefined && !(typeof pid === 'string' && /^[0-9]{11}$/.test(pid)))
    throw new TypeError('`pid` must be eleven digits')
  return Object.freeze({
    /** The scopes, sorted, without duplicates, separated by spaces. */
    scope: checkScopes(scope).join(' '),
    resource,
    pid,
    authorizationDetails: authorizationDetails === undefined ? undefined : readDetails(authorizationDetails),
    consumerOrg,
    /** Whether Altinn exchanges the token. */
    altinn,
    skipCache,
  })
}

/** @throws {TypeError} unless `scope` is one or more full scopes */
export function checkScopes(scope: unknown, option = 'scope'): readonly string[] {
  const given = typeof scope === 'string' ? scope.match(/\S+/g) : scope
  const scopes = Array.isArray(given) ? takeList(given, option) : []
  if (scopes.length === 0) throw new TypeError(`\`${option}\` must name at least one scope`)
  // The syntax of RFC 6749 §3.3, with the prefix that every scope in Maskinporten has.
  const form = /^[\x21\x23-\x39\x3b-\x5b\x5d-\x7e]+:[\x21\x23-\x5b\x5d-\x7e]+$/
  for (const [index, name] of scopes.entries()) {
    if (typeof name === 'string' && form.test(name)) continue
    const shown = isQuotable(name) ? `\`${option}\`: ${JSON.stringify(name)}` : `\`${option}[${index}]\``
    throw new TypeError(`${shown} is not a full scope, prefix:subscope`)
  }
  return [...new Set<string>(scopes)].sort()
}

/** Whether a wrong scope can be quoted: a token or a key can have been given by mistake. */
function isQuotable(scope: unknown): boolean {
  return typeof scope === 'string' && scope.length <= 64 && withoutSecrets(scope) === scope
}

/** Rejects details with a member that JSON would drop: without that member, the token could grant more. */
function readDetails(given: unknown): readonly object[] {
  const details = takeJson(given, 'authorizationDetails')
  if (Array.isArray(details) && details.length > 0 && details.every(isObject)) return details
  throw new TypeError('`authorizationDetails` must be a list of objects')
}

/** @throws {TypeError} unless the value is an organisation number without a prefix */
export function checkConsumerOrg(value: unknown, option = 'consumerOrg'): string {
  if (isOrganisationNumber(value)) return value
  throw new TypeError(`\`${option}\` must be an organisation number: nine digits, without "0192:"`)
}

/**
 * Returns a cache key that contains every member that affects the token, so that different tokens never share
 * a cache entry.
 */
export function cacheKeyOf(request: PreparedTokenRequest): string {
  const { scope, resource, pid, authorizationDetails, consumerOrg, altinn } = request
  return JSON.stringify([scope, resource, pid, authorizationDetails, consumerOrg, altinn])
}
