import { UseGuards } from '@nestjs/common'
import type { AccessRequirement } from '@portvakt/core'
import { prepareRequirement } from '@portvakt/core/adapter'
import { type ClassOrMethodDecorator, setAccessMark } from './access-mark.js'
import { MaskinportenGuard } from './maskinporten-guard.js'
import { refuseUncalled } from './uncalled.js'

/**
 * Lets a request pass to a method, or to every method of a controller, only with a Maskinporten token that
 * meets the requirement. The decorator applies the guard itself. A method's requirement replaces the
 * requirement of its class. A subclass inherits the requirement. The start fails if NestJS would bypass this
 * guard, for example if the constructor binds the method.
 *
 * @param requirement a scope, a rule, or a function of the platform's request that returns a scope or a rule
 * @throws {TypeError} when the class is defined, for a bad requirement or a second mark
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
  refuseUncalled(requirement, '@RequireMaskinportenScope(…)')
  // The application chooses `Request` to match its platform.
  const prepared = prepareRequirement(requirement as AccessRequirement)
  const mark = setAccessMark(prepared, 'RequireMaskinportenScope')
  // Without a descriptor, NestJS treats the target as a class; `mark` has already rejected other targets.
  const guard = UseGuards(MaskinportenGuard) as ClassOrMethodDecorator
  return (target, key, descriptor) => {
    mark(target, key, descriptor)
    guard(target, key, descriptor)
    const wrapped = key === undefined ? wrappedBy(target) : undefined
    if (wrapped) guard(wrapped)
  }
}

/**
 * Returns the class inside a proxy or a wrapper. Some versions of NestJS read guards from that inner class.
 */
function wrappedBy(target: object): object | undefined {
  if (typeof target !== 'function') return undefined
  const inner: unknown = target.prototype?.constructor
  const isWrapped = typeof inner === 'function' && inner !== target && inner.prototype === target.prototype
  return isWrapped ? inner : undefined
}

/**
 * Opens a method, or every method of a controller, under a global guard or in a class that requires a scope.
 * A method's own requirement still holds. A subclass of an opened class is not open; a method with this
 * decorator stays open in every subclass.
 *
 * @throws {TypeError} when the class is defined, on a method or class that also requires a scope
 * @example
 * @Controller('health')
 * @SkipMaskinporten()
 * class HealthController {}
 */
export function SkipMaskinporten(uncalled?: never): ClassOrMethodDecorator {
  refuseUncalled(uncalled, '@SkipMaskinporten()')
  return setAccessMark('public', 'SkipMaskinporten')
}
