import type { ExecutionContext } from '@nestjs/common'
import {
  createMaskinportenValidator,
  defaultMaskinportenValidator,
  type GuardOptions,
  type MaskinportenValidator,
  type MaskinportenValidatorOptions,
} from '@portvakt/core'
import { takeOptions, VALIDATOR_OPTIONS } from '@portvakt/core/adapter'

/** An own validator, or the options of one; left out, the environment's. */
export interface MaskinportenModuleOptions extends GuardOptions, MaskinportenValidatorOptions {
  /**
   * Opens handlers that you cannot decorate (metrics, Terminus, Swagger) under a global guard. Asked for HTTP
   * requests to handlers without a mark of their own; only `true` opens.
   */
  readonly publicRoutes?: (context: ExecutionContext) => boolean
}

/**
 * The validator that every guard of the application asks: inject it for `ready()` and `health()`.
 * @example
 * class HealthController {
 *   constructor(@Inject(MASKINPORTEN_VALIDATOR) readonly validator: MaskinportenValidator) {}
 * }
 */
export const MASKINPORTEN_VALIDATOR = Symbol('MASKINPORTEN_VALIDATOR')

/**
 * Options whose form was checked. An instance of a class, because libraries look through all providers of an
 * application and read the `constructor` of each. Its members are its own, so that a polluted `Object.prototype`
 * supplies none.
 */
export class CheckedOptions {
  readonly publicRoutes: MaskinportenModuleOptions['publicRoutes'] | undefined
  readonly #options: MaskinportenModuleOptions

  constructor(options: MaskinportenModuleOptions) {
    this.publicRoutes = options.publicRoutes
    this.#options = options
    Object.freeze(this)
  }

  /** @throws {TypeError} for every bad option, or when the environment names no issuer */
  createValidator(): MaskinportenValidator {
    const { validator, publicRoutes: _, ...own } = this.#options
    const [name] = Object.keys(own)
    if (!validator)
      return name === undefined ? defaultMaskinportenValidator() : createMaskinportenValidator(own)
    if (name === undefined) return validator
    throw new TypeError(
      `\`${name}\` has no effect beside \`validator\`: give it to createMaskinportenValidator`,
    )
  }
}

/** The provider of {@link CheckedOptions}, for the guard. */
export const MASKINPORTEN_OPTIONS = Symbol('MASKINPORTEN_OPTIONS')

const OPTIONS = [
  ...VALIDATOR_OPTIONS,
  'validator',
  'publicRoutes',
] as const satisfies readonly (keyof MaskinportenModuleOptions)[]

/** @throws {TypeError} for every unknown option, and for a bad `validator` or `publicRoutes` */
export function readModuleOptions(options: MaskinportenModuleOptions): CheckedOptions {
  const taken = takeOptions(options, OPTIONS, 'MaskinportenModule')
  const { publicRoutes, validator } = taken
  if (publicRoutes !== undefined && typeof publicRoutes !== 'function') {
    throw new TypeError('`publicRoutes` must be a function')
  }
  if (validator !== undefined && typeof validator?.decide !== 'function') {
    throw new TypeError('`validator` must come from createMaskinportenValidator')
  }
  return new CheckedOptions(taken)
}
