import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import type { VerifiedToken } from '@portvakt/core'
import { httpRequestOf } from './http-request.js'
import { refuseUncalled } from './uncalled.js'

/**
 * The token that the guard verified, from the request of Express or Fastify.
 *
 * @throws {Error} when no guard ran before this handler: the route is open to everybody
 * @example
 * const whoCalls = (context: ExecutionContext) => getMaskinportenToken(context.switchToHttp().getRequest()).consumer
 */
export function getMaskinportenToken(request: object): VerifiedToken {
  const { maskinporten }: { readonly maskinporten?: VerifiedToken } = request
  if (maskinporten) return maskinporten
  throw new Error(
    'No Maskinporten guard ran for this route: put @RequireMaskinportenScope(...) on its handler. If it is ' +
      'there, this code ran before the guard: the constructors of request-scoped providers do, and so does ' +
      'middleware. Read the token in a method that the handler calls',
  )
}

/**
 * Hands a handler the token that the guard verified; an error says so when no guard ran.
 *
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
