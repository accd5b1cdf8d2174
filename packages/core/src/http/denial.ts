import type { MaskinportenCode, MaskinportenError, MaskinportenReason } from '../errors/maskinporten-error.js'
import { isObject } from '../platform/json.js'
import { takeOptions } from '../platform/options.js'

/**
 * A refusal, ready to be written by any framework: the decided status, headers (lower-case names) and body
 * (JSON text). Nothing in it comes from the token or from an upstream answer.
 */
export interface Denial {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly code: MaskinportenCode
  readonly reason: MaskinportenReason
}

/**
 * Makes another body for a refusal: any object, sent as JSON under the same media type (every member of
 * `application/problem+json` is optional). Returning undefined keeps the default, as does an exception or
 * anything that is not a JSON object. Status, challenge and caching are not up for discussion.
 *
 * It is not awaited, so that it cannot hang: a promise keeps the default body.
 *
 * @param request the framework's own request, as the adapter received it
 */
export type DenialBody = (denial: Denial, request: unknown) => object | undefined

/** How refusals are worded, beyond the fixed table. */
export interface DenialOptions {
  /** The protection space named in the challenge (RFC 9110 §11.5). Default `maskinporten`. */
  readonly realm?: string
}

interface Answer {
  readonly status: number
  readonly title: string
  /** The auth-params of the challenge after the realm; without this, the answer carries no challenge. */
  readonly challenge?: (error: MaskinportenError) => readonly string[]
}

/** The answer table: the only place in the library that knows status codes and challenges. */
const ANSWERS: Readonly<Record<MaskinportenCode, Answer>> = {
  // RFC 6750 §3.1: a request without credentials is told the scheme, and no error code.
  missing_token: { status: 401, title: 'Unauthorized', challenge: () => [] },
  // RFC 6750 §3.1: two ways of authenticating at once make the request itself invalid.
  invalid_request: { status: 400, title: 'Bad Request', challenge: () => ['error="invalid_request"'] },
  invalid_token: { status: 401, title: 'Unauthorized', challenge: () => ['error="invalid_token"'] },
  // RFC 6750 §3: `scope` names what the route requires; it is the server's own configuration.
  insufficient_scope: {
    status: 403,
    title: 'Forbidden',
    challenge: (error) => ['error="insufficient_scope"', `scope="${(error.requiredScopes ?? []).join(' ')}"`],
  },
  // No other token of this caller would help, so there is nothing to challenge for.
  access_denied: { status: 403, title: 'Forbidden' },
  // Our outage, not the caller's token: a 401 would make machine clients throw good tokens away.
  temporarily_unavailable: { status: 503, title: 'Service Unavailable' },
}

/** What the caller is told. Fixed texts: a value from the request would be an injection waiting to happen. */
const DETAIL: Readonly<Record<MaskinportenReason, string>> = {
  no_credentials: 'Send an access token from Maskinporten in the Authorization header, as a Bearer token.',
  other_scheme: 'The Authorization header must use the Bearer scheme.',
  ambiguous_credentials: 'Send exactly one Authorization header with exactly one credential.',
  empty_token: 'The Authorization header names the Bearer scheme but holds no token.',
  token_response: 'Send only the `access_token` of the token response, without the JSON around it.',
  token_too_large: 'The token is larger than this API accepts.',
  malformed_token: 'The token is not a signed JWT in compact form.',
  unsupported_algorithm: 'The token is signed with an algorithm that this API does not accept.',
  unsupported_header: 'The token has a header parameter that this API does not accept.',
  wrong_type: 'The token is not an access token.',
  missing_key_id: 'The token does not name the key that signed it.',
  unknown_key: 'The token is signed with a key that Maskinporten does not publish.',
  unusable_key: 'The token is signed with a key that this API does not accept.',
  bad_signature: 'The signature of the token is not valid.',
  inactive_token: 'The token is not an active token of Maskinporten.',
  malformed_claims: 'A claim of the token does not have the form that Maskinporten gives it.',
  missing_claim: 'The token lacks a claim that tokens from Maskinporten always have.',
  general_mock_token:
    'The token is from a general mock of an OAuth server, and lacks what Maskinporten sets.',
  sender_constrained: 'The token is bound to a key of its sender, which this API cannot verify.',
  expired: 'The token has expired. Get a new one.',
  not_yet_valid: 'The token is not valid yet.',
  issued_in_future: 'The token is issued in the future.',
  lifetime_too_long: 'The token is valid for longer than this API accepts.',
  time_in_milliseconds: 'A time in the token is in milliseconds; it must be in seconds.',
  wrong_issuer: 'The token is not issued by the Maskinporten environment that this API accepts.',
  wrong_environment: 'The token is issued by another Maskinporten environment than this API accepts.',
  phased_out_environment: 'The token is issued by a Maskinporten environment that no longer exists.',
  idporten_token: 'The token is issued by ID-porten. This API takes tokens from Maskinporten.',
  skyporten_token: 'The token is issued by Skyporten. This API takes tokens from Maskinporten.',
  altinn_token: 'The token is issued by Altinn. Send the one from Maskinporten, without exchanging it.',
  client_assertion:
    'This is a grant. Exchange it at Maskinporten, and send the access token that it answers with.',
  wrong_audience: 'The token is not restricted to the audience that this API requires.',
  insufficient_scope: 'The token lacks a scope that this operation requires.',
  nais_scope_name: 'The token lacks a scope that this operation requires.',
  consumer_not_allowed: 'The organisation that the token is issued to may not perform this operation.',
  delegation_not_allowed: 'This operation may not be performed on behalf of another organisation.',
  delegation_required:
    'Only a supplier may perform this operation, on behalf of the organisation that delegated it.',
  supplier_not_allowed: 'The supplier may not perform this operation on behalf of another organisation.',
  delegation_source_not_allowed: 'This API does not accept delegations from where this one is registered.',
  system_user_required: 'This operation requires the token of a system user.',
  consent_required:
    'This operation requires a consent, given to the organisation that the token is issued to.',
  consent_expired: 'The consent has ended.',
  pid_required: 'This operation requires a token that is restricted to one person.',
  pid_mismatch: 'The token is not restricted to the person that this request is about.',
  not_authorized: 'The caller may not perform this operation.',
  no_guard: 'This API does not say who may perform this operation, so nobody may.',
  keys_unavailable: 'Tokens cannot be verified at the moment. Try again later; the token may well be valid.',
  introspection_unavailable:
    'Tokens cannot be verified at the moment. Try again later; the token may well be valid.',
}

