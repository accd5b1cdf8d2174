import { ALGORITHMS, type SignatureAlgorithm } from '../jws/compact-jws.js'
import { hasUsableKey } from '../keys/jwk-import.js'
import { type KeyOptions, readKeyOptions } from '../keys/key-options.js'
import { fetchedKeys, type KeySource, staticKeys } from '../keys/key-source.js'
import { type Clock, systemClock } from '../platform/clock.js'
import { type NaisVariables, naisVariables } from '../platform/environment.js'
import type { Fetch } from '../platform/fetch-json.js'
import { functionOrAbsent, stringList, takeJson, takeOptions } from '../platform/options.js'
import { readTokenCacheLimits, type TokenCacheLimits } from '../verifiers/token-cache-limits.js'
import { type IssuerOptions, resolveIssuer } from './issuer.js'
import { type Policy, type PolicyOptions, readClock, readPolicy } from './policy.js'

/** The options of a validator, read once, at construction. Every member has a safe default. */
export interface MaskinportenValidatorOptions extends IssuerOptions, PolicyOptions {
  /** Accepted signature algorithms. Default RS256, RS384 and RS512, the three that Digdir documents. */
  readonly algorithms?: readonly SignatureAlgorithm[]
  /** How long keys are used, and limits for fetching them, in seconds. Each member has its own default. */
  readonly keys?: Partial<KeyOptions>
  /**
   * Limits of the cache of verified tokens. Each use of a cached token checks key, time, issuer and
   * requirement again, but not the signature. `false` disables the cache.
   */
  readonly tokenCache?: false | Partial<TokenCacheLimits>
  /** Returns a number from 0 to 1, for jitter. Default `Math.random`, as nothing secret depends on it. */
  readonly random?: () => number
}

interface Config extends Policy {
  readonly source: KeySource
  readonly algorithms: readonly SignatureAlgorithm[]
  readonly keyOptions: KeyOptions
  readonly tokenCache: TokenCacheLimits | undefined
  readonly random: () => number
}

/**
 * The names of a validator's options, for an adapter that accepts them together with its own options.
 * @example
 * interface HostOptions extends MaskinportenValidatorOptions {
 *   readonly publicRoutes?: readonly string[]
 * }
 * const given: HostOptions = { environment: 'test', publicRoutes: ['/health'] }
 * const { publicRoutes, ...own } = takeOptions(given, [...VALIDATOR_OPTIONS, 'publicRoutes'], 'MyHost')
 */
export const VALIDATOR_OPTIONS = Object.freeze([
  'environment',
  'issuer',
  'metadataUrl',
  'jwksUri',
  'jwks',
  'insecureHttp',
  'audience',
  'clockTolerance',
  'maxTokenLifetime',
  'maxTokenLength',
  'realm',
  'denialBody',
  'onDecision',
  'fetch',
  'clock',
  'algorithms',
  'keys',
  'tokenCache',
  'random',
] as const) satisfies readonly (keyof MaskinportenValidatorOptions)[]

/** @throws {TypeError} naming the bad option or variable, and what it must be */
export function readConfig(options: MaskinportenValidatorOptions): Config {
  const taken = takeOptions(options, VALIDATOR_OPTIONS, 'createMaskinportenValidator')
  const { clock = systemClock, algorithms = ALGORITHMS, keys = {}, random = Math.random } = taken
  const { tokenCache = {} } = taken
  const accepted = stringList(algorithms, isAlgorithm, ALGORITHM_FORM, 'algorithms')
  const source = keySourceFor(taken, accepted, readClock(clock), functionOrAbsent(taken.fetch, 'fetch'))
  return Object.freeze({
    ...readPolicy(taken, source),
    source,
    algorithms: accepted,
    keyOptions: readKeyOptions(keys),
    tokenCache: tokenCache === false ? undefined : readTokenCacheLimits(tokenCache),
    random: functionOrAbsent(random, 'random'),
  })
}

const JWKS_URI = {
  option: 'jwksUri',
  variable: 'MASKINPORTEN_JWKS_URI',
  advice:
    'The validator needs the issuer to know which tokens to accept. On NAIS, add ' +
    '`spec.maskinporten.enabled: true` to nais.yaml; elsewhere set MASKINPORTEN_ISSUER (and ' +
    'MASKINPORTEN_JWKS_URI), or MASKINPORTEN_WELL_KNOWN_URL, or pass ' +
    "`environment: 'prod'` or `environment: 'test'` in code. To try the application with a mock, start it with " +
    '`npx --no-install portvakt run …`',
} as const

/** @throws {TypeError} naming the bad option or variable, and what to set */
export function keySourceFor(
  options: IssuerOptions,
  algorithms: readonly SignatureAlgorithm[],
  clock: Clock,
  fetch: Fetch | undefined,
  variables: NaisVariables = naisVariables(),
): KeySource {
  const { environment, issuer, metadataUrl, jwksUri, jwks } = options
  const hasAddress = metadataUrl !== undefined || jwksUri !== undefined || jwks !== undefined
  if (hasAddress && environment === undefined && issuer === undefined)
    throw new TypeError('`metadataUrl`, `jwksUri` and `jwks` also need an `issuer` or an `environment`')
  const resolved = resolveIssuer({ ...options, endpoint: jwksUri }, variables, JWKS_URI)
  if (jwks === undefined) return fetchedKeys(resolved, clock, fetch)
  const keys = takeJson(jwks, 'jwks')
  if (hasUsableKey(keys, algorithms)) return staticKeys(resolved.issuers[0], keys)
  throw new TypeError(
    '`jwks` must be a JWK set with at least one public RSA key (kid, n, e; 2048 bits or more)',
  )
}

const ALGORITHM_FORM =
  `one or more of ${ALGORITHMS.join(', ')}, with which Maskinporten signs; leave it out to accept all three. ` +
  'HS256 and other algorithms are never accepted'

function isAlgorithm(value: unknown): value is SignatureAlgorithm {
  return ALGORITHMS.some((algorithm) => algorithm === value)
}
