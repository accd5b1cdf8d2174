import { UseGuards } from '@nestjs/common'
import { type AccessRequirement, prepareRequirement } from '@portvakt/core'
import { type ClassOrMethodDecorator, setAccessMark } from './access-mark.js'
import { MaskinportenGuard } from './maskinporten-guard.js'

/**
 * Lets a request pass to a method, or to every method of a controller, only with a Maskinporten token that meets
 * the requirement. It applies the guard itself. A method's requirement replaces its class's.
 *
 * @param requirement a scope, a rule, or a function of the platform's request that returns one
 * @throws {TypeError} when the class is defined, for a mistake in the requirement or a second mark
 * @example
 * @Controller('vedtak')
 * @RequireMaskinportenScope('nav:helse/sykepenger/afp.read')
 * export class VedtakController {
 *   @Get()
 *   find(@MaskinportenToken() token: VerifiedToken) {
 *     return { to: token.consumer.organisationNumber }
 *   }
 *
 *   @Post()
 *   @RequireMaskinportenScope({ scope: 'nav:helse/sykepenger/afp.write', consumers: ['889640782'] })
 *   decide() {}
 * }
 */
export function RequireMaskinportenScope<Request = unknown>(
  requirement: AccessRequirement<Request>,
): ClassOrMethodDecorator {
  // The guard is only ever given requests of the platform that the application runs on.
  const prepared = prepareRequirement(requirement as AccessRequirement)
  const mark = setAccessMark(prepared, 'RequireMaskinportenScope')
  // Without a descriptor, NestJS takes the target for a class; the mark has refused everything else.
  const guard = UseGuards(MaskinportenGuard) as ClassOrMethodDecorator
  return (target, key, descriptor) => {
    mark(target, key, descriptor)
    guard(target, key, descriptor)
  }
}

/**
 * Opens a method, or every method of a controller, to everybody where the guard would otherwise refuse: under a
 * global guard, or in a class that requires a scope. A method's own requirement still holds.
 *
 * @throws {TypeError} when the class is defined, on a method or class that also requires a scope
 * @example
 * @Controller('health')
 * @SkipMaskinporten()
 * class HealthController {}
 */
export function SkipMaskinporten(): ClassOrMethodDecorator {
  return setAccessMark('public', 'SkipMaskinporten')
}