/**
 * Translates a refusal into its HTTP answer. Adapters get this from `decide`; call it yourself only after a
 * `verify` of your own.
 *
 * @example
 * try {
 *   await validator.verify(token, 'nav:x.read')
 * } catch (error) {
 *   if (!(error instanceof MaskinportenError)) throw error
 *   const { status, headers, body } = denialOf(error)
 *   response.writeHead(status, headers).end(body)
 * }
 * @throws {TypeError} for an unknown or bad option
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3 challenge
 * @see https://www.rfc-editor.org/rfc/rfc9457 body
 */
export function denialOf(error: MaskinportenError, options: DenialOptions = {}): Denial {
  return denialIn(readRealm(takeOptions(options, ['realm'], 'denialOf').realm), error)
}

/** RFC 9110 §5.6.4: a quoted string that needs no escaping. */
export function readRealm(realm: unknown = 'maskinporten'): string {
  if (typeof realm === 'string' && /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(realm)) return realm
  throw new TypeError('`realm` must be printable ASCII without quotes and backslashes')
}

function denialIn(realm: string, error: MaskinportenError): Denial {
  const answer = ANSWERS[error.code]
  const headers: Record<string, string> = {
    // RFC 6750 §5.3: neither a refusal nor what follows a retry belongs in a shared cache.
    'cache-control': 'no-store',
    'content-type': 'application/problem+json',
  }
  if (answer.challenge) {
    headers['www-authenticate'] = `Bearer ${[`realm="${realm}"`, ...answer.challenge(error)].join(', ')}`
  }
  if (error.retryAfter !== undefined)
    headers['retry-after'] = String(Math.max(1, Math.ceil(error.retryAfter)))
  return Object.freeze({
    status: answer.status,
    headers: Object.freeze(headers),
    body: JSON.stringify({
      title: answer.title,
      status: answer.status,
      detail: DETAIL[error.reason],
      code: error.code,
      reason: error.reason,
    }),
    code: error.code,
    reason: error.reason,
  })
}

/**
 * The answers of one validator. An answer that depends on nothing but its reason is made once: a flood of bad
 * tokens gets the same one each time.
 *
 * @param realm as {@link readRealm} gives it
 */
export function denialsFor(realm: string): (error: MaskinportenError) => Denial {
  const made = new Map<MaskinportenReason, Denial>()
  return (error) => {
    if (error.requiredScopes !== undefined || error.retryAfter !== undefined) return denialIn(realm, error)
    const known = made.get(error.reason)
    if (known) return known
    const denial = denialIn(realm, error)
    made.set(error.reason, denial)
    return denial
  }
}

/** The same refusal with the application's body, where it has a usable one. */
export function withBody(denial: Denial, denialBody: DenialBody | undefined, request: unknown): Denial {
  if (!denialBody) return denial
  try {
    const body: unknown = denialBody(denial, request)
    // A promise would be sent as `{}`.
    if (!isObject(body) || typeof body['then'] === 'function') return denial
    const text: unknown = JSON.stringify(body)
    return typeof text === 'string' ? Object.freeze({ ...denial, body: text }) : denial
  } catch {
    // The caller is refused either way; how it is worded must not decide whether.
    return denial
  }
}
