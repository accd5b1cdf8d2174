import { createHash } from 'node:crypto'
import type { Clock } from '@portvakt/core'
import { decodeJwt, decodeProtectedHeader, type JWTPayload, type ProtectedHeaderParameters } from 'jose'
import { JWT_BEARER } from './endpoints.js'
import { GrantError } from './grant-error.js'

/** A decoded client assertion. The functions in this file that check an assertion throw a `GrantError`. */
export interface Assertion {
  /** The compact JWS as received. */
  readonly jws: string
  readonly header: ProtectedHeaderParameters
  readonly claims: JWTPayload
}

/** @throws {GrantError} MP-011, when the request does not have the form of RFC 7523 §2.1 */
export async function assertionIn(request: Request): Promise<string> {
  const [mediaType] = (request.headers.get('content-type') ?? '').split(';')
  // Media types are case-insensitive (RFC 9110 §8.3.1).
  if (mediaType?.trim().toLowerCase() !== 'application/x-www-form-urlencoded')
    throw new GrantError('MP-011', 'The request must be application/x-www-form-urlencoded.')
  const form = new URLSearchParams(await request.text())
  // RFC 6749 §3.2.
  if (new Set(form.keys()).size < form.size)
    throw new GrantError('MP-011', 'The request has the same parameter twice.')
  if (form.get('grant_type') !== JWT_BEARER)
    throw new GrantError('MP-011', `\`grant_type\` must be ${JWT_BEARER}.`)
  const assertion = form.get('assertion')
  if (!assertion) throw new GrantError('MP-011', '`assertion` is missing.')
  return assertion
}

/** Decodes an assertion without verifying it. */
export function readAssertion(jws: string): Assertion {
  // Decoders ignore white space, but Maskinporten does not. A common mistake is a line break at the end.
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(jws))
    throw new GrantError(
      'MP-011',
      '`assertion` is not a JWT: three base64url parts with dots, no line breaks.',
    )
  try {
    return { jws, header: decodeProtectedHeader(jws), claims: decodeJwt(jws) }
  } catch {
    throw new GrantError('MP-011', '`assertion` is not a signed JWT in compact form.')
  }
}

export function checkAudience({ aud }: JWTPayload, issuer: string): void {
  if (Array.isArray(aud) ? aud.length === 1 && aud[0] === issuer : aud === issuer) return
  throw new GrantError('MP-110', `\`aud\` must be ${issuer}, exactly, trailing slash included.`)
}

/**
 * The claims that Digdir documents, and two more that existing clients send: `sub` and `nbf`. Texas sends
 * `nbf`.
 *
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_jwtgrant
 */
const CLAIMS = [
  ...['iss', 'aud', 'scope', 'iat', 'exp', 'nbf', 'sub', 'jti'],
  ...['resource', 'pid', 'authorization_details', 'consumer_org', 'iss_onbehalfof'],
]

/**
 * Unknown claims are rejected, because a misspelled `consumer_org` would give a token for the wrong
 * organisation.
 */
export function checkClaimNames(claims: JWTPayload): void {
  const unknown = Object.keys(claims).find((name) => !CLAIMS.includes(name))
  if (unknown === undefined) return
  throw new GrantError('MP-011', `The claim ${unknown.slice(0, 50)} is not one of ${CLAIMS.join(', ')}.`)
}

/** Maximum difference between the clocks of the client and the mock, in seconds. */
const TOLERANCE = 10

/** @see https://www.rfc-editor.org/rfc/rfc7519#section-2 NumericDate: a JSON number of seconds */
function timeIn(claims: JWTPayload, claim: 'iat' | 'nbf' | 'exp'): number {
  const time: unknown = claims[claim]
  if (time === undefined)
    throw new GrantError('MP-011', `\`${claim}\` is required: seconds since 1970-01-01 UTC.`)
  if (typeof time === 'number') return time
  const type = time === null ? 'null' : Array.isArray(time) ? 'a list' : typeof time
  throw new GrantError('MP-011', `\`${claim}\` must be a number of seconds, without quotes; it is ${type}.`)
}

/**
 * Returns a hint if a time seems to be in milliseconds. 1e11 seconds is the year 5138; 1e11 milliseconds is
 * 1973.
 */
const unitHint = (time: number) => (time >= 1e11 ? ' It seems to be in milliseconds: write seconds.' : '')

/** @param now seconds since the epoch */
export function checkTimes(claims: JWTPayload, now: number): void {
  const [iat, exp] = [timeIn(claims, 'iat'), timeIn(claims, 'exp')]
  // RFC 7523 §3: an assertion must not be accepted before its `nbf`.
  const nbf = claims.nbf === undefined ? iat : timeIn(claims, 'nbf')
  for (const [claim, time] of Object.entries({ iat, nbf })) {
    if (time <= now + TOLERANCE) continue
    const detail = `\`${claim}\` is in the future: check the clock.${unitHint(time)}`
    throw new GrantError('issued_in_future', detail)
  }
  if (exp <= now) throw new GrantError('MP-130', '`exp` has passed.')
  if (iat < now - TOLERANCE) throw new GrantError('MP-130', `\`iat\` is more than ${TOLERANCE} s old.`)
  if (exp - iat > 120)
    throw new GrantError('MP-130', `\`exp\` is more than 120 s after \`iat\`.${unitHint(exp)}`)
}

/** @see https://www.rfc-editor.org/rfc/rfc7519#section-4.1 the types of `sub` and `jti` */
export function checkStrings(claims: JWTPayload): void {
  for (const claim of ['sub', 'jti'] as const) {
    const value: unknown = claims[claim]
    if (value !== undefined && typeof value !== 'string')
      throw new GrantError('MP-011', `\`${claim}\` must be a string.`)
  }
}

export function checkSingleUse({ jws, claims }: Assertion, clientId: string, used: UsedAssertions): void {
  const { jti, exp } = claims
  // An assertion without a `jti` is identified by the hash of its signed part.
  const signed = jws.slice(0, jws.lastIndexOf('.'))
  const name = jti ?? createHash('sha256').update(signed).digest('hex')
  if (used.use(`${clientId} ${jti === undefined ? 'assertion' : 'jti'} ${name}`, exp ?? 0)) return
  const what = jti === undefined ? 'The assertion, which has no `jti`,' : 'The `jti`'
  throw new GrantError('MP-012', `${what} was used before: sign a new assertion for every attempt.`)
}

/** Remembers assertions until they expire, so that each is accepted only once. */
export class UsedAssertions {
  readonly #expiries = new Map<string, number>()

  constructor(private readonly clock: Clock) {}

  /** Records an assertion. Returns false if it was used before. @param expiresAt seconds since the epoch */
  use(name: string, expiresAt: number): boolean {
    const now = this.clock.now() / 1000
    // Assertions live at most two minutes, and every call removes expired ones, so the map stays small.
    for (const [known, expiry] of this.#expiries) if (expiry < now) this.#expiries.delete(known)
    if (this.#expiries.has(name)) return false
    this.#expiries.set(name, expiresAt)
    return true
  }
}
