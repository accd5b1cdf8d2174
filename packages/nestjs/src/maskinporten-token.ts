import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import type { VerifiedToken } from '@portvakt/core'
import { requireToken } from '@portvakt/core/adapter'
import { httpRequestOf } from './http-request.js'
import { refuseUncalled } from './uncalled.js'

/**
 * Returns the token that the guard verified, from the request of Express or Fastify.
 *
 * @throws {Error} if no guard ran before this handler, which means that the route is open
 * @example
 * const whoCalls = (context: ExecutionContext) =>
 *   getMaskinportenToken(context.switchToHttp().getRequest()).consumer
 */
export function getMaskinportenToken(request: object): VerifiedToken {
  const { maskinporten }: { readonly maskinporten?: VerifiedToken } = request
  return requireToken(
    maskinporten,
    'put @RequireMaskinportenScope(...) on its handler. If it is there, this code ran before the guard: the ' +
      'constructors of request-scoped providers do, and so does middleware. Read the token in a method that the ' +
      'handler calls',
  )
}

/**
 * Injects the verified token into a parameter of the handler.
 *
 * @throws {Error} during the request, if no guard ran before the handler
 * @example
 * @Get()
 * @RequireMaskinportenScope('nav:helse/sykepenger/afp.read')
 * find(@MaskinportenToken() token: VerifiedToken) {}
 */
export function MaskinportenToken(uncalled?: never): ParameterDecorator {
  refuseUncalled(uncalled, '@MaskinportenToken()')
  return tokenParameter()
}

const tokenParameter = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  getMaskinportenToken(httpRequestOf(context) ?? {}),
)
