import { createMaskinportenValidator, type MaskinportenValidator } from './validator.js'

let shared: MaskinportenValidator | undefined

/**
 * The validator of all guards that are given none: made from the environment when the first of them is
 * constructed, one for each copy of this module. Ask it for `ready()` and `health()`.
 *
 * @throws {TypeError} naming the variable that is missing or wrong
 * @example
 * const { usable } = defaultMaskinportenValidator().health() // for a readiness probe
 */
export function defaultMaskinportenValidator(): MaskinportenValidator {
  shared ??= createMaskinportenValidator()
  return shared
}
