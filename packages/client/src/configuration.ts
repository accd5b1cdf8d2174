import { type Clock, systemClock } from '@portvakt/core'
import {
  checkUrl,
  functionOrAbsent,
  type NaisVariables,
  naisVariables,
  numberBetween,
  readClock,
  takeOptions,
  wholeNumberBetween,
} from '@portvakt/core/internal'
import { resolveAltinnPlatform } from './altinn-platform.js'
import type { TokenSource } from './attempt.js'
import type { EndpointOptions } from './endpoint-options.js'
import type { Fetch, Wire } from './exchange.js'
import { maskinportenSource } from './maskinporten-source.js'
import { type ClientKey, createSigner } from './signing-key.js'
import { texasSource } from './texas-source.js'
import { allowsHttp, namedIssuer, tokenEndpointFinder } from './token-endpoint.js'
import { checkScopes } from './token-request.js'

/**
 * The client's identity, and where it gets tokens. Without `clientId`, `key` and `texas`, the configuration
 * comes from NAIS's variables; a missing variable is read from NAIS's mounted files. The client's id, key and
 * issuer come all from options or all from variables.
 */
export interface MaskinportenClientOptions extends EndpointOptions {
  readonly clientId?: string
  /** The client's private key, or a function that signs with it. */
  readonly key?: ClientKey
  /**
   * The scopes registered on the client. A request for any other scope fails at once. Default: the scopes in
   * MASKINPORTEN_SCOPES if variables configure the client. If options configure the client, scopes are not
   * checked by default.
   */
  readonly scopes?: readonly string[]
  /** Makes the client get its tokens from Texas, at this token endpoint. `true` means NAIS_TOKEN_ENDPOINT. */
  readonly texas?: true | string
  /**
   * The address of Altinn's platform, for token requests with `altinn: true`; for example
   * `https://platform.at23.altinn.cloud`. Default: `https://platform.altinn.no` with Maskinporten's
   * production, and `https://platform.tt02.altinn.no` with its test environment. For any other issuer, such
   * as a mock, the default is the issuer's own address. With Texas, the default depends on the issuer that
   * the variables name. If the variables name no issuer, there is no default.
   */
  readonly altinnPlatform?: string
  /** The directory in which NAIS mounts its files. Default `/var/run/secrets/nais.io/maskinporten`. */
  readonly secretsDirectory?: string
  /**
   * Maximum seconds for one attempt: reading metadata, signing, the token request and Altinn's exchange.
   * 0.001–600; default 5.
   */
  readonly attemptTimeout?: number
  /** Maximum seconds for all attempts and the pauses between them. 0.001–600; default 15. */
  readonly totalTimeout?: number
  /** Maximum number of cached tokens, 1–1,000,000. Default 1000. */
  readonly maxTokens?: number
  /**
   * Replaces the global `fetch`, for example to use a proxy. `attemptTimeout` bounds token requests even if
   * this function ignores its signal. API calls are bounded only by the caller's signal. Only the name and
   * system code of an error from this function are kept.
   */
  readonly fetch?: Fetch
  /** The source of time and timers, for tests. Default: the system's clocks and timers. */
  readonly clock?: Clock
  /** Random numbers from 0 to 1, for jitter. Default `Math.random`. */
  readonly random?: () => number
}

const OPTIONS = [
  'environment',
  'issuer',
  'tokenEndpoint',
  'insecureHttp',
  'clientId',
  'key',
  'scopes',
  'texas',
  'altinnPlatform',
  'secretsDirectory',
  'attemptTimeout',
  'totalTimeout',
  'maxTokens',
  'fetch',
  'clock',
  'random',
] as const satisfies readonly (keyof MaskinportenClientOptions)[]

/** A checked configuration. Times are in milliseconds; without `scopes`, scopes are not checked. */
export type Configuration = ReturnType<typeof readConfiguration>

/**
 * @throws {TypeError} naming the option or variable, and what it must be. The message never contains a key.
 */
export function readConfiguration(given: MaskinportenClientOptions) {
  const options = takeOptions(given, OPTIONS, 'createMaskinportenClient')
  const { clock = systemClock, random = Math.random } = options
  const { attemptTimeout = 5, totalTimeout = 15, maxTokens = 1000 } = options
  const limits = {
    attemptTimeout: numberBetween(attemptTimeout, 0.001, 600, 'attemptTimeout', ' seconds') * 1000,
    totalTimeout: numberBetween(totalTimeout, 0.001, 600, 'totalTimeout', ' seconds') * 1000,
    maxTokens: wholeNumberBetween(maxTokens, 1, 1e6, 'maxTokens'),
    random: functionOrAbsent(random, 'random'),
  }
  const wire = { fetch: functionOrAbsent(options.fetch, 'fetch'), clock: readClock(clock) }
  const variables = naisVariables(checkText(options.secretsDirectory, 'secretsDirectory'))
  const { source, scopes } = resolveSource(options, variables, wire)
  const { altinnPlatform: platform, insecureHttp = false } = options
  const altinnPlatform = resolveAltinnPlatform(platform, namedIssuer(options, variables), insecureHttp)
  return { source, scopes: scopes && new Set(scopes), altinnPlatform, wire, ...limits }
}

