import type { VerifiedToken } from '@portvakt/core'
import { requireToken } from '@portvakt/core/adapter'

/** The verified token of each request that a guard let pass. */
export const tokens = new WeakMap<Request, VerifiedToken>()

/**
 * Returns the token that the guard verified, for code that has only the request.
 *
 * @throws {Error} if no guard let this request pass
 * @example
 * const whoCalls = (request: Request) => getMaskinportenToken(request).consumer
 */
export function getMaskinportenToken(request: Request): VerifiedToken {
  return requireToken(tokens.get(request), 'wrap its handler in requireMaskinportenScope(...)')
}
