import { takeJson, takeList, takeOptions } from '@portvakt/core/internal'

/** What a token is to be for. */
export interface Grant {
  /** One or several scopes, as an array or separated by white space. */
  readonly scope: string | readonly string[]
  /** The API that the token is restricted to (an absolute URI); becomes the token's `aud`. */
  readonly resource?: string
  /** The person that the token is restricted to, eleven digits. */
  readonly pid?: string
  /** The system user or the consent that the token is for: see {@link systemUser} and {@link consent}. */
  readonly authorizationDetails?: readonly object[]
}

/** A grant whose form was checked, with the organisation it is on behalf of. */
export interface CheckedGrant {
  /** Separated by a space, sorted, each once. */
  readonly scope: string
  readonly resource: string | undefined
  readonly pid: string | undefined
  readonly authorizationDetails: readonly object[] | undefined
  readonly consumerOrg: string | undefined
  /** Whether to fetch a new token; only `getToken` takes it. */
  readonly skipCache?: boolean
}

/** A grant, and whether a kept token will do. */
export interface GrantOnce extends Grant {
  readonly skipCache?: boolean
}

const MEMBERS = [
  'scope',
  'resource',
  'pid',
  'authorizationDetails',
  'skipCache',
] as const satisfies readonly (keyof GrantOnce)[]

/** @throws {TypeError} naming what is wrong; values of persons are not repeated */
export function checkGrant(grant: GrantOnce, consumerOrg: string | undefined): CheckedGrant {
  const taken = takeOptions(grant, MEMBERS, 'A grant')
  const { scope, resource, pid, authorizationDetails, skipCache } = taken
  if (skipCache !== undefined && typeof skipCache !== 'boolean')
    throw new TypeError('`skipCache` must be true or false')
  if (
    resource !== undefined &&
    !(typeof resource === 'string' && URL.canParse(resource) && !/\s/.test(resource))
  ) {
    throw new TypeError('`resource` must be an absolute URI')
  }
  if (pid !== undefined && !(typeof pid === 'string' && /^[0-9]{11}$/.test(pid)))
    throw new TypeError('`pid` must be eleven digits')
  return Object.freeze({
    scope: checkScopes(scope).join(' '),
    resource,
    pid,
    authorizationDetails: authorizationDetails === undefined ? undefined : readDetails(authorizationDetails),
    consumerOrg,
    ...(skipCache !== undefined && { skipCache }),
  })
}

/** @throws {TypeError} unless it is one full scope, or several */
export function checkScopes(scope: unknown, option = 'scope'): readonly string[] {
  const given = typeof scope === 'string' ? scope.split(/\s+/).filter(Boolean) : scope
  const scopes = Array.isArray(given) ? takeList(given, option) : []
  if (scopes.length === 0) throw new TypeError(`\`${option}\` must name at least one scope`)
  // RFC 6749 §3.3, with the prefix that every scope in Maskinporten has.
  for (const name of scopes) {
    if (
      typeof name === 'string' &&
      /^[\x21\x23-\x39\x3b-\x5b\x5d-\x7e]+:[\x21\x23-\x5b\x5d-\x7e]+$/.test(name)
    )
      continue
    throw new TypeError(`\`${option}\`: ${JSON.stringify(name)} is not a full scope, prefix:subscope`)
  }
  return [...new Set<string>(scopes)].sort()
}

/** As they will be sent: a member that JSON would drop throws, as the token would be another one without it. */
function readDetails(given: unknown): readonly object[] {
  const details = takeJson(given, 'authorizationDetails')
  if (Array.isArray(details) && details.length > 0 && details.every(isObject)) return details
  throw new TypeError('`authorizationDetails` must be a list of objects')
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** @throws {TypeError} unless it is a bare organisation number */
export function checkConsumerOrg(consumerOrg: unknown): string {
  if (typeof consumerOrg === 'string' && /^[0-9]{9}$/.test(consumerOrg)) return consumerOrg
  throw new TypeError('`consumerOrg` must be an organisation number: nine digits, without "0192:"')
}

/** Everything that shapes a token, so that no two different ones are ever taken for each other. */
export function cacheKeyOf(grant: CheckedGrant): string {
  const { scope, resource, pid, authorizationDetails, consumerOrg } = grant
  return JSON.stringify([
    scope,
    resource ?? null,
    pid ?? null,
    authorizationDetails ?? null,
    consumerOrg ?? null,
  ])
}
