import type { CanActivate, Type } from '@nestjs/common'
import { ApplicationConfig, DiscoveryService, type ModuleRef, ModulesContainer } from '@nestjs/core'
import {
  guardedMethodsOf,
  guardedPrototypes,
  hasGuard,
  isRequirement,
  OWN_METADATA,
  ownClassMark,
  readMethodMark,
} from './access-mark.js'
import { checkFieldResolvers } from './field-resolvers.js'
import {
  checkGuards,
  checkMember,
  checkProvidedClass,
  handlersOf,
  isProviderOf,
  type Wrapper,
} from './handlers.js'
import { type ClassLike, isFunction, isObject, methodNamesOf, ownMethod, prototypesFrom } from './methods.js'
import { MASKINPORTEN_OPTIONS } from './module-options.js'
import { PerRequestGuard } from './per-request-guard.js'

/** NestJS's metadata key for the path of a method. */
const PATH = 'path'

/** Applications that have passed the check. Every guard and module starts it, but it runs only once. */
const checked = new WeakSet<object>()

/**
 * Checks every module, controller and provider before the application accepts requests. NestJS must call each
 * decorated function, not a replacement of it, and must run the guard that the decorator adds. For
 * request-scoped controllers and resolvers, a global guard checks the members of the instance at each
 * request.
 *
 * @param guard the guard that the decorators add
 * @throws {Error} naming class and method, if NestJS would bypass the guard of a handler
 */
export function checkStart(moduleRef: ModuleRef, guard: Type<CanActivate>): void {
  const modules = moduleRef.get(ModulesContainer, { strict: false })
  if (checked.has(modules)) return
  if ([...modules.values()].filter(({ providers }) => providers.has(MASKINPORTEN_OPTIONS)).length > 1)
    throw new Error('MaskinportenModule is imported twice: import forRoot once, in the root module')
  const [discovery, config] = [new DiscoveryService(modules), moduleRef.get(ApplicationConfig)]
  for (const { metatype } of modules.values()) checkModule(metatype, guard)
  for (const provider of discovery.getProviders()) checkGlobalGuard(provider, guard)
  const replaced = replacedMethods()
  for (const { instance } of [...discovery.getProviders(), ...discovery.getControllers()])
    if (isObject(instance)) checkCopies(Object.getPrototypeOf(instance), replaced)
  const providers = discovery.getProviders().filter(({ instance }) => isObject(instance))
  const direct = providers.filter((one) => isUnderClass(one) && one.metatype === one.token)
  const listed = new Set(direct.map(({ instance }) => instance))
  // An alias (`useExisting`), or a factory, can have the instance of another provider, which is checked too.
  // If its token is the class of the instance, NestJS 10 can look for the guards in its module.
  const isRepeated = (one: Wrapper) => !isUnderClass(one) && (one.isAlias || listed.has(one.instance))
  const guarded = [
    ...providers.filter((one) => !isRepeated(one) && checkProvider(one, guard)),
    ...discovery.getControllers().filter((controller) => checkController(controller, guard)),
  ]
  checkFieldResolvers(discovery, config, guard)
  if (guarded.some((one) => !one.isDependencyTreeStatic()))
    config.addGlobalGuard(new PerRequestGuard(moduleRef, discovery))
  checked.add(modules)
}

const isUnderClass = ({ token, instance }: Wrapper) => token === Object.getPrototypeOf(instance)?.constructor

/** NestJS reads no guards from a module, so its controllers would be open. */
function checkModule(module: ClassLike, guard: Type<CanActivate>): void {
  if (!hasGuard(module, guard)) return
  throw new Error(
    `A guard on the module ${module.name} guards nothing, because NestJS reads the guards of controllers. Put ` +
      '@RequireMaskinportenScope on each controller',
  )
}

/** NestJS 10 silently does not run a global guard that depends on a request-scoped provider. */
function checkGlobalGuard(provider: Wrapper, guard: Type<CanActivate>): void {
  if (!String(provider.token).startsWith('APP_GUARD') || provider.isDependencyTreeStatic()) return
  if (!isProviderOf(provider, guard)) return
  throw new Error(
    'The global MaskinportenGuard depends on a request-scoped provider, and NestJS would not run it: inject only ' +
      'singletons into MaskinportenModule.forRootAsync, or give the provider of APP_GUARD `scope: Scope.REQUEST`',
  )
}

