import type { VerifiedToken } from '@portvakt/core'
import { type NodeRequest, requireToken } from '@portvakt/core/adapter'

declare global {
  namespace Express {
    interface Request {
      /** The caller's token, once a guard has let the request pass. */
      maskinporten?: VerifiedToken
    }
  }
}

/** The part of a request that the guard reads. Requests of Express and of connect-style hosts have it. */
export interface AnyRequest extends NodeRequest {
  maskinporten?: VerifiedToken
}

/**
 * Returns the token that the guard verified.
 *
 * @throws {Error} if no guard ran before this handler: the route is open
 * @example
 * app.get('/who', (req, res) => res.json(getMaskinportenToken(req).consumer))
 */
export function getMaskinportenToken(request: AnyRequest): VerifiedToken {
  return requireToken(request.maskinporten, 'put requireMaskinportenScope(...) before its handler')
}
