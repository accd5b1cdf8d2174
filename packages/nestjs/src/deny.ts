import type { ExecutionContext } from '@nestjs/common'
import type { HttpAdapterHost } from '@nestjs/core'
import type { Denial } from '@portvakt/core'
import { setDenialHeaders } from './denial-headers.js'
import { MaskinportenDeniedException } from './maskinporten-denied-exception.js'

/**
 * Puts a denial's headers on the response, and throws the denial for NestJS's filters to answer with. A GraphQL
 * response answers several resolvers, so there the headers are in the error's `extensions` alone.
 *
 * @throws {MaskinportenDeniedException} always
 */
export function deny(denial: Denial, context: ExecutionContext, host: HttpAdapterHost): never {
  if (context.getType() === 'http') {
    setDenialHeaders(host.httpAdapter, context.switchToHttp().getResponse(), denial.headers)
  }
  throw new MaskinportenDeniedException(denial)
}
