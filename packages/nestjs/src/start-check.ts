import type { CanActivate, Type } from '@nestjs/common'
import { ApplicationConfig, type ModuleRef, ModulesContainer } from '@nestjs/core'
import { guardedMethods, readMethodMark } from './access-mark.js'
import { checkHandlers, checkProvider } from './handler-check.js'
import { ownMethod, prototypesFrom } from './methods.js'
import { PerRequestGuard } from './per-request-guard.js'

/** Applications that passed the check, which every guard and every module begins. */
const checked = new WeakSet<object>()

/**
 * Checks every controller and provider of the application before it serves. Where each request gets its own controller,
 * what that controller has in place of its methods is only seen then: a guard on the application checks it.
 *
 * @param guard the guard that the decorators add
 * @throws {Error} naming class and method, where NestJS would call a handler without asking its guard
 */
export function checkStart(moduleRef: ModuleRef, guard: Type<CanActivate>): void {
  const modules = moduleRef.get(ModulesContainer, { strict: false })
  if (checked.has(modules)) return
  checkGuardedMethods()
  let isPerRequest = false
  for (const { controllers, injectables, providers } of modules.values()) {
    // Resolvers and gateways are providers.
    for (const { instance } of providers.values()) if (isObject(instance)) checkProvider(instance)
    const hasGuard = injectables.has(guard)
    for (const wrapper of controllers.values()) {
      const { metatype: type, instance } = wrapper
      if (!type || !instance) continue
      const isGuarded = checkHandlers({ type, instance, hasGuard }, guard)
      isPerRequest ||= isGuarded && !wrapper.isDependencyTreeStatic()
    }
  }
  if (isPerRequest) {
    const guardOfAll = new PerRequestGuard(moduleRef, modules)
    moduleRef.get(ApplicationConfig, { strict: false }).addGlobalGuard(guardOfAll)
  }
  checked.add(modules)
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/**
 * A decorator that replaces the method (tracing, transactions) and stands above ours takes ours away with it,
 * guard and all, and NestJS would serve the route to everybody.
 */
function checkGuardedMethods(): void {
  for (const { prototype, key } of guardedMethods) {
    // A decorator that is called by hand may be given the descriptor of an inherited method.
    const owner = prototypesFrom(prototype).find((one) => Object.hasOwn(one, key))
    const method = owner && ownMethod(owner, key)
    if (method && readMethodMark(method) !== undefined) continue
    throw new Error(
      `Another decorator replaced ${prototype.constructor.name}.${String(key)} after ` +
        '@RequireMaskinportenScope guarded it: put @RequireMaskinportenScope above that decorator',
    )
  }
}
