import type { CanActivate, ExecutionContext } from '@nestjs/common'
import { HttpAdapterHost, type ModuleRef, type ModulesContainer } from '@nestjs/core'
import type { MaskinportenValidator } from '@portvakt/core'
import { guardingClassOf, isRequirement, readMethodMark } from './access-mark.js'
import { deny } from './deny.js'
import { type ClassLike, methodsOf } from './methods.js'
import { MASKINPORTEN_VALIDATOR } from './module-options.js'

/** A controller's class as it was when the application started. */
interface CheckedController {
  readonly handlers: ReadonlySet<object>
  readonly hasGuardedMethods: boolean
}

/**
 * Refuses what the check at the start could not see: a function that a controller made for one request has in
 * place of a method. NestJS reads guards from the function that it calls, so it does not ask the method's.
 *
 * It stands on the application. A guard on the class would be lost where a constructor returns another object,
 * or a class decorator another class.
 */
export class PerRequestGuard implements CanActivate {
  readonly #moduleRef: ModuleRef
  /** By the prototype of the class. */
  readonly #controllers = new WeakMap<object, CheckedController>()
  /** The functions that may be called without a guard, their own or that of their class. */
  readonly #unguarded = new WeakSet<object>()

  constructor(moduleRef: ModuleRef, modules: ModulesContainer) {
    this.#moduleRef = moduleRef
    for (const { controllers, providers } of modules.values()) {
      for (const { instance } of controllers.values()) {
        if (isObject(instance)) this.#remember(Object.getPrototypeOf(instance))
      }
      // Other transports and libraries have providers as their handlers.
      for (const { instance } of providers.values()) {
        if (!isObject(instance)) continue
        for (const method of methodsOf(Object.getPrototypeOf(instance))) this.#unguarded.add(method)
      }
    }
  }

  #remember(prototype: object): void {
    const methods = methodsOf(prototype)
    const hasGuardedMethods = methods.some((method) => isRequirement(readMethodMark(method)))
    // What no decorator has made a handler is not one: it may be what a guarded method calls.
    const handlers = new Set(methods.filter((method) => Reflect.getMetadataKeys(method).length > 0))
    this.#controllers.set(prototype, { handlers, hasGuardedMethods })
    for (const handler of handlers) if (!guardingClassOf(handler)) this.#unguarded.add(handler)
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.#wasChecked(context.getClass(), context.getHandler())) return true
    const validator = this.#validator()
    // NestJS words this refusal in the manner of the transport.
    if (context.getType() !== 'http' || !validator) return false
    const decision = await validator.refuseUnguarded({ request: context.switchToHttp().getRequest() })
    return decision.allowed
      ? false
      : deny(decision.denial, context, this.#moduleRef.get(HttpAdapterHost, { strict: false }))
  }

  #wasChecked(type: ClassLike, handler: object): boolean {
    // With the mark it has the guard, or is open. What is open stays open in the place of another method.
    if (readMethodMark(handler) !== undefined) return true
    const known = type.prototype && this.#controllers.get(type.prototype)
    if (known) return known.handlers.has(handler) || !known.hasGuardedMethods
    // The instance does not tell its class, so NestJS may have missed the guard of the class as well.
    return this.#unguarded.has(handler)
  }

  /** The validator that reports the refusal. Without one that all requests share, NestJS words it. */
  #validator(): MaskinportenValidator | undefined {
    for (const strict of [true, false]) {
      try {
        return this.#moduleRef.get<MaskinportenValidator>(MASKINPORTEN_VALIDATOR, { strict })
      } catch {}
    }
    return undefined
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
