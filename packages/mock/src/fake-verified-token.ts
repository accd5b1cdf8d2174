import { MaskinportenError, systemClock, type VerifiedToken } from '@portvakt/core'
import { readClaims } from '@portvakt/core/internal'
import { CONTENT, claimsOf, type TokenContent, takeContent } from './maskinporten/token-claims.js'

/**
 * Makes a verified token for unit tests of handlers, without a guard, a signature or a mock. The code that
 * reads claims in a guard also reads them here, so the token has every member of a real token.
 *
 * @throws {TypeError} naming the wrong option, or for claims that a guard would refuse
 * @example
 * const token = fakeVerifiedToken({ scope: 'nav:x.read', consumer: '889640782' })
 * expect(decisionsFor(token)).toEqual([])
 */
export function fakeVerifiedToken(content: TokenContent = {}): VerifiedToken {
  const taken = takeContent(content, CONTENT, 'fakeVerifiedToken')
  const clientId = 'fc9a8287-e7cb-45e5-b90e-123048d32d85'
  const defaults = { issuer: 'https://test.maskinporten.no/', clientId, now: systemClock.now() }
  // Convert the claims to JSON and back, as happens to the claims of a real token. This drops undefined
  // members and copies the caller's objects.
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
