import type { MaskinportenError } from '../errors/maskinporten-error.js'
import { type MaskinportenCode, type MaskinportenReason, REASONS } from '../errors/reasons/reasons.js'
import { isObject } from '../platform/json.js'
import { takeOptions } from '../platform/options.js'

/**
 * A refusal as an HTTP answer, for any framework to write: status, headers (lower-case names) and body (JSON text).
 * Nothing in it comes from the token or from an upstream answer.
 */
export interface Denial {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly code: MaskinportenCode
  readonly reason: MaskinportenReason
}

/**
 * Makes another body for a refusal: any object, sent as JSON with the same media type (every member of
 * `application/problem+json` is optional). Undefined, an exception and anything that is not a JSON object keep the
 * default body. So does a promise: the function is not awaited, so that it cannot hang. Status, challenge and caching
 * cannot be changed.
 *
 * @param request the framework's own request, as the adapter received it
 */
export type DenialBody = (denial: Denial, request: unknown) => object | undefined

/** What an application can choose about the answer to a refusal. */
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
  // RFC 6750 §3.1: the challenge to a request without credentials has no error code.
  missing_token: { status: 401, title: 'Unauthorized', challenge: () => [] },
  // RFC 6750 §3.1: two ways of authenticating at once make the request itself invalid.
  invalid_request: { status: 400, title: 'Bad Request', challenge: () => ['error="invalid_request"'] },
  invalid_token: { status: 401, title: 'Unauthorized', challenge: () => ['error="invalid_token"'] },
  // RFC 6750 §3: `scope` names what the route requires, from the server's own configuration.
  insufficient_scope: {
    status: 403,
    title: 'Forbidden',
    challenge: (error) => ['error="insufficient_scope"', `scope="${(error.requiredScopes ?? []).join(' ')}"`],
  },
  // No other token of this caller would help, so there is no challenge.
  access_denied: { status: 403, title: 'Forbidden' },
  // Our outage, not the caller's token: a 401 would make machine clients throw good tokens away.
  temporarily_unavailable: { status: 503, title: 'Service Unavailable' },
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
    // RFC 6750 §5.3: neither a refusal nor the answer to a retry belongs in a shared cache.
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
      detail: REASONS[error.reason].detail,
      code: error.code,
      reason: error.reason,
    }),
    code: error.code,
    reason: error.reason,
  })
}

/**
 * The answers of one validator. An answer that depends only on its reason is made once, so that a flood of bad tokens
 * costs less.
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

/** The denial with the application's body, or unchanged when `denialBody` gives no usable one. */
export function withBody(denial: Denial, denialBody: DenialBody | undefined, request: unknown): Denial {
  if (!denialBody) return denial
  try {
    const body: unknown = denialBody(denial, request)
    // A promise would be sent as `{}`.
    if (!isObject(body) || typeof body['then'] === 'function') return denial
    const text: unknown = JSON.stringify(body)
    return typeof text === 'string' ? Object.freeze({ ...denial, body: text }) : denial
  } catch {
    // The caller is refused in any case: a failure to word the refusal must not change that.
    return denial
  }
}
