import { MaskinportenError, systemClock, type VerifiedToken } from '@portvakt/core'
import { readClaims } from '@portvakt/core/internal'
import { CONTENT, claimsOf, type TokenContent, takeContent } from './maskinporten/token-claims.js'

/** The client of tokens that no client asked for. */
const CLIENT_ID = 'fc9a8287-e7cb-45e5-b90e-123048d32d85'

/**
 * What a guard hands to a handler, made without a guard, a signature or a mock: for testing the code behind.
 * It is read from its claims as a guard reads them, so it has every member that a real one has.
 *
 * @throws {TypeError} naming the option that is wrong, and for claims that a guard would refuse
 * @example
 * const token = fakeVerifiedToken({ scope: 'nav:x.read', consumer: '889640782' })
 * expect(decisionsFor(token)).toEqual([])
 */
export function fakeVerifiedToken(content: TokenContent = {}): VerifiedToken {
  const taken = takeContent(content, CONTENT, 'fakeVerifiedToken')
  const defaults = { issuer: 'https://test.maskinporten.no/', clientId: CLIENT_ID, now: systemClock.now() }
  // Through JSON, as a token's claims come: without what is undefined, and without anything of the caller's.
  const claims = JSON.parse(JSON.stringify(claimsOf(taken, defaults)))
  try {
    return readClaims(freeze(claims)).token
  } catch (error) {
    if (!(error instanceof MaskinportenError)) throw error
    throw new TypeError(
      `A guard refuses a token with these claims: ${error.reason}${error.claim ? ` (${error.claim})` : ''}`,
    )
  }
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(freeze)
  return Object.freeze(value)
}
