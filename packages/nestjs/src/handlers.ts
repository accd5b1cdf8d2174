import type { CanActivate, Type } from '@nestjs/common'
import type { DiscoveryService } from '@nestjs/core'
import {
  guardingClassOf,
  hasGuard,
  isRequirement,
  ownClassMark,
  readClassMark,
  readMethodMark,
} from './access-mark.js'
import { type ClassLike, isFunction, ownMethod, prototypesFrom } from './methods.js'

/**
 * NestJS's record of a controller or a provider. Its `instance` has no own members if each request gets a new
 * one.
 */
export type Wrapper = ReturnType<DiscoveryService['getControllers']>[number]

/** Whether a provider gives this guard: by `useClass`, `useExisting` or a factory that injects it. */
export const isProviderOf = ({ metatype, inject }: Wrapper, guard: Type<CanActivate>): boolean =>
  metatype === guard || metatype?.prototype instanceof guard || inject?.includes(guard) === true

/** NestJS finds the route by the prototype's `method`, but calls the instance's member, `called`. */
export interface Handler {
  readonly title: string
  readonly key: string | symbol
  readonly prototype: object
  readonly method: object
  readonly called: object
}

export function handlersOf(
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

/** NestJS reads guards from the function that it calls. The replacement of a guarded method has no guard. */
export function checkMember({ title, key, prototype, method, called }: Handler, isHandler: boolean): void {
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

/**
 * Throws if NestJS does not bind the guard to a provider: it binds the guards of a class that `providers`
 * lists, but not those of an instance that the application made. Many versions look for the guards in the
 * module that has the instance's class as a token, so they find none for `useClass` under another token.
 */
export function checkProvidedClass(
  { title, called }: Handler,
  type: ClassLike,
  { host, token }: Wrapper,
  guard: Type<CanActivate>,
): void {
  const isOpen = (readMethodMark(called) ?? readClassMark(type)) === 'public'
  if (isOpen || ![called, type].some((target) => hasGuard(target, guard))) return
  if (host?.injectables.has(guard) && token === type) return
  throw new Error(
    `NestJS would call ${title} without asking the guard. List its class itself in \`providers\`: without useClass, ` +
      'useFactory and useValue, and without a decorator that wraps the class',
  )
}

/** If a class was replaced, wrapped or copied, NestJS can read its guards from another class. */
export function checkGuards(
  { title, prototype, method, called }: Handler,
  routed: ClassLike,
  { instance, host }: Wrapper,
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
