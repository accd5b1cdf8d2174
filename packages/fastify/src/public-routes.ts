import { isUnwantedPromise } from '@portvakt/core/adapter'
import type { FastifyContextConfig, FastifyRequest, RouteOptions } from 'fastify'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** With {@link MaskinportenPluginOptions.defaultDeny}, `'public'` opens a route that has no guard. */
    maskinporten?: 'public'
  }
}

/** The route that a request matches. */
export interface MatchedRoute {
  /** The request's method: `HEAD` for the routes that Fastify adds for `GET` routes. */
  readonly method: string
  /** The declared path, with prefix and parameters: `/vedtak/:id`. */
  readonly url: string
  readonly config: Readonly<FastifyContextConfig>
}

/** @throws {TypeError} if `config.maskinporten` of this route has an unknown value */
export function checkPublicMark({ method, url, config = {} }: RouteOptions): void {
  if (!Object.hasOwn(config, 'maskinporten') || config.maskinporten === 'public') return
  throw new TypeError(
    `${method} ${url}: \`config.maskinporten\` is ${JSON.stringify(config.maskinporten)}. It must be 'public', ` +
      'which opens a route without a guard under `defaultDeny`, or be left out',
  )
}

/**
 * Whether default deny leaves a route without a guard open.
 *
 * @throws {TypeError} if `publicRoutes` returns a promise
 */
export function isPublic(
  request: FastifyRequest,
  publicRoutes: ((route: MatchedRoute) => boolean) | undefined,
): boolean {
  const { config } = request.routeOptions
  // The member must be an own property: a polluted Object.prototype must not open every route.
  if (Object.hasOwn(config, 'maskinporten') && config.maskinporten === 'public') return true
  const answer: unknown = publicRoutes?.({ method: request.method, url: config.url, config })
  if (isUnwantedPromise(answer))
    throw new TypeError('`publicRoutes` must return a boolean, and not a promise')
  return answer === true
}
