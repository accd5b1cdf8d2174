import { refused } from '../errors/maskinporten-error.js'
import { freezeJson, type JsonObject } from '../platform/json.js'
import { readAuthorizationDetails } from './authorization-details.js'
import { reasonForClaim } from './foreign-token.js'
import { readOrganisation } from './organisation.js'
import { type ShownMembers, VerifiedToken } from './verified-token.js'

/** A verified token, and the data that the checks of each request need. */
export interface ReadClaims {
  readonly token: VerifiedToken
  readonly hasScope: (scope: string) => boolean
  /** `nbf`: seconds since the epoch. */
  readonly notBefore: number | undefined
  /** Upper bound for the memory of the claims, in bytes. */
  readonly memory: number
}

/**
 * Reads claims strictly: every known claim that is present must be well-formed, even if no requirement uses
 * it. Pass only verified claims: the function freezes them deeply, and they become part of the result.
 *
 * @throws {MaskinportenError} `missing_claim`, `malformed_claims`, `general_mock_token` or
 *   `sender_constrained`
 */
export function readClaims(claims: JsonObject): ReadClaims {
  // RFC 7800: with `cnf`, only the holder of a key may use the token. This library cannot verify a proof of
  // that key.
  if (Object.hasOwn(claims, 'cnf')) throw refused('sender_constrained')

  const issuer = required(claims, 'iss', string)
  const issuedAt = required(claims, 'iat', numericDate)
  const expiresAt = required(claims, 'exp', numericDate)
  const notBefore = optional(claims, 'nbf', numericDate)
  const scopes = scopesIn(required(claims, 'scope', string))
  const consumer = required(claims, 'consumer', readOrganisation)

  const audiences = optional(claims, 'aud', audience) ?? NONE
  const { authorizationDetails, systemUsers, consents } =
    optional(claims, 'authorization_details', readAuthorizationDetails) ?? NO_DETAILS
  // RFC 7519 §4.1.2: `sub` is a string. VerifiedToken lacks `sub`, because Maskinporten does not set it.
  optional(claims, 'sub', string)
  const pid = optional(claims, 'pid', personId)
  // Every member is an own member, so that a polluted `Object.prototype` does not supply the absent ones.
  const shown: ShownMembers = {
    issuer,
    scopes,
    consumer,
    supplier: optional(claims, 'supplier', readOrganisation),
    delegationSource: optional(claims, 'delegation_source', string),
    clientId: optional(claims, 'client_id', string),
    clientAuthentication: optional(claims, 'client_amr', string),
    audience: audiences,
    systemUsers,
    tokenId: optional(claims, 'jti', string),
    issuedAt,
    expiresAt,
  }
  const memory = freezeJson(claims)
  const token = new VerifiedToken(shown, { pid, authorizationDetails, consents, claims })
  return { token, hasScope: membership(scopes), notBefore, memory }
}

const NONE: readonly never[] = Object.freeze([])

/**
 * Used in place of a missing `authorization_details`. Defines every member itself, so that a polluted
 * `Object.prototype` does not supply a system user.
 */
const NO_DETAILS = { authorizationDetails: NONE, systemUsers: NONE, consents: NONE } as const

type Reader<T> = (value: unknown) => T | undefined

function required<T>(claims: JsonObject, name: string, read: Reader<T>): T {
  const value = optional(claims, name, read)
  if (value === undefined) throw refused(reasonForClaim(claims, 'missing_claim'), { claim: name })
  return value
}

/** A claim that is `null` is malformed, not absent. */
function optional<T>(claims: JsonObject, name: string, read: Reader<T>): T | undefined {
  if (!Object.hasOwn(claims, name)) return undefined
  const value = read(claims[name])
  if (value === undefined) throw refused(reasonForClaim(claims, 'malformed_claims'), { claim: name })
  return value
}

function string(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** RFC 7519 §2: seconds, possibly with a fraction. Rejects `1e400`, which `JSON.parse` reads as infinity. */
export function numericDate(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** RFC 6749 §3.3: only the space character separates scopes, so `\s` would split too often. */
function scopesIn(scope: string): readonly string[] {
  return Object.freeze(scope.split(' ').filter((name) => name !== ''))
}

/**
 * Returns a function that looks up an entry in an index, so that a requirement with many scopes takes linear
 * time. The index is built at the first look-up.
 */
function membership(list: readonly string[]): (entry: string) => boolean {
  let index: ReadonlySet<string> | undefined
  return (entry) => {
    index ??= new Set(list)
    return index.has(entry)
  }
}

/**
 * RFC 7519 §4.1.3: `aud` is a string or an array of strings. The legacy value `unspecified` is not a
 * restriction.
 */
function audience(value: unknown): readonly string[] | undefined {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  const audiences: string[] = []
  for (const entry of values) {
    if (typeof entry !== 'string') return undefined
    if (entry !== 'unspecified') audiences.push(entry)
  }
  return Object.freeze(audiences)
}

/** A Norwegian national identity number or D-number. */
function personId(value: unknown): string | undefined {
  return typeof value === 'string' && /^[0-9]{11}$/.test(value) ? value : undefined
}
