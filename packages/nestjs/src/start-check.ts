import type { CanActivate, Type } from '@nestjs/common'
import { ApplicationConfig, DiscoveryService, type ModuleRef, ModulesContainer } from '@nestjs/core'
import {
  guardedMethodsOf,
  guardedPrototypes,
  guardingClassOf,
  hasGuard,
  isRequirement,
  ownClassMark,
  readClassMark,
  readMethodMark,
} from './access-mark.js'
import { checkFieldResolvers } from './field-resolvers.js'
import { type ClassLike, isFunction, isObject, methodNamesOf, ownMethod, prototypesFrom } from './methods.js'
import { PerRequestGuard } from './per-request-guard.js'

/** NestJS's record of a controller. Its `instance` has no own members if each request gets a new one. */
type Controller = ReturnType<DiscoveryService['getControllers']>[number]

/** NestJS finds the route by the prototype's `method`, but calls the instance's member, `called`. */
interface Handler {
  readonly title: string
  readonly key: string | symbol
  readonly prototype: object
  readonly method: object
  readonly called: object
}

/** NestJS's metadata key for the path of a method. */
const PATH = 'path'

/** Applications that have passed the check. Every guard and module starts it, but it runs only once. */
const checked = new WeakSet<object>()

/**
 * Checks every controller and provider before the application accepts requests. NestJS must call each
 * decorated function, not a replacement of it, and must run the guard that the decorator adds. For
 * request-scoped controllers, a global guard checks the members of the instance at each request.
 *
 * @param guard the guard that the decorators add
 * @throws {Error} naming class and method, if NestJS would bypass the guard of a handler
 */
export function checkStart(moduleRef: ModuleRef, guard: Type<CanActivate>): void {
  const modules = moduleRef.get(ModulesContainer, { strict: false })
  if (checked.has(modules)) return
  const [discovery, config] = [new DiscoveryService(modules), moduleRef.get(ApplicationConfig)]
  const replaced = replacedMethods()
  for (const { instance } of [...discovery.getProviders(), ...discovery.getControllers()])
    if (isObject(instance)) checkCopies(Object.getPrototypeOf(instance), replaced)
  for (const { instance } of discovery.getProviders()) if (isObject(instance)) checkProvider(instance)
  checkFieldResolvers(discovery, config, guard)
  const guarded = discovery.getControllers().filter((controller) => checkController(controller, guard))
  if (guarded.some((controller) => !controller.isDependencyTreeStatic()))
    config.addGlobalGuard(new PerRequestGuard(moduleRef, discovery))
  checked.add(modules)
}

/** Checks a provider, because a library can call its methods: GraphQL calls the methods of a resolver. */
function checkProvider(instance: object): void {
  const prototype: object | null = Object.getPrototypeOf(instance)
  checkReplaced(prototype)
  const keys = prototypesFrom(prototype).flatMap(guardedMethodsOf)
  for (const handler of handlersOf(instance, prototype?.constructor?.name, keys)) {
    // Without metadata, a method is not a handler of any library.
    checkMember(handler, Reflect.getMetadataKeys(handler.method).length > 0)
  }
}

/** Checks a controller. Returns whether one of its handlers requires a token. */
function checkController(controller: Controller, guard: Type<CanActivate>): boolean {
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

function handlersOf(
  instance: object,
  type: string | undefined,
  keys: readonly (string | symbol)[],
): Handler[] {
  const prototype: object = Object.getPrototypeOf(instance)
  return keys.flatMap((key) => {
    const [method, called]: unknown[] = [Reflect.get(prototype, key), Reflect.get(instance, key)]
    if (!isFunction(method) || !isFunction(called)) return []
    return [{ title: `${type}.${String(key)}`, key, prototype, method, called }]
  })
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

/** NestJS reads guards from the function that it calls. The replacement of a guarded method has no guard. */
function checkMember({ title, key, prototype, method, called }: Handler, isHandler: boolean): void {
  const [declared, mark] = [readMethodMark(method), readMethodMark(called)]
  if (isRequirement(declared) && mark !== declared) {
    throw new Error(
      `${title} requires a token, but the instance replaces the method (bound in the constructor, ` +
        'an arrow function in a field, a proxy), and NestJS would call the replacement without asking the guard. ' +
        'Leave the method as its class defines it',
    )
  }
  if (!isHandler || mark !== undefined) return
  for (const owner of prototypesFrom(prototype)) {
    const overridden = ownMethod(owner, key)
    const inherited = overridden && readMethodMark(overridden)
    if (isRequirement(inherited)) {
      throw new Error(
        `${title} overrides a method that requires a token, and NestJS would call it without asking the guard. ` +
          'Put @RequireMaskinportenScope or @SkipMaskinporten on the override',
      )
    }
    // The mark of a class also applies to the methods that the class overrides.
    if (inherited ?? ownClassMark({ name: String(key), prototype: owner })) return
  }
}

/** If a class was replaced, wrapped or copied, NestJS can read its guards from another class. */
function checkGuards(
  { title, prototype, method, called }: Handler,
  routed: ClassLike,
  { instance, host }: Controller,
  guard: Type<CanActivate>,
): boolean {
  // NestJS skips a guard that the module cannot instantiate.
  const asksGuard = (target: object): boolean =>
    host?.injectables.has(guard) === true && hasGuard(target, guard)
  const mark = readMethodMark(called)
  if (mark === 'public') return false
  if (mark !== undefined) {
    if (asksGuard(called)) return true
    throw new Error(
      `${title} requires a token, but another decorator removed the guard. Put @RequireMaskinportenScope above ` +
        'that decorator',
    )
  }
  const classes = [routed, { name: routed.name, prototype }]
  if (classes.some((one) => ownClassMark(one) === 'public')) return false
  const source = classes.find((one) => readClassMark(one) !== undefined) ?? guardingClassOf(method)
  if (!source) return false
  // The guard reads the requirement from the instance's constructor. Depending on its version, NestJS reads
  // guards from the routed class or from the prototype's constructor.
  const isDeclared = isRequirement(readClassMark(instance.constructor))
  if (isDeclared && [routed, prototype.constructor].every(asksGuard)) return true
  throw new Error(
    `NestJS would call ${title} without asking the guard of @RequireMaskinportenScope on ${source.name}: another ` +
      'decorator, or a mixin, replaced, wrapped or copied the class. Put @RequireMaskinportenScope above that ' +
      'decorator, or on the methods',
  )
}
