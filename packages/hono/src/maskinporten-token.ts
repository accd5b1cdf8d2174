import type { VerifiedToken } from '@portvakt/core'
import { requireToken } from '@portvakt/core/adapter'
import type { Context } from 'hono'

declare module 'hono' {
  interface ContextVariableMap {
    /** The caller's verified token, set by the guard that lets the request pass. */
    maskinporten: VerifiedToken
  }
}

/**
 * Returns the token that the guard verified.
 *
 * @throws {Error} if no guard ran before this handler, which means that the route is open
 * @example
 * app.get('/who', (c) => c.json(getMaskinportenToken(c).consumer))
 */
export function getMaskinportenToken(context: Context): VerifiedToken {
  return requireToken(context.get('maskinporten'), 'put requireMaskinportenScope(...) before its handler')
}
