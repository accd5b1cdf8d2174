import type { Consent } from '../src/claims/consent.js'
import type { VerifiedToken } from '../src/claims/verified-token.js'

/** A copy with the values of a token's accessors, because `toEqual` compares own members only. */
export function everyMember(token: VerifiedToken) {
  const { pid, authorizationDetails, claims } = token
  const consents = token.consents.map(everyMemberOfConsent)
  return { ...token, ...(pid !== undefined && { pid }), authorizationDetails, consents, claims }
}

/** A copy with the values of a consent's accessors. */
export const everyMemberOfConsent = (consent: Consent) => ({ ...consent, from: consent.from })
