import type { VerifiedToken } from './claims/verified-token.js'
import type { Decision } from './decision/decision.js'
import type { Authorization } from './http/bearer.js'
import type { WaitUntil } from './keys/key-refresh.js'
import { isFromAnotherCopy } from './platform/copy-mark.js'
import { takeOptions } from './platform/options.js'
import {
  type AccessRequirement,
  type PreparedRequirement,
  prepareRequirement,
} from './requirements/requirement.js'
import { createMaskinportenValidator, type MaskinportenValidator, type RequestContext } from './validator.js'

/** The options of every adapter's `requireMaskinportenScope`. */
export interface GuardOptions {
  /** Default: one validator that all guards without this option share. */
  readonly validator?: MaskinportenValidator
}

export type Guard<Request> = (
  authorization: Authorization,
  context: RequestContext<Request>,
) => Promise<Decision>

/**
 * Creates the guard that an adapter wraps.
 *
 * @throws {TypeError} for a bad requirement or option, or if `validator` is missing and the environment
 *   variables do not name an issuer
 * @example
 * const guard = createGuard('nav:x.read', { validator })
 * const decision = await guard(authorizationValues(incoming), { request: incoming })
 */
export function createGuard<Request>(
  requirement: AccessRequirement<Request> | PreparedRequirement<Request>,
  options: GuardOptions = {},
): Guard<Request> {
  const prepared = prepareRequirement(requirement)
  const { validator = defaultMaskinportenValidator() } = takeGuardOptions(options)
  checkValidator(validator)
  return (authorization, context) => validator.decide(authorization, prepared, context)
}

/**
 * Copies the options of a guard.
 *
 * @throws {TypeError} naming the unknown or undefined option, and for a validator in place of the options
 * @example
 * const { validator } = takeGuardOptions({})
 */
export function takeGuardOptions(options: GuardOptions): GuardOptions {
  const given: GuardOptions & { readonly decide?: unknown } = options
  if (typeof given?.decide === 'function') {
    throw new TypeError('requireMaskinportenScope takes a validator as an option: write { validator }')
  }
  return takeOptions(options, ['validator'], 'requireMaskinportenScope')
}

/**
 * @throws {TypeError} unless `validator` has the method `decide`, and for a validator that another copy of
 *   this package made
 * @example
 * checkValidator(validator)
 */
export function checkValidator(validator: Partial<MaskinportenValidator> | null | undefined): void {
  if (typeof validator?.decide !== 'function') {
    throw new TypeError('`validator` must come from createMaskinportenValidator or createTexasValidator')
  }
  // It would reject each prepared requirement, which is an instance of a class of this copy.
  if (!isFromAnotherCopy(validator)) return
  throw new TypeError(
    '`validator` comes from another copy of @portvakt/core than the guard: list the copies with ' +
      '`npm ls @portvakt/core`, and give all @portvakt packages the same version',
  )
}

let shared: MaskinportenValidator | undefined

/**
 * Returns the validator that all guards without a `validator` option share, for calls of `ready()` or
 * `health()`. The validator is created from the environment variables on first use, once per copy of this
 * module.
 *
 * @throws {TypeError} naming the variable that is missing or wrong
 * @example
 * const { usable } = defaultMaskinportenValidator().health() // for a readiness probe
 */
export function defaultMaskinportenValidator(): MaskinportenValidator {
  shared ??= createMaskinportenValidator()
  return shared
}

/**
 * The context of a request on a runtime that can have `waitUntil`. `waitUntil` is read only when a refresh of
 * the keys begins. Do not replace this class by an object literal with a getter: everything that the getter
 * captures would stay in memory until V8's next full garbage collection.
 *
 * @example
 * const context = new AdapterContext(request, () => undefined)
 */
export class AdapterContext<Request> implements RequestContext<Request> {
  readonly request: Request
  readonly #readWaitUntil: () => WaitUntil

  constructor(request: Request, readWaitUntil: () => WaitUntil) {
    this.request = request
    this.#readWaitUntil = readWaitUntil
  }

  get waitUntil(): WaitUntil {
    return this.#readWaitUntil()
  }
}

/**
 * Returns the token of a guarded request, for an adapter's `getMaskinportenToken`.
 *
 * @param howToGuard how to guard the route in this framework, for the error message
 * @throws {Error} if the token is undefined: no guard ran
 * @example
 * const tokens = new WeakMap<object, VerifiedToken>()
 * const token = requireToken(tokens.get(request), 'put requireMaskinportenScope(...) before its handler')
 */
export function requireToken(token: VerifiedToken | undefined, howToGuard: string): VerifiedToken {
  if (token) return token
  throw new Error(`No Maskinporten guard ran for this route: ${howToGuard}`)
}
