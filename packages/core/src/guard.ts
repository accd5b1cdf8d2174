import type { Decision } from './decision/decision.js'
import type { Authorization } from './http/bearer.js'
import { takeOptions } from './platform/options.js'
import {
  type AccessRequirement,
  type PreparedRequirement,
  prepareRequirement,
} from './requirements/requirement.js'
import { createMaskinportenValidator, type MaskinportenValidator, type RequestContext } from './validator.js'

/** What every adapter's `requireMaskinportenScope` takes beside the requirement. */
export interface GuardOptions {
  /** The validator to ask. Default the one that all guards without this option share. */
  readonly validator?: MaskinportenValidator
}

/** Decides one request. */
export type Guard<Request> = (
  authorization: Authorization,
  context: RequestContext<Request>,
) => Promise<Decision>

/**
 * What every adapter is built on: a requirement that is checked now and a validator that is there now, so
 * that a mistake shows when the application starts.
 *
 * @throws {TypeError} for a bad requirement or option, or when the environment names no issuer
 * @example
 * const guard = createGuard('nav:x.read', { validator })
 * const decision = await guard(authorizationValues(incoming), { request: incoming })
 */
export function createGuard<Request>(
  requirement: AccessRequirement<Request> | PreparedRequirement<Request>,
  options: GuardOptions = {},
): Guard<Request> {
  const prepared = prepareRequirement(requirement)
  const { validator = defaultMaskinportenValidator() } = takeOptions(
    options,
    ['validator'],
    'requireMaskinportenScope',
  )
  if (typeof validator?.decide !== 'function') {
    throw new TypeError('`validator` must come from createMaskinportenValidator or createTexasValidator')
  }
  return (authorization, context) => validator.decide(authorization, prepared, context)
}

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
