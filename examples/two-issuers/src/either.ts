import type {
  AccessRequirement,
  Denial,
  MaskinportenValidator,
  PreparedRequirement,
  VerifiedToken,
} from '@portvakt/core'
import { decodeJwt } from 'jose'
import type { InternalValidator } from './internal-validator.js'

/** Who calls: another organisation, or an application of our own. */
export type Caller =
  | { readonly kind: 'organisation'; readonly token: VerifiedToken }
  | { readonly kind: 'internal'; readonly application: string }

export type Outcome =
  | { readonly allowed: true; readonly caller: Caller }
  | { readonly allowed: false; readonly denial: Denial }

/**
 * Decides by the validator of the issuer that the token claims to be from.
 *
 * That claim is not verified, and need not be: it chooses who judges, and whoever judges accepts its own
 * issuer's tokens, by that issuer's keys, and nothing else. A token that lies about its issuer is judged by
 * somebody to whom its signature is wrong. Everything that does not claim to be internal is Maskinporten's to
 * judge, and to refuse: no credentials, several, garbage.
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

/** The only bearer token there is; of two headers, somebody on the way may have believed the other one. */
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
