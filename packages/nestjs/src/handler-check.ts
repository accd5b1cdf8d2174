import type { CanActivate, Type } from '@nestjs/common'
import { MetadataScanner } from '@nestjs/core'
import {
  guardedMethods,
  guardingClassOf,
  isRequirement,
  ownClassMark,
  readClassMark,
  readMethodMark,
} from './access-mark.js'
import { type ClassLike, ownMethod, prototypesFrom } from './methods.js'

/** A controller as its module has it. */
export interface RoutedController {
  readonly type: ClassLike
  /** The controller itself, or a stand-in without own members where each request gets its own controller. */
  readonly instance: object
  /** Whether the module can instantiate the guard. NestJS asks no guard that it cannot instantiate. */
  readonly hasGuard: boolean
}

/** NestJS finds a route by the prototype's method, and calls what the instance has under that name. */
interface Handler {
  readonly title: string
  readonly name: string
  readonly prototype: object
  readonly method: object
  readonly called: object
}

/** NestJS's metadata keys for the path of a method, and for the guards of a class or a method. */
const [PATH, GUARDS] = ['path', '__guards__'] as const

const isFunction = (value: unknown): value is object => typeof value === 'function'

/**
 * Compares what NestJS will call, and the guards that it will ask, with what the decorators declared.
 *
 * @param guard the guard that the decorators add
 * @returns whether a handler of this controller requires a token
 * @throws {Error} naming class and method, where NestJS would call a handler without asking its guard
 */
export function checkHandlers(controller: RoutedController, guard: Type<CanActivate>): boolean {
  const { type, instance } = controller
  const prototype: object = Object.getPrototypeOf(instance)
  let isGuarded = false
  for (const name of new MetadataScanner().getAllMethodNames(prototype)) {
    const [method, called]: unknown[] = [Reflect.get(prototype, name), Reflect.get(instance, name)]
    if (!isFunction(method) || !isFunction(called)) continue
    const handler = { title: `${type.name}.${name}`, name, prototype, method, called }
    checkMember(handler)
    // Without a path, it is not routed.
    if (!Reflect.hasMetadata(PATH, method)) continue
    checkOverride(handler)
    isGuarded = checkGuards(handler, controller, guard) || isGuarded
  }
  return isGuarded
}

/**
 * Compares the guarded methods of a provider (a GraphQL resolver, a gateway) with what its instance has in their
 * place, as {@link checkHandlers} does for a controller.
 *
 * @throws {Error} naming class and method, where NestJS would call a handler without asking its guard
 */
export function checkProvider(instance: object): void {
  const prototype: object | null = Object.getPrototypeOf(instance)
  const chain = prototypesFrom(prototype ?? undefined)
  for (const { prototype: owner, key } of guardedMethods) {
    if (!prototype || typeof key !== 'string' || !chain.includes(owner)) continue
    const [method, called]: unknown[] = [Reflect.get(prototype, key), Reflect.get(instance, key)]
    if (!isFunction(method) || !isFunction(called)) continue
    const handler = { title: `${prototype.constructor.name}.${key}`, name: key, prototype, method, called }
    checkMember(handler)
    // Without metadata, no library has been told that the method is a handler.
    if (Reflect.getMetadataKeys(method).length > 0) checkOverride(handler)
  }
}

/** NestJS reads guards from the function that it calls, so a replacement on the instance has none. */
function checkMember({ title, method, called }: Handler): void {
  const mark = readMethodMark(method)
  if (!isRequirement(mark) || readMethodMark(called) === mark) return
  throw new Error(
    `${title} requires a token, but the instance replaces the method (bound in the constructor, ` +
      'an arrow function in a field, a proxy), and NestJS would call the replacement without asking the guard. ' +
      'Leave the method as its class defines it',
  )
}

/** An override is another function, without the guard of the method that it overrides. */
function checkOverride({ title, name, prototype, called }: Handler): void {
  if (readMethodMark(called) !== undefined) return
  for (const owner of prototypesFrom(prototype)) {
    const method = ownMethod(owner, name)
    const mark = method && readMethodMark(method)
    if (isRequirement(mark)) {
      throw new Error(
        `${title} overrides a method that requires a token, and NestJS would call it without asking the guard. ` +
          'Put @RequireMaskinportenScope or @SkipMaskinporten on the override',
      )
    }
    // A class that says who may call says it for what it overrides.
    if (mark ?? ownClassMark({ name, prototype: owner })) return
  }
}

/** Where a class was replaced, wrapped or copied, NestJS may look for its guards in another place. */
function checkGuards(
  { title, prototype, method, called }: Handler,
  { type, instance, hasGuard }: RoutedController,
  guard: Type<CanActivate>,
): boolean {
  const asksGuard = (target: unknown): boolean =>
    isFunction(target) && [Reflect.getMetadata(GUARDS, target)].flat().includes(guard)
  const mark = readMethodMark(called)
  if (mark === 'public') return false
  if (mark !== undefined) {
    if (hasGuard && asksGuard(called)) return true
    throw new Error(
      `${title} requires a token, but another decorator removed the guard. Put @RequireMaskinportenScope above ` +
        'that decorator',
    )
  }
  const classes = [type, { name: type.name, prototype }]
  if (classes.some((one) => ownClassMark(one) === 'public')) return false
  const source = classes.find((one) => readClassMark(one) !== undefined) ?? guardingClassOf(method)
  if (!source) return false
  // The guard reads the requirement from the first; versions of NestJS read the guards from either of the others.
  const isDeclared = isRequirement(readClassMark(instance.constructor))
  if (hasGuard && isDeclared && [type, prototype.constructor].every(asksGuard)) return true
  throw new Error(
    `NestJS would call ${title} without asking the guard of @RequireMaskinportenScope on ${source.name}: another ` +
      'decorator, or a mixin, replaced, wrapped or copied the class. Put @RequireMaskinportenScope above that ' +
      'decorator, or on the methods',
  )
}
