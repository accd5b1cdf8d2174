import { isObject, own } from '@portvakt/core/internal'
import { MaskinportenClientError } from './client-error.js'
import type { Answer } from './exchange.js'
import { hintFor } from './known-refusals.js'
import { readRefusal } from './refusal.js'

export interface IssuedToken {
  readonly accessToken: string
  /** The token's lifetime in seconds. */
  readonly expiresIn: number
  /** The granted scopes; undefined if the answer does not name them. */
  readonly scope: string | undefined
  /** Seconds before expiry during which the token is not used. Default 5. */
  readonly margin?: number
}

/**
 * Reads the answer of a token endpoint, Maskinporten's or Texas's.
 *
 * @param issuer Maskinporten's issuer; undefined for Texas
 * @throws {MaskinportenClientError} `request_rejected`, `unavailable` (429 and 5xx, retryable) or
 * `unexpected_answer`
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.1
 */
export function readTokenResponse(answer: Answer, issuer: string | undefined): IssuedToken {
  const { status, body, retryAfter } = answer
  const unexpected = (cause: string) => {
    const fix =
      'check that the address is that of the token endpoint, and whether a proxy answers in its place'
    return new MaskinportenClientError('unexpected_answer', { status, hint: { cause, fix } })
  }
  const members = isObject(body) ? body : {}
  if (status === 200) {
    const accessToken = own(members, 'access_token')
    const expiresIn = own(members, 'expires_in')
    const scope = own(members, 'scope')
    const type = own(members, 'token_type')
    const isBearer = typeof type === 'string' && type.toLowerCase() === 'bearer'
    if (isB64Token(accessToken) && isLifetime(expiresIn) && isBearer) {
      return { accessToken, expiresIn, scope: typeof scope === 'string' ? scope : undefined }
    }
    throw unexpected('the answer is not a bearer token with a lifetime')
  }
  const { knownHint, ...refusal } = readRefusal(members, issuer)
  if (status === 429 || status >= 500) {
    throw new MaskinportenClientError('unavailable', {
      status,
      retryable: true,
      ...refusal,
      hint: knownHint ?? { cause: 'it is overloaded or failing', fix: 'try again later' },
      retryAfter,
    })
  }
  if (typeof own(members, 'error') !== 'string' || status < 400)
    throw unexpected('the answer is not a token response')
  const hint = knownHint ?? hintFor(undefined)
  throw new MaskinportenClientError('request_rejected', { status, ...refusal, hint })
}

/**
 * Whether a value is a `b64token`. Other text is invalid in an Authorization header, and the runtime's error
 * for an invalid header quotes that text.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 */
function isB64Token(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9\-._~+/]+=*$/.test(value)
}

export function isLifetime(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= 7 * 86_400
}
