import type { VerifiedToken } from '@portvakt/core'
import { requireToken } from '@portvakt/core/adapter'

/** The token of each request, for `getMaskinportenToken`. An entry lives no longer than its request. */
export const tokens = new WeakMap<Request, VerifiedToken>()

/**
 * The token that the guard verified, for code that only has the request.
 *
 * @throws {Error} if no guard let this request pass
 * @example
 * const whoCalls = (request: Request) => getMaskinportenToken(request).consumer
 */
export function getMaskinportenToken(request: Request): VerifiedToken {
  return requireToken(tokens.get(request), 'wrap its handler in requireMaskinportenScope(...)')
}
