import { defaultMaskinportenValidator, type MaskinportenValidator } from '@portvakt/core'

const VALIDATORS = new WeakMap<object, MaskinportenValidator>()

/** @throws {TypeError} if the context already has a validator */
export function supplyValidator(instance: object, validator: MaskinportenValidator): void {
  if (VALIDATORS.has(instance)) {
    throw new TypeError('The maskinporten plugin is registered twice in the same context')
  }
  VALIDATORS.set(instance, validator)
}

/**
 * Returns the validator of an encapsulation context: the context's own validator, or else the validator of
 * the nearest ancestor that has one, or else the shared default. The prototype of a Fastify context is the
 * context's parent.
 *
 * @throws {TypeError} if the shared default is needed and the environment does not name an issuer
 */
export function validatorOf(instance: object): MaskinportenValidator {
  for (let context: object | null = instance; context; context = Object.getPrototypeOf(context)) {
    const validator = VALIDATORS.get(context)
    if (validator) return validator
  }
  return defaultMaskinportenValidator()
}