/**
 * Checks a provider, because a library can call its methods: GraphQL calls the methods of a resolver. Returns
 * whether one of its handlers requires a token.
 */
function checkProvider(provider: Wrapper, guard: Type<CanActivate>): boolean {
  const prototype: object | null = Object.getPrototypeOf(provider.instance)
  checkReplaced(prototype)
  // Without another's metadata, a method is not a handler of any library.
  const isHandler = (method: object) =>
    Reflect.getMetadataKeys(method).some((key) => !OWN_METADATA.includes(key))
  const names = methodNamesOf(prototype).filter((name) => isHandler(Reflect.get(prototype ?? {}, name)))
  const keys = new Set([...prototypesFrom(prototype).flatMap(guardedMethodsOf), ...names])
  const { constructor: type } = prototype ?? {}
  if (isFunction(type) && names.length === 0 && isRequirement(ownClassMark(type)))
    throw guardsNothing(type.name)
  let isGuarded = false
  for (const handler of handlersOf(provider.instance, type?.name, [...keys])) {
    checkMember(handler, isHandler(handler.method))
    if (!isHandler(handler.method) && isRequirement(readMethodMark(handler.method)))
      throw guardsNothing(handler.title)
    // NestJS serves the routes of controllers only. In a provider, other code calls the method of a route.
    if (!type || !isHandler(handler.method) || Reflect.hasMetadata(PATH, handler.method)) continue
    checkProvidedClass(handler, type, provider, guard)
    if (checkGuards(handler, type, provider, guard)) isGuarded = true
  }
  return isGuarded
}

/** Checks a controller. Returns whether one of its handlers requires a token. */
function checkController(controller: Wrapper, guard: Type<CanActivate>): boolean {
  const { metatype, instance } = controller
  const prototype: object = Object.getPrototypeOf(instance)
  const routed = metatype ?? prototype.constructor
  // The two prototypes differ if a constructor returns another object.
  for (const one of [routed.prototype, prototype]) checkReplaced(one)
  let isGuarded = false
  for (const handler of handlersOf(instance, routed.name, methodNamesOf(prototype))) {
    const isRouted = Reflect.hasMetadata(PATH, handler.method)
    checkMember(handler, isRouted)
    if (isRouted && checkGuards(handler, routed, controller, guard)) isGuarded = true
  }
  return isGuarded
}

/** Throws if another decorator replaced a guarded method, because the replacement has no guard. */
function checkReplaced(prototype: object | null | undefined): void {
  for (const owner of prototypesFrom(prototype)) {
    for (const key of guardedMethodsOf(owner)) {
      const method = memberOf(owner, key)
      if (!method || readMethodMark(method) === undefined) throw isReplaced(titleOf(owner, key))
    }
  }
}

/**
 * Maps each function that replaced a guarded method to that method's title. A mixin can copy the function.
 */
function replacedMethods(): ReadonlyMap<object, string> {
  const replaced = new Map<object, string>()
  for (const owner of guardedPrototypes()) {
    for (const key of guardedMethodsOf(owner)) {
      const method = memberOf(owner, key)
      if (method && readMethodMark(method) === undefined) replaced.set(method, titleOf(owner, key))
    }
  }
  return replaced
}

function checkCopies(prototype: object | null, replaced: ReadonlyMap<object, string>): void {
  for (const name of methodNamesOf(prototype ?? {})) {
    const title = replaced.get(memberOf(prototype ?? {}, name) ?? {})
    if (title !== undefined) throw isReplaced(title)
  }
}

/** Also returns an inherited method, because a decorator that is called as a function can receive one. */
function memberOf(owner: object, key: string | symbol) {
  const definer = prototypesFrom(owner).find((one) => Object.hasOwn(one, key))
  return definer && ownMethod(definer, key)
}

const titleOf = (owner: object, key: string | symbol) => `${owner.constructor.name}.${String(key)}`

const isReplaced = (title: string) =>
  new Error(
    `Another decorator replaced ${title} after @RequireMaskinportenScope guarded it: put ` +
      '@RequireMaskinportenScope above that decorator',
  )

const guardsNothing = (title: string) =>
  new Error(
    `${title} requires a token, but is not a handler: NestJS runs no guard when other code calls it. Put ` +
      '@RequireMaskinportenScope on the controller or resolver that calls it',
  )
