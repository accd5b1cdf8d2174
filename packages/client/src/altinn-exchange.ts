import type { Hint } from '@portvakt/core'
import { own } from '@portvakt/core/internal'
import { decodeJwt, type JWTPayload } from 'jose'
import type { Attempt, TokenSource } from './attempt.js'
import { MaskinportenClientError, type MaskinportenClientErrorDetails } from './client-error.js'
import { type Answer, exchange, type Wire } from './exchange.js'
import type { PreparedTokenRequest } from './token-request.js'
import { type IssuedToken, isLifetime } from './token-response.js'

/** The path of the exchange endpoint for Maskinporten's tokens, on Altinn's platform. */
const PATH = '/authentication/api/v1/exchange/maskinporten'

/**
 * Seconds before expiry during which an exchanged token is not used. Altinn's services do not tolerate clock
 * differences. Altinn's own apps use this margin.
 */
const MARGIN = 30

/**
 * Returns a function that makes one attempt: the function gets a token from Maskinporten or Texas, and has
 * Altinn exchange that token. In the first half of the Maskinporten token's life, later attempts reuse it, so
 * that an outage of Altinn does not cause a token request for each attempt.
 *
 * @param platform the origin of Altinn's platform
 * @see https://docs.altinn.studio/authorization/getting-started/authentication
 */
export function altinnExchange(
  source: TokenSource,
  platform: string,
  wire: Wire,
  tokenRequest: PreparedTokenRequest,
  skipCache: boolean,
): (attempt: Attempt) => Promise<IssuedToken> {
  let held: { readonly token: IssuedToken; readonly until: number } | undefined

  async function getToken(skip: boolean, attempt: Attempt): Promise<IssuedToken> {
    const startedAt = wire.clock.elapsed()
    attempt.waitsFor = 'answer'
    const token = await source.request(tokenRequest, skip, attempt)
    held = { token, until: startedAt + token.expiresIn * 500 }
    return token
  }

  function ask({ accessToken }: IssuedToken, attempt: Attempt): Promise<Answer> {
    attempt.waitsFor = 'exchange'
    const init = { headers: { authorization: `Bearer ${accessToken}` } }
    return exchange(platform + PATH, init, wire, attempt.signal, 'altinn')
  }

  return async (attempt) => {
    const isFresh = held !== undefined && wire.clock.elapsed() < held.until
    let token = held && isFresh ? held.token : await getToken(skipCache, attempt)
    let answer = await ask(token, attempt)
    if (answer.status === 401) {
      // Altinn does not state why it answers 401. The token may have expired in transit, for example if Texas
      // took it from a cache, so try once more with a new token.
      token = await getToken(true, attempt)
      answer = await ask(token, attempt)
    }
    return { ...readExchange(answer, wire.clock.now() / 1000), scope: token.scope }
  }
}

/**
 * Reads the answer of the exchange endpoint. On success, the body is only the token, as text or as a JSON
 * string.
 *
 * @param now seconds since the epoch
 * @throws {MaskinportenClientError} `request_rejected`, `unavailable` (429 and 5xx, retryable) or
 * `unexpected_answer`
 */
function readExchange(answer: Answer, now: number): Omit<IssuedToken, 'scope'> {
  const { status, body, retryAfter } = answer
  const text = typeof body === 'string' ? body : ''
  if (status === 200) {
    const [, accessToken = ''] = /^"?([\w-]+\.[\w-]+\.[\w-]+)"?$/.exec(text.trim()) ?? []
    const claims = claimsOf(accessToken)
    const expiresIn = claims && lifetimeOf(claims, now)
    if (expiresIn === undefined) throw failure('unexpected_answer', NO_TOKEN, { status })
    if (!isLifetime(expiresIn)) throw failure('unexpected_answer', EXPIRED, { status })
    return { accessToken, expiresIn, margin: MARGIN }
  }
  // The trace id of a problem document (RFC 9457), in the format of W3C's trace context.
  const traceId = /"traceId": ?"00-([0-9a-f]{32})-/.exec(text)?.[1]
  const details = { status, traceId }
  if (status === 429 || status >= 500) {
    throw failure('unavailable', FAILING, { ...details, retryable: true, retryAfter })
  }
  const known = Object.hasOwn(ALTINN_REFUSALS, status) ? ALTINN_REFUSALS[status] : undefined
  if (known) throw failure('request_rejected', known, details)
  throw failure('unexpected_answer', NO_TOKEN, details)
}

function claimsOf(token: string): JWTPayload | undefined {
  try {
    return decodeJwt(token)
  } catch {
    // Drop the error, because it can quote the token.
  }
  return undefined
}

/**
 * Returns the seconds until the token expires, or undefined if the token has no `exp`. The result is at most
 * `exp - iat`, so that a slow clock on this machine does not prolong the token's life.
 */
function lifetimeOf(claims: JWTPayload, now: number): number | undefined {
  const exp = own(claims, 'exp')
  const iat = own(claims, 'iat')
  if (typeof exp !== 'number') return undefined
  return Math.min(exp - now, typeof iat === 'number' ? exp - iat : Number.POSITIVE_INFINITY)
}

function failure(
  code: 'request_rejected' | 'unavailable' | 'unexpected_answer',
  hint: Hint,
  details: Omit<MaskinportenClientErrorDetails, 'hint' | 'server'>,
): MaskinportenClientError {
  return new MaskinportenClientError(code, { ...details, server: 'altinn', hint })
}

const NO_TOKEN: Hint = {
  cause: 'the answer is not that of Altinn’s token exchange',
  fix: 'check `altinnPlatform`, and whether a proxy answers in its place',
}

const EXPIRED: Hint = {
  cause: 'by the clock of this machine, the exchanged token has expired, or lives for more than a week',
  fix: 'synchronise the clock of this machine',
}

const FAILING: Hint = { cause: 'it is overloaded or failing', fix: 'try again later' }

/** Altinn's refusals by status (Altinn/altinn-authentication ad4f6f3, 2026-07). */
export const ALTINN_REFUSALS: Readonly<Record<number, Hint>> = {
  401: {
    cause: 'Altinn refused a token of Maskinporten, and then a second one, without a reason',
    fix: 'check that Maskinporten and Altinn’s platform belong together (production with platform.altinn.no, test with platform.tt02.altinn.no); if so, try again later, because Altinn also answers 401 when it fails itself',
  },
  410: {
    cause:
      'the request had the header X-Altinn-EnterpriseUser-Authentication, and Altinn no longer has enterprise users',
    fix: 'remove the header from the `fetch` option or the proxy that adds it, and use a system user instead',
  },
}
