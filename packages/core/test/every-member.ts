import type { Consent } from '../src/claims/consent.js'
import type { VerifiedToken } from '../src/claims/verified-token.js'

/** A copy that has what the accessors of a token give, for comparing: `toEqual` sees own members only. */
export function everyMember(token: VerifiedToken) {
  const { pid, authorizationDetails, claims } = token
  const consents = token.consents.map(everyMemberOfConsent)
  return { ...token, ...(pid !== undefined && { pid }), authorizationDetails, consents, claims }
}

/** The same for a consent. */
export const everyMemberOfConsent = (consent: Consent) => ({ ...consent, from: consent.from })
