import type { PreparedRequirement } from '@portvakt/core'

/**
 * Maps an unbound guard to its requirement, and a context to the requirements of the guards that Fastify has
 * bound to it.
 */
export const REQUIREMENTS = new WeakMap<object, readonly PreparedRequirement<never>[]>()

/** Whether an unbound hook, which an `onRoute` hook receives, is a guard. */
export const isGuard = (hook: unknown): boolean => REQUIREMENTS.has(hook as object)

/** The name of every guard function, by which a list of the application's hooks shows it. */
export const GUARD_NAME = 'maskinportenGuard'
