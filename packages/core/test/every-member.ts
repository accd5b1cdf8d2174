import type { VerifiedToken } from '../src/claims/verified-token.js'

/** A copy with the values of the accessors of a token and its consents. `toEqual` compares own members only. */
export function everyMember(token: VerifiedToken) {
  const { pid, authorizationDetails, claims } = token
  const consents = token.consents.map((consent) => ({ ...consent, from: consent.from }))
  return { ...token, ...(pid !== undefined && { pid }), authorizationDetails, consents, claims }
}
