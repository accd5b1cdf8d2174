import type { CanActivate, ExecutionContext } from '@nestjs/common'
import type { DiscoveryService, ModuleRef } from '@nestjs/core'
import type { MaskinportenValidator } from '@portvakt/core'
import { isRequirement, readClassMark, readMethodMark } from './access-mark.js'
import { deny } from './deny.js'
import { isObject, methodsOf, prototypesFrom } from './methods.js'
import { MASKINPORTEN_VALIDATOR } from './module-options.js'

/**
 * Refuses calls to a function that replaces a method of a request-scoped controller or resolver. The check at
 * startup cannot see such a function. NestJS reads guards from the function that it calls, so it bypasses the
 * guard of the replaced method. This guard is global, because a guard on the class would be lost if a
 * constructor returned another object, or a class decorator returned another class.
 */
export class PerRequestGuard implements CanActivate {
  readonly #moduleRef: ModuleRef
  /**
   * The handlers of each controller and each provider, keyed by its prototype. Undefined for a class without
   * guarded methods, because such a class may replace any of its methods.
   */
  readonly #handlers = new WeakMap<object, ReadonlySet<object> | undefined>()
  /** The handlers that need neither a guard of their own nor a guard on their class. */
  readonly #unguarded = new WeakSet<object>()

  constructor(moduleRef: ModuleRef, discovery: DiscoveryService) {
    this.#moduleRef = moduleRef
    const prototypes: object[] = discovery
      .getControllers()
      .map(({ instance }) => Object.getPrototypeOf(instance))
    // The handlers of other transports and libraries are methods of providers.
    for (const { instance } of discovery.getProviders()) {
      if (!isObject(instance)) continue
      const prototype: object = Object.getPrototypeOf(instance) ?? {}
      for (const method of methodsOf(prototype)) this.#unguarded.add(method)
      // GraphQL calls a request-scoped resolver's own members, as NestJS calls those of a controller. A plain
      // object has no class, so it does not say whether a guarded class made it.
      if (prototypesFrom(prototype).length > 0) prototypes.push(prototype)
    }
    for (const prototype of prototypes) this.#remember(prototype)
    // The requirement of a class also guards inherited handlers, which another class can leave open.
    for (const prototype of prototypes) {
      if (!isRequirement(readClassMark({ name: '', prototype }))) continue
      for (const method of methodsOf(prototype)) this.#unguarded.delete(method)
    }
  }

  #remember(prototype: object): void {
    const methods = methodsOf(prototype)
    const isGuarded = methods.some((method) => isRequirement(readMethodMark(method)))
    // A method without metadata is not a handler; a guarded method can call it.
    const handlers = methods.filter((method) => Reflect.getMetadataKeys(method).length > 0)
    this.#handlers.set(prototype, isGuarded ? new Set(handlers) : undefined)
    for (const handler of handlers) this.#unguarded.add(handler)
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.#wasChecked(context.getClass().prototype, context.getHandler())) return true
    const validator = this.#validator()
    // If the guard returns false, NestJS writes a refusal that fits the transport.
    if (context.getType() !== 'http' || !validator) return false
    const decision = await validator.refuseUnguarded({ request: context.switchToHttp().getRequest() })
    return decision.allowed ? false : deny(decision.denial, context, this.#moduleRef)
  }

  #wasChecked(prototype: object | undefined, handler: object): boolean {
    // A handler with a mark has the guard or is open, even if it replaces another method.
    if (readMethodMark(handler) !== undefined) return true
    if (prototype && this.#handlers.has(prototype)) return this.#handlers.get(prototype)?.has(handler) ?? true
    // The instance hides its class, so NestJS can also have missed the guard of that class.
    return this.#unguarded.has(handler)
  }

  /**
   * The validator that reports the refusal. If the validator is request-scoped, returns undefined, and NestJS
   * writes the refusal.
   */
  #validator(): MaskinportenValidator | undefined {
    for (const strict of [true, false]) {
      try {
        return this.#moduleRef.get<MaskinportenValidator>(MASKINPORTEN_VALIDATOR, { strict })
      } catch {}
    }
    return undefined
  }
}
