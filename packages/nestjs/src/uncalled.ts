import { uncalledFactory } from '@portvakt/core/adapter'

/**
 * Rejects a decorator factory that is used without a call: as `@Name`, it receives the class or a prototype.
 *
 * @throws {TypeError} for a class or a prototype
 */
export function refuseUncalled(given: unknown, call: string): void {
  const isClass =
    typeof given === 'function' && Object.getOwnPropertyDescriptor(given, 'prototype')?.writable === false
  const isPrototype = typeof given === 'object' && given !== null && given.constructor?.prototype === given
  if (isClass || isPrototype) throw uncalledFactory(call)
}
