import { IntrospectedTokens } from './introspected-tokens.js'
import { type IssuerOptions, issuerOf } from './issuer.js'
import { naisVariables } from './nais-variables.js'
import { functionOrAbsent, numberBetween, takeOptions } from './options.js'
import { POLICY_OPTIONS, type PolicyOptions, readPolicy } from './policy.js'
import { checkUrl } from './url-rule.js'
import { type MaskinportenValidator, validatorWith } from './validator.js'
import { withKnownIssuer } from './with-known-issuer.js'

/** How a validator that asks Texas decides. Every member has a default; read once, at construction. */
export interface TexasValidatorOptions
  extends PolicyOptions,
    Pick<IssuerOptions, 'environment' | 'issuer' | 'insecureHttp'> {
  /** Where Texas introspects. Default NAIS_TOKEN_INTROSPECTION_ENDPOINT. */
  readonly introspectionEndpoint?: string
  /**
   * For a whole exchange with Texas, in seconds, 0.1–30. Default 5. `ready()` and `health()` probe Texas when the
   * latest probe is older than this.
   */
  readonly deadline?: number
}

const OPTIONS = [
  ...POLICY_OPTIONS,
  'environment',
  'issuer',
  'insecureHttp',
  'introspectionEndpoint',
  'deadline',
] as const satisfies readonly (keyof TexasValidatorOptions)[]

/**
 * Makes a validator that asks Texas, NAIS's sidecar, about every token, instead of verifying signatures itself.
 * It goes wherever a validator does (`{ validator }`) and judges the same: issuer, times, scope and everything
 * else a route requires are checked here, as Texas checks only some of them.
 *
 * Every request costs one to Texas; nothing is kept. When Texas cannot introspect a token, that request is
 * answered 503. Texas decides which algorithms it accepts: older versions only RS256. Without options, the
 * variable NAIS_TOKEN_INTROSPECTION_ENDPOINT has its address, and MASKINPORTEN_ISSUER the accepted issuer. With
 * MASKINPORTEN_WELL_KNOWN_URL alone, metadata names the issuer, and answers are 503 until it is known.
 *
 * @throws {TypeError} for every unknown or bad option and variable, naming it
 * @example
 * app.use(requireMaskinportenScope('nav:x.read', { validator: createTexasValidator() }))
 * @see https://docs.nais.io/auth/reference/#texas
 */
export function createTexasValidator(options: TexasValidatorOptions = {}): MaskinportenValidator {
  const taken = takeOptions(options, OPTIONS, 'createTexasValidator')
  const fetch = functionOrAbsent(taken.fetch, 'fetch')
  const issuer = issuerOf(taken, fetch)
  const policy = readPolicy(taken, issuer)
  const { deadline = 5 } = taken
  const texas = {
    endpoint: endpointOf(taken),
    deadline: numberBetween(deadline, 0.1, 30, 'deadline'),
    fetch,
  }
  const reader = new IntrospectedTokens(policy, texas)
  const rules = { clock: policy.clock, deadline: texas.deadline, random: Math.random }
  return validatorWith(policy, withKnownIssuer(reader, issuer, rules))
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
