import type { VerifiedToken } from '@portvakt/core'
import { requireToken } from '@portvakt/core/adapter'
import type { FastifyRequest } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller's verified token, set by the guard that lets the request pass. */
    maskinporten?: VerifiedToken
  }
}

/**
 * Returns the token that the guard verified.
 *
 * @throws {Error} if no guard ran before this handler, which means that the route is open
 * @example
 * app.get('/who', { onRequest: requireMaskinportenScope('nav:x.read') }, async (request) => getMaskinportenToken(request).consumer)
 */
export function getMaskinportenToken(request: Pick<FastifyRequest, 'maskinporten'>): VerifiedToken {
  return requireToken(request.maskinporten, 'give it { onRequest: requireMaskinportenScope(...) }')
}
