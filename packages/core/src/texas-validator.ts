import {
  type MaskinportenValidatorOptions,
  readConfig,
  VALIDATOR_OPTIONS,
} from './config/validator-options.js'
import { naisVariables } from './platform/environment.js'
import { numberBetween, takeOptions } from './platform/options.js'
import { checkUrl } from './platform/url-rule.js'
import { type MaskinportenValidator, validatorWith } from './validator.js'
import { introspectionVerifier } from './verifiers/introspection-verifier.js'
import { jwtVerifier } from './verifiers/jwt-verifier.js'

/** The options of `createMaskinportenValidator`, and options for Texas. Read once, at construction. */
export interface TexasValidatorOptions extends MaskinportenValidatorOptions {
  /** URL of Texas's introspection endpoint. Default: the variable NAIS_TOKEN_INTROSPECTION_ENDPOINT. */
  readonly introspectionEndpoint?: string
  /**
   * Limit for one exchange with Texas, and minimum time between two probes of Texas by `health()` or
   * `ready()`. In seconds, 0.1–30. Default 5.
   */
  readonly deadline?: number
}

/**
 * Makes a validator that verifies a token as `createMaskinportenValidator` does, and then introspects it with
 * Texas, NAIS's sidecar. A token passes only if the verification and Texas both accept it. Verdicts of Texas
 * are not cached: every request with a valid token costs a request to Texas. If Texas cannot check a token,
 * the caller gets 503. Texas accepts only RS256.
 *
 * If the application cannot fetch keys from Maskinporten, pass `jwks` or `jwksUri`. The option `fetch` is
 * used for keys and for Texas.
 *
 * @throws {TypeError} naming the unknown or bad option or variable
 * @example
 * app.use(requireMaskinportenScope('nav:x.read', { validator: createTexasValidator() }))
 * @see https://docs.nais.io/auth/reference/#texas
 */
export function createTexasValidator(options: TexasValidatorOptions = {}): MaskinportenValidator {
  const names = [...VALIDATOR_OPTIONS, 'introspectionEndpoint', 'deadline'] as const
  const taken = takeOptions(options, names, 'createTexasValidator')
  const { introspectionEndpoint: _, deadline = 5, ...own } = taken
  const config = readConfig(own)
  const texas = {
    endpoint: endpointOf(taken),
    deadline: numberBetween(deadline, 0.1, 30, 'deadline', ' seconds'),
    fetch: taken.fetch,
  }
  return validatorWith(config, introspectionVerifier(jwtVerifier(config), config, texas))
}

function endpointOf({ introspectionEndpoint, insecureHttp = false }: TexasValidatorOptions): string {
  if (introspectionEndpoint !== undefined) {
    return checkUrl(introspectionEndpoint, '`introspectionEndpoint`', insecureHttp).href
  }
  const variable = 'NAIS_TOKEN_INTROSPECTION_ENDPOINT'
  const variables = naisVariables()
  const endpoint = variables.read(variable)
  if (endpoint !== undefined) return checkUrl(endpoint, variable, insecureHttp).href
  throw new TypeError(
    `${variables.missing(variable)}. On NAIS, Texas is there by default; elsewhere ` +
      'pass `introspectionEndpoint`, or verify by keys with createMaskinportenValidator',
  )
}
