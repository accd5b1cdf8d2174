import type { CanActivate, Type } from '@nestjs/common'
import type { ApplicationConfig, DiscoveryService } from '@nestjs/core'
import { hasGuard, readClassMark, readMethodMark } from './access-mark.js'
import { isProviderOf } from './handlers.js'
import { type ClassLike, isObject, methodNamesOf } from './methods.js'

/** Metadata keys of `@nestjs/graphql`: the decorators `@ResolveField` and `@ResolveReference`. */
const [FIELD, REFERENCE] = ['graphql:resolve_property', 'graphql:resolve_reference'] as const

/** The injection token of the options of `GraphQLModule`, for `forRoot` and `forRootAsync` with any driver. */
const GRAPHQL_OPTIONS = 'GqlModuleOptions'

/**
 * Checks that NestJS asks the guard of every GraphQL field resolver and reference resolver. Without the option
 * `fieldResolverEnhancers`, NestJS asks only the guards of queries, mutations and subscriptions.
 *
 * @param guard the guard that the decorators add
 * @throws {Error} naming class and method, if the guard covers a resolver that NestJS would call without it
 * @see https://docs.nestjs.com/graphql/other-features#execute-enhancers-at-the-field-resolver-level
 */
export function checkFieldResolvers(
  discovery: DiscoveryService,
  config: ApplicationConfig,
  guard: Type<CanActivate>,
): void {
  const providers = discovery.getProviders()
  const modules = providers.filter(({ token }) => token === GRAPHQL_OPTIONS)
  // An application can have several GraphQL modules. By default, each of them serves every resolver.
  if (modules.every(({ instance }) => asksGuards(instance))) return
  const isGlobal =
    config.getGlobalGuards().some((one) => one instanceof guard) ||
    config.getGlobalRequestGuards().some((one) => isProviderOf(one, guard))
  for (const { instance } of providers) {
    const prototype: object | null = isObject(instance) ? Object.getPrototypeOf(instance) : null
    for (const { method, type, key } of fieldResolversOf(prototype)) {
      if (!isCovered(method, type, guard, isGlobal)) continue
      throw new Error(
        `NestJS would call ${type.name}.${key} without asking the guard, because the method is a GraphQL field ` +
          "resolver or reference resolver. Set `fieldResolverEnhancers: ['guards']` in GraphQLModule.forRoot",
      )
    }
  }
}

function asksGuards(options: unknown): boolean {
  const enhancers: unknown = isObject(options) && Reflect.get(options, 'fieldResolverEnhancers')
  return Array.isArray(enhancers) && enhancers.includes('guards')
}

function fieldResolversOf(prototype: object | null) {
  return methodNamesOf(prototype).flatMap((key) => {
    const method: object = Reflect.get(prototype ?? {}, key)
    const isFieldResolver = [FIELD, REFERENCE].some((name) => Reflect.hasMetadata(name, method))
    const type: ClassLike | undefined = prototype?.constructor
    return isFieldResolver && type ? [{ method, type, key }] : []
  })
}

/**
 * Whether the guard must decide calls of this method. The requirement of a class covers its field resolvers,
 * even if the class also guards the query that returns the object: an open query of another class can return
 * the same object. A global guard covers reference resolvers, because the query `_entities` has no guard, but
 * leaves field resolvers without a decorator to the guard of the query.
 */
function isCovered(method: object, type: ClassLike, guard: Type<CanActivate>, isGlobal: boolean): boolean {
  const mark = readMethodMark(method) ?? readClassMark(type)
  if (mark !== undefined) return mark !== 'public'
  if (isGlobal && Reflect.hasMetadata(REFERENCE, method)) return true
  return [method, type].some((target) => hasGuard(target, guard))
}
