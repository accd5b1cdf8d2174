import type { VerifiedToken } from '@portvakt/core'
import { type NodeRequest, requireToken } from '@portvakt/core/adapter'

declare global {
  namespace Express {
    interface Request {
      /** The caller's verified token, set by the guard that lets the request pass. */
      maskinporten?: VerifiedToken
    }
  }
}

/** The members of a request that the guard reads. Express and connect-style hosts provide them. */
export interface AnyRequest extends NodeRequest {
  maskinporten?: VerifiedToken
}

/**
 * Returns the token that the guard verified.
 *
 * @throws {Error} if no guard ran before this handler, which means that the route is open
 * @example
 * app.get('/who', (req, res) => res.json(getMaskinportenToken(req).consumer))
 */
export function getMaskinportenToken(request: AnyRequest): VerifiedToken {
  return requireToken(request.maskinporten, 'put requireMaskinportenScope(...) before its handler')
}
