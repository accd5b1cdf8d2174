import type { VerifiedToken } from '@portvakt/core'
import { requireToken } from '@portvakt/core/adapter'

declare module 'koa' {
  interface DefaultState {
    /** The caller's verified token, set by the guard that lets the request pass. */
    maskinporten?: VerifiedToken
  }
}

/**
 * Returns the token that the guard verified.
 *
 * @throws {Error} if no guard ran before this middleware, which means that the route is open
 * @example
 * app.use((ctx) => {
 *   ctx.body = getMaskinportenToken(ctx).consumer
 * })
 */
export function getMaskinportenToken(context: { readonly state: object }): VerifiedToken {
  // The application's own type of state does not declare this member.
  const { maskinporten }: { readonly maskinporten?: VerifiedToken } = context.state
  return requireToken(maskinporten, 'put requireMaskinportenScope(...) before its handler')
}
