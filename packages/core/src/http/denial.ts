import type { MaskinportenError } from '../errors/maskinporten-error.js'
import { type MaskinportenCode, type MaskinportenReason, REASONS } from '../errors/reasons/reasons.js'
import { isObject } from '../platform/json.js'
import { isUnwantedPromise, takeOptions } from '../platform/options.js'
import { reportFailure } from '../platform/report-failure.js'

/**
 * A refusal as an HTTP answer. Header names are lower-case, and the body is JSON. No text of the answer comes
 * from the token, Maskinporten or Texas.
 */
export interface Denial {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly code: MaskinportenCode
  readonly reason: MaskinportenReason
}

/**
 * Returns a body to send in place of the default body of a refusal: an object, which is sent as JSON. The
 * media type stays `application/problem+json`, which requires no particular members. If the function throws
 * or does not return an object, the default body is sent, and a line on standard error says so once. The
 * function must be synchronous: for a promise, the default body is sent, so that the answer is not delayed.
 * Status, challenge and caching cannot be changed.
 *
 * @param request the framework's request, as the adapter received it
 */
export type DenialBody = (denial: Denial, request: unknown) => object | undefined

/** Options of {@link denialOf}. */
export interface DenialOptions {
  /** The protection space in the challenge (RFC 9110 §11.5). Default `maskinporten`. */
  readonly realm?: string
}

interface Answer {
  readonly status: number
  readonly title: string
  /** Returns the challenge's parameters after `realm`; absent if the answer has no challenge. */
  readonly challenge?: (error: MaskinportenError) => readonly string[]
}

/** Defines all status codes and challenges of the library. */
const ANSWERS: Readonly<Record<MaskinportenCode, Answer>> = {
  // RFC 6750 §3.1: if the request has no credentials, the challenge has no error code.
  missing_token: { status: 401, title: 'Unauthorized', challenge: () => [] },
  // RFC 6750 §3.1: a request with more than one credential is invalid.
  invalid_request: { status: 400, title: 'Bad Request', challenge: () => ['error="invalid_request"'] },
  invalid_token: { status: 401, title: 'Unauthorized', challenge: () => ['error="invalid_token"'] },
  // RFC 6750 §3: `scope` lists the scopes that the route requires, from the server's own configuration.
  insufficient_scope: {
    status: 403,
    title: 'Forbidden',
    challenge: (error) => ['error="insufficient_scope"', `scope="${(error.requiredScopes ?? []).join(' ')}"`],
  },
  // Without a challenge: RFC 6750 §3.1 has no error code for a valid token that a requirement denies.
  access_denied: { status: 403, title: 'Forbidden' },
  // A 401 would make clients discard valid tokens.
  temporarily_unavailable: { status: 503, title: 'Service Unavailable' },
}

/**
 * Makes the HTTP answer to a refusal. Call `denialOf` only if you call `verify` yourself: `decide` already
 * returns this answer.
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

/** Accepts only text that a quoted string can hold without escapes (RFC 9110 §5.6.4). */
export function readRealm(realm: unknown = 'maskinporten'): string {
  if (typeof realm === 'string' && /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(realm)) return realm
  throw new TypeError('`realm` must be printable ASCII without quotes and backslashes')
}

function denialIn(realm: string, error: MaskinportenError): Denial {
  const { code, reason, retryAfter } = error
  const { status, title, challenge } = ANSWERS[code]
  const headers: Record<string, string> = {
    // RFC 9111 §5.2.2.5: a cache must not store a refusal, which it could send to other callers.
    'cache-control': 'no-store',
    'content-type': 'application/problem+json',
  }
  if (challenge) {
    headers['www-authenticate'] = `Bearer ${[`realm="${realm}"`, ...challenge(error)].join(', ')}`
  }
  if (retryAfter !== undefined) headers['retry-after'] = String(Math.max(1, Math.ceil(retryAfter)))
  const body = JSON.stringify({ title, status, detail: REASONS[reason].detail, code, reason })
  return Object.freeze({ status, headers: Object.freeze(headers), body, code, reason })
}

/**
 * Returns a function that works like `denialOf` but caches the answers that depend only on the reason, so
 * that a flood of bad tokens costs less.
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

/**
 * Replaces the body by the result of `denialBody`, unless that function fails or returns an unusable value.
 */
export function withBody(denial: Denial, denialBody: DenialBody | undefined, request: unknown): Denial {
  if (!denialBody) return denial
  try {
    const body: unknown = denialBody(denial, request)
    if (body === undefined) return denial
    // `JSON.stringify` would turn a promise into `{}`.
    if (isObject(body) && !isUnwantedPromise(body)) {
      const text: unknown = JSON.stringify(body)
      if (typeof text === 'string') return Object.freeze({ ...denial, body: text })
    }
    const rule = 'must return an object to send as JSON, and not a promise'
    reportFailure('denialBody', denialBody, undefined, rule)
  } catch (error) {
    // A failure of `denialBody` must not change the refusal.
    reportFailure('denialBody', denialBody, error)
  }
  return denial
}
