import { type Denial, MaskinportenError, type MaskinportenReason } from '@portvakt/core'
import { denialOf } from '@portvakt/core/adapter'
import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose'

/** Whose tokens internal callers bring, and for whom. */
export interface InternalIssuer {
  /** Exactly as its tokens spell it. */
  readonly issuer: string
  /** This API, as the issuer knows it. */
  readonly audience: string
  /** The issuer's own keys, and no others. */
  readonly keys: JWTVerifyGetKey
  /** The role that lets an application call. */
  readonly role: string
}

export type InternalDecision =
  | { readonly allowed: true; readonly application: string }
  | { readonly allowed: false; readonly denial: Denial }

/** Decides on tokens of one issuer, of its own: it shares neither keys nor rules with Maskinporten's. */
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
          // Pinned, whatever the token says of itself (RFC 8725 §3.1, §3.8, §3.9).
          algorithms: ['RS256'],
          issuer,
          audience,
          requiredClaims: ['exp', 'azp'],
        })
        const { azp, roles } = payload
        if (typeof azp !== 'string') return refused('malformed_token')
        // A token of a user has no such role, though its issuer and audience may be the same.
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

/** The issuer's outage is not the caller's fault: 503, where jose's own error would look like a bad token. */
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

/** In the words of the one answer table, so that callers of both kinds are told alike. */
function refused(reason: MaskinportenReason): InternalDecision {
  const retryAfter = reason === 'keys_unavailable' ? { retryAfter: 5 } : {}
  return { allowed: false, denial: denialOf(new MaskinportenError(reason, retryAfter)) }
}
