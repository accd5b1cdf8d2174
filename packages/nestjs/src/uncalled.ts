import { uncalledFactory } from '@portvakt/core/adapter'

/**
 * Refuses a decorator that stands without its call: `@Name` hands it the class, or the prototype of the method.
 *
 * @throws {TypeError} for a class or a prototype
 */
export function refuseUncalled(given: unknown, call: string): void {
  const isClass =
    typeof given === 'function' && Object.getOwnPropertyDescriptor(given, 'prototype')?.writable === false
  const isPrototype = typeof given === 'object' && given !== null && given.constructor?.prototype === given
  if (isClass || isPrototype) throw uncalledFactory(call)
}
