import type { RouteOptions } from 'fastify'
import { isGuard } from './require-maskinporten-scope.js'

/** The hooks that run after every `onRequest` hook, which is too late for a guard. */
export const LATE_HOOKS = [
  'preParsing',
  'preValidation',
  'preHandler',
  'preSerialization',
  'onSend',
  'onResponse',
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
