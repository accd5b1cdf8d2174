import type {
  AccessRequirement,
  Denial,
  MaskinportenValidator,
  PreparedRequirement,
  VerifiedToken,
} from '@portvakt/core'
import { decodeJwt } from 'jose'
import type { InternalValidator } from './internal-validator.js'

/** The caller: another organisation, or an internal application. */
export type Caller =
  | { readonly kind: 'organisation'; readonly token: VerifiedToken }
  | { readonly kind: 'internal'; readonly application: string }

export type Outcome =
  | { readonly allowed: true; readonly caller: Caller }
  | { readonly allowed: false; readonly denial: Denial }

/**
 * Decides with the validator for the issuer that the token names.
 *
 * The name of the issuer is not verified, because it only chooses the validator. Each validator accepts only
 * tokens of its own issuer, signed with that issuer's keys, so a token with a false issuer fails the
 * signature check. Every request that does not name the internal issuer goes to the Maskinporten validator,
 * including those with missing, repeated or malformed credentials.
 *
 * @param authorization the value of every Authorization header
 */
export async function decideOnEither(
  authorization: readonly string[],
  maskinporten: MaskinportenValidator,
  requirement: AccessRequirement | PreparedRequirement,
  internal: InternalValidator,
): Promise<Outcome> {
  const token = tokenIn(authorization)
  if (token !== undefined && unverifiedIssuerOf(token) === internal.issuer) {
    const decision = await internal.decide(token)
    if (!decision.allowed) return decision
    return { allowed: true, caller: { kind: 'internal', application: decision.application } }
  }
  const decision = await maskinporten.decide(authorization, requirement)
  if (!decision.allowed) return decision
  return { allowed: true, caller: { kind: 'organisation', token: decision.token } }
}

/**
 * Returns the bearer token. Returns undefined for several Authorization headers, because a proxy can have
 * checked a different header than this function would read.
 */
function tokenIn([value, ...others]: readonly string[]): string | undefined {
  return others.length > 0 ? undefined : /^bearer +([\w.-]+)$/i.exec(value ?? '')?.[1]
}

function unverifiedIssuerOf(token: string): unknown {
  try {
    return decodeJwt(token).iss
  } catch {
    return undefined
  }
}
