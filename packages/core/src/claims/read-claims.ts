import { refused } from '../errors/maskinporten-error.js'
import { freezeJson, type JsonObject } from '../platform/json.js'
import { NO_DETAILS, readAuthorizationDetails } from './authorization-details.js'
import { reasonForClaim } from './foreign-token.js'
import { readOrganisation } from './organisation.js'
import { type ShownMembers, VerifiedToken } from './verified-token.js'

/** A token's claims, typed once, with what the checks of every request need ready at hand. */
export interface ReadClaims {
  readonly token: VerifiedToken
  /** Whether the token has exactly this scope. */
  readonly hasScope: (scope: string) => boolean
  /** `nbf` in seconds, where the token has one. */
  readonly notBefore: number | undefined
  /** How much memory the claims take at most, in bytes. */
  readonly memory: number
}

/**
 * Types the claims strictly: a claim that is there must have Maskinporten's form, whether or not a rule asks
 * about it. Pass only claims whose signature is verified: they are frozen, deeply, and become a part of the result.
 *
 * @throws {MaskinportenError} `invalid_token`: `missing_claim`, `malformed_claims`, `general_mock_token` or `sender_constrained`
 * @example
 * const { token: verified, notBefore } = readClaims(verifiedClaims)
 */
export function readClaims(claims: JsonObject): ReadClaims {
  // RFC 7800: the token is for the holder of a key. We do not verify that proof, so nobody passes.
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
  const shown: Shown = { issuer, scopes, consumer, audience: audiences, systemUsers, issuedAt, expiresAt }
  // RFC 7519 §4.1.2: `sub` is a string. It is not a member of its own, because Maskinporten does not set it.
  optional(claims, 'sub', string)
  // An absent claim is an absent member.
  const supplier = optional(claims, 'supplier', readOrganisation)
  if (supplier !== undefined) shown.supplier = supplier
  const delegationSource = optional(claims, 'delegation_source', string)
  if (delegationSource !== undefined) shown.delegationSource = delegationSource
  const clientId = optional(claims, 'client_id', string)
  if (clientId !== undefined) shown.clientId = clientId
  const clientAuthentication = optional(claims, 'client_amr', string)
  if (clientAuthentication !== undefined) shown.clientAuthentication = clientAuthentication
  const pid = optional(claims, 'pid', personId)
  const tokenId = optional(claims, 'jti', string)
  if (tokenId !== undefined) shown.tokenId = tokenId
  const memory = freezeJson(claims)
  const token = new VerifiedToken(shown, { pid, authorizationDetails, consents, claims })
  return { token, hasScope: membership(scopes), notBefore, memory }
}

type Shown = { -readonly [Name in keyof ShownMembers]: ShownMembers[Name] }

type Reader<T> = (value: unknown) => T | undefined

function required<T>(claims: JsonObject, name: string, read: Reader<T>): T {
  const value = optional(claims, name, read)
  if (value === undefined) throw refused(reasonForClaim(claims, 'missing_claim'), { claim: name })
  return value
}

/** `null` is not absence: a claim that is there must be well-formed. */
function optional<T>(claims: JsonObject, name: string, read: Reader<T>): T | undefined {
  if (!Object.hasOwn(claims, name)) return undefined
  const value = read(claims[name])
  if (value === undefined) throw refused(reasonForClaim(claims, 'malformed_claims'), { claim: name })
  return value
}

function string(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** RFC 7519 §2: seconds, possibly with a fraction. JSON can spell infinity: `1e400`. */
export function numericDate(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** RFC 6749 §3.3: the space character separates scopes; `\s` would split on tabs and no-break spaces too. */
function scopesIn(scope: string): readonly string[] {
  const scopes = scope.replaceAll(/ {2,}/g, ' ').split(' ')
  // Left by a space at either end.
  if (scopes[0] === '') scopes.shift()
  if (scopes.at(-1) === '') scopes.pop()
  return Object.freeze(scopes)
}

/** Builds an index for the second look-up: most tokens come once, and one search takes less time than an index. */
function membership(list: readonly string[]): (entry: string) => boolean {
  let isFirst = true
  let index: ReadonlySet<string> | undefined
  return (entry) => {
    if (isFirst) {
      isFirst = false
      return list.includes(entry)
    }
    index ??= new Set(list)
    return index.has(entry)
  }
}

const NONE: readonly never[] = Object.freeze([])

/** RFC 7519 §4.1.3: a string or an array of strings. The legacy value `unspecified` restricts nothing. */
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
