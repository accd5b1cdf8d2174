import type { ExecutionContext } from '@nestjs/common'
import {
  createMaskinportenValidator,
  defaultMaskinportenValidator,
  type GuardOptions,
  type MaskinportenValidator,
  type MaskinportenValidatorOptions,
} from '@portvakt/core'
import { checkValidator, functionOrAbsent, takeOptions, VALIDATOR_OPTIONS } from '@portvakt/core/adapter'
import { isFunction, isObject } from './methods.js'

/** An existing validator, or options for a new one. Default: the validator from the environment. */
export interface MaskinportenModuleOptions extends GuardOptions, MaskinportenValidatorOptions {
  /**
   * Opens handlers that you cannot decorate (metrics, Terminus, Swagger) under a global guard. Called for
   * HTTP requests to handlers without a decorator; only `true` opens the handler.
   */
  readonly publicRoutes?: (context: ExecutionContext) => boolean
}

/**
 * The provider token of the application's validator. Inject it for `ready()` and `health()`.
 * @example
 * class HealthController {
 *   constructor(@Inject(MASKINPORTEN_VALIDATOR) readonly validator: MaskinportenValidator) {}
 * }
 */
export const MASKINPORTEN_VALIDATOR = Symbol('MASKINPORTEN_VALIDATOR')

const OPTIONS = [
  ...VALIDATOR_OPTIONS,
  'validator',
  'publicRoutes',
] as const satisfies readonly (keyof MaskinportenModuleOptions)[]

/** The provider of {@link CheckedOptions}, for the guard. */
export const MASKINPORTEN_OPTIONS = Symbol('MASKINPORTEN_OPTIONS')

/**
 * Checked options. This is a class, because libraries read the `constructor` of every provider. All members
 * are own properties, so that a polluted `Object.prototype` cannot supply an option.
 */
export class CheckedOptions {
  readonly publicRoutes: MaskinportenModuleOptions['publicRoutes']
  readonly #options: MaskinportenModuleOptions

  /**
   * @throws {TypeError} for every unknown option, for a bad `validator` or `publicRoutes`, and for a validator in
   *   place of options
   */
  constructor(options: MaskinportenModuleOptions) {
    if (isObject(options) && isFunction(Reflect.get(options, 'decide'))) {
      throw new TypeError('MaskinportenModule takes options, not a validator: write `{ validator }`')
    }
    this.#options = takeOptions(options, OPTIONS, 'MaskinportenModule')
    const { publicRoutes, validator } = this.#options
    this.publicRoutes = functionOrAbsent(publicRoutes, 'publicRoutes')
    if (validator !== undefined) checkValidator(validator)
    Object.freeze(this)
  }

  /** @throws {TypeError} for every bad option, or if the environment names no issuer */
  createValidator(): MaskinportenValidator {
    const { validator, publicRoutes: _, ...own } = this.#options
    const [name] = Object.keys(own)
    if (!validator)
      return name === undefined ? defaultMaskinportenValidator() : createMaskinportenValidator(own)
    if (name === undefined) return validator
    throw new TypeError(
      `\`${name}\` has no effect together with \`validator\`: give it to createMaskinportenValidator`,
    )
  }
}
