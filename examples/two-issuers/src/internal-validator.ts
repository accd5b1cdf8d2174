import { type Denial, MaskinportenError, type MaskinportenReason } from '@portvakt/core'
import { denialOf } from '@portvakt/core/adapter'
import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose'

/** The issuer and audience of internal tokens. */
export interface InternalIssuer {
  /** The exact `iss` of internal tokens. */
  readonly issuer: string
  /** This API's audience at the issuer. */
  readonly audience: string
  readonly keys: JWTVerifyGetKey
  /** The role that a calling application needs. */
  readonly role: string
}

export type InternalDecision =
  | { readonly allowed: true; readonly application: string }
  | { readonly allowed: false; readonly denial: Denial }

/** A validator for one issuer. It shares neither keys nor rules with the Maskinporten validator. */
export interface InternalValidator {
  readonly issuer: string
  decide(token: string): Promise<InternalDecision>
}

export function createInternalValidator({ issuer, audience, keys, role }: InternalIssuer): InternalValidator {
  return {
    issuer,
    async decide(token) {
      try {
        const { payload } = await jwtVerify(token, announcingOutages(keys), {
          // These values are fixed in code, independent of the token (RFC 8725 §3.1, §3.8, §3.9).
          algorithms: ['RS256'],
          issuer,
          audience,
          requiredClaims: ['exp', 'azp'],
        })
        const { azp, roles } = payload
        if (typeof azp !== 'string') return refused('malformed_token')
        // A user's token can have the same issuer and audience, but not this role.
        if (!Array.isArray(roles) || !roles.includes(role)) return refused('not_authorized')
        return { allowed: true, application: azp }
      } catch (error) {
        if (error instanceof KeysUnavailable) return refused('keys_unavailable')
        if (error instanceof errors.JOSEError) return refused(reasonOf(error))
        throw error
      }
    },
  }
}

/**
 * Thrown during an outage of the issuer, so that the API answers 503. jose's own error looks like the error
 * for a bad token.
 */
class KeysUnavailable extends Error {}

function announcingOutages(keys: JWTVerifyGetKey): JWTVerifyGetKey {
  return async (header, token) => {
    try {
      return await keys(header, token)
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) throw error
      throw new KeysUnavailable()
    }
  }
}

function reasonOf(error: errors.JOSEError): MaskinportenReason {
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud') return 'wrong_audience'
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey)
    return 'bad_signature'
  return 'malformed_token'
}

/** Returns a denial from the table of answers that the Maskinporten validator also uses. */
function refused(reason: MaskinportenReason): InternalDecision {
  const retryAfter = reason === 'keys_unavailable' ? { retryAfter: 5 } : {}
  return { allowed: false, denial: denialOf(new MaskinportenError(reason, retryAfter)) }
}