interface ResolvedSource {
  readonly source: TokenSource
  readonly scopes: readonly string[] | undefined
}

function checkText(value: unknown, name: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  throw new TypeError(`\`${name}\` must be text`)
}

function resolveSource(
  options: MaskinportenClientOptions,
  variables: NaisVariables,
  wire: Wire,
): ResolvedSource {
  const { key, texas } = options
  const clientId = checkText(options.clientId, 'clientId')
  const registered: unknown = options.scopes
  if (registered !== undefined && !Array.isArray(registered))
    throw new TypeError('`scopes` must be a list of at least one scope')
  const scopes = registered && checkScopes(registered, 'scopes')
  const misplaced = key === undefined && WITH_A_KEY.find((name) => options[name] !== undefined)
  if (misplaced)
    throw new TypeError(`\`${misplaced}\` needs \`clientId\` and \`key\`: give them too, or leave it out`)
  if (texas !== undefined) {
    if (clientId !== undefined || key !== undefined)
      throw new TypeError('Give `texas`, or `clientId` and `key`, not both')
    return { source: fromTexas(texas, options, variables, wire), scopes }
  }
  if (clientId !== undefined || key !== undefined) {
    if (!clientId || key === undefined)
      throw new TypeError(`\`clientId\` and \`key\` belong together: give both, and ${ISSUER_OPTIONS}`)
    const sign = createSigner(key)
    if (options.environment === undefined && options.issuer === undefined)
      throw new TypeError("Give `environment: 'prod'` or 'test', or an `issuer`")
    const findEndpoint = tokenEndpointFinder(options, variables, wire)
    return { source: maskinportenSource(clientId, sign, findEndpoint, wire), scopes }
  }
  return fromVariables(options, variables, wire, scopes)
}

/** Options that need `clientId` and `key`. Without those two, Texas or the variables determine the issuer. */
const WITH_A_KEY = ['environment', 'issuer', 'tokenEndpoint'] as const

function fromTexas(texas: true | string, options: EndpointOptions, variables: NaisVariables, wire: Wire) {
  const insecureHttp = allowsHttp(options, variables)
  if (texas !== true) return texasSource(checkUrl(texas, '`texas`', insecureHttp).href, wire)
  const endpoint = variables.read(TEXAS)
  if (endpoint !== undefined) return texasSource(checkUrl(endpoint, TEXAS, insecureHttp).href, wire)
  throw new TypeError(
    `${variables.missing(TEXAS)}. NAIS runs Texas by default; elsewhere, give its endpoint as \`texas\``,
  )
}

const TEXAS = 'NAIS_TOKEN_ENDPOINT'

const ISSUER_OPTIONS = "`environment: 'test'` or 'prod' (or an `issuer`)"
const WITHOUT_VARIABLES =
  'On NAIS, list the scopes under spec.maskinporten.scopes.consumes in nais.yaml. Elsewhere, set ' +
  'MASKINPORTEN_CLIENT_ID, MASKINPORTEN_CLIENT_JWK and MASKINPORTEN_WELL_KNOWN_URL (or MASKINPORTEN_ISSUER), or ' +
  `pass \`clientId\`, \`key\` and ${ISSUER_OPTIONS}`

function fromVariables(
  options: EndpointOptions,
  variables: NaisVariables,
  wire: Wire,
  given: readonly string[] | undefined,
): ResolvedSource {
  const clientId = variables.read('MASKINPORTEN_CLIENT_ID')
  const jwk = variables.read('MASKINPORTEN_CLIENT_JWK')
  const scopes = given ?? variables.read('MASKINPORTEN_SCOPES')?.split(/\s+/)
  if (clientId === undefined || jwk === undefined) {
    if (clientId === undefined && jwk === undefined && variables.read(TEXAS) !== undefined)
      return { source: fromTexas(true, options, variables, wire), scopes }
    const missing = variables.missing(`MASKINPORTEN_CLIENT_${clientId === undefined ? 'ID' : 'JWK'}`)
    throw new TypeError(`${missing}. ${WITHOUT_VARIABLES}`)
  }
  const sign = createSigner({ jwk }, 'MASKINPORTEN_CLIENT_JWK')
  const findEndpoint = tokenEndpointFinder(options, variables, wire)
  return { source: maskinportenSource(clientId, sign, findEndpoint, wire), scopes }
}
