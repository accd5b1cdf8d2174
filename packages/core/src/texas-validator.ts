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

/** The options of `createMaskinportenValidator`, and how Texas is asked. Read once, at construction. */
export interface TexasValidatorOptions extends MaskinportenValidatorOptions {
  /** Where Texas introspects. Default NAIS_TOKEN_INTROSPECTION_ENDPOINT. */
  readonly introspectionEndpoint?: string
  /**
   * For a whole exchange with Texas, in seconds, 0.1–30. Default 5. `ready()` and `health()` probe Texas when the
   * latest probe is older than this.
   */
  readonly deadline?: number
}

const OPTIONS = [
  ...VALIDATOR_OPTIONS,
  'introspectionEndpoint',
  'deadline',
] as const satisfies readonly (keyof TexasValidatorOptions)[]

/**
 * Makes a validator that verifies tokens as `createMaskinportenValidator` does, and then asks Texas, NAIS's
 * sidecar, about each token that Maskinporten's keys have signed. A token passes only if both accept it. It goes
 * wherever a validator does (`{ validator }`).
 *
 * Every request with a good token costs one to Texas, as no verdict is kept. When Texas cannot check the token,
 * that request is answered 503. Texas decides which algorithms it accepts: older versions only RS256. Without
 * options, NAIS_TOKEN_INTROSPECTION_ENDPOINT has the address of Texas, and issuer and keys are read from the
 * variables that `createMaskinportenValidator` reads. Where the application cannot fetch keys, pass `jwks` or
 * `jwksUri`. A `fetch` that you pass is used for keys and for Texas.
 *
 * @throws {TypeError} for every unknown or bad option and variable, naming it
 * @example
 * app.use(requireMaskinportenScope('nav:x.read', { validator: createTexasValidator() }))
 * @see https://docs.nais.io/auth/reference/#texas
 */
export function createTexasValidator(options: TexasValidatorOptions = {}): MaskinportenValidator {
  const taken = takeOptions(options, OPTIONS, 'createTexasValidator')
  const { introspectionEndpoint: _, deadline = 5, ...own } = taken
  const config = readConfig(own)
  const texas = {
    endpoint: endpointOf(taken),
    deadline: numberBetween(deadline, 0.1, 30, 'deadline'),
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
