import type { FastifyInstance, RouteOptions } from 'fastify'
import { GUARD_NAME, isGuard } from './guard-registry.js'

/** The hooks at which a guard runs too late, or does not run on every request. */
export const LATE_HOOKS = [
  'preParsing',
  'preValidation',
  'preHandler',
  'preSerialization',
  'onSend',
  'onResponse',
  'onError',
  'onTimeout',
  'onRequestAbort',
] as const satisfies readonly (keyof RouteOptions)[]

/** @throws {TypeError} if a guard of this route would not run at `onRequest` */
export function checkPosition(route: RouteOptions): void {
  const late = LATE_HOOKS.find((name) => [route[name]].flat().some(isGuard))
  if (late === undefined) return
  throw new TypeError(
    `${route.method} ${route.url}: the guard is at ${late}; put it at onRequest: ` +
      '{ onRequest: requireMaskinportenScope(…) }',
  )
}

/** The applications whose hooks will be checked, by a member that all contexts of an application share. */
const APPLICATIONS = new WeakSet<object>()

/**
 * Makes the start of the application fail if any of its routes has a guard at another hook than `onRequest`.
 * This also finds guards from `addHook`, which `onRoute` hooks do not see.
 */
export function checkPositionsAtStart(app: FastifyInstance): void {
  if (APPLICATIONS.has(app.initialConfig)) return
  APPLICATIONS.add(app.initialConfig)
  app.addHook('onReady', async () => {
    // Fastify's only public list of a route's hooks. It has a line such as `• (onSend) ["first()","second()"]`
    // for each hook.
    const late = LATE_IN_ROUTES.exec(app.printRoutes({ includeHooks: true, commonPrefix: false }))?.[1]
    if (late === undefined) return
    throw new TypeError(
      `A Maskinporten guard is at ${late}; put it at onRequest: { onRequest: requireMaskinportenScope(…) } or ` +
        "app.addHook('onRequest', requireMaskinportenScope(…))",
    )
  })
}

const LATE_IN_ROUTES = new RegExp(`• \\((${LATE_HOOKS.join('|')})\\) \\[.*"${GUARD_NAME}\\(\\)"`)
