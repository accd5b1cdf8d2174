import { type Clock, systemClock } from '@portvakt/core'
import { checkUrl, type NaisVariables, naisVariables, takeList, takeOptions } from '@portvakt/core/internal'
import type { Fetch, Wire } from './exchange.js'
import { checkScopes } from './grant.js'
import { maskinportenSource } from './maskinporten-source.js'
import { type ClientKey, createSigner } from './signing-key.js'
import { texasSource } from './texas-source.js'
import { allowsHttp, type EndpointOptions, explicitEndpoint, variableEndpoint } from './token-endpoint.js'
import type { TokenSource } from './token-source.js'

/**
 * Who the client is and whom it asks. Without `clientId`, `key` and `texas`, the variables that NAIS sets are
 * read, then the files that it mounts; the two kinds of configuration are never mixed.
 */
export interface MaskinportenClientOptions extends EndpointOptions {
  readonly clientId?: string
  /** The client's private key, or what signs with it. */
  readonly key?: ClientKey
  /** The scopes registered on the client: any other fails at once. Default MASKINPORTEN_SCOPES with the variables, else not checked. */
  readonly scopes?: readonly string[]
  /** Gets tokens from Texas instead: its token endpoint, or `true` for NAIS_TOKEN_ENDPOINT. */
  readonly texas?: true | string
  /** Where NAIS mounts its files. Default `/var/run/secrets/nais.io/maskinporten`. */
  readonly secretsDirectory?: string
  /** Seconds for one attempt: metadata, signature and token request together. More than 0; default 5. */
  readonly attemptTimeout?: number
  /** Seconds for all attempts and the pauses between them; the last attempt ends with it. More than 0; default 15. */
  readonly totalTimeout?: number
  /** How many tokens are kept. Default 1000. */
  readonly maxTokens?: number
  /**
   * Used instead of the global `fetch`, for example with a proxy. Token requests are bounded by `attemptTimeout`,
   * even if it ignores its signal; calls of an API by the signal that the caller gives them. Of an error that it
   * throws, only name and system code are kept.
   */
  readonly fetch?: Fetch
  /** Time, for tests. Default the system's. Its timers end what hangs. */
  readonly clock?: Clock
  /** From 0 to 1, for jitter. Default `Math.random`. */
  readonly random?: () => number
}

/** A configuration that was checked as a whole. */
export interface Configuration {
  readonly source: TokenSource
  /** Undefined: not checked. */
  readonly scopes: ReadonlySet<string> | undefined
  readonly wire: Wire
  /** Milliseconds. */
  readonly attemptTimeout: number
  readonly totalTimeout: number
  readonly maxTokens: number
  readonly random: () => number
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
  'secretsDirectory',
  'attemptTimeout',
  'totalTimeout',
  'maxTokens',
  'fetch',
  'clock',
  'random',
] as const satisfies readonly (keyof MaskinportenClientOptions)[]

/** @throws {TypeError} naming the option or variable, and what it must be; never a key */
export function readConfiguration(given: MaskinportenClientOptions): Configuration {
  const options = takeOptions(given, OPTIONS, 'createMaskinportenClient')
  const {
    clock = systemClock,
    random = Math.random,
    attemptTimeout = 5,
    totalTimeout = 15,
    maxTokens = 1000,
  } = options
  for (const [name, value] of Object.entries({ attemptTimeout, totalTimeout, maxTokens })) {
    if (!(typeof value === 'number' && value > 0 && value <= 1e6))
      throw new TypeError(`\`${name}\` must be a positive number`)
  }
  for (const [name, value] of Object.entries({ fetch: options.fetch, random })) {
    if (value !== undefined && typeof value !== 'function')
      throw new TypeError(`\`${name}\` must be a function`)
  }
  for (const method of ['now', 'elapsed', 'after'] as const) {
    if (typeof clock?.[method] !== 'function')
      throw new TypeError('`clock` must have the functions now, elapsed and after')
  }
  // Looked up at each call, so that a `fetch` that was replaced or instrumented later is the one used.
  const fetch: Fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
  const isOwnFetch = options.fetch !== undefined
  const wire = { fetch, isOwnFetch, clock }
  const { source, scopes } = whoAndWhom(options, wire)
  return {
    source,
    scopes: scopes && new Set(scopes),
    wire,
    attemptTimeout: attemptTimeout * 1000,
    totalTimeout: totalTimeout * 1000,
    maxTokens,
    random,
  }
}

interface WhoAndWhom {
  readonly source: TokenSource
  readonly scopes: readonly string[] | undefined
}

function whoAndWhom(options: MaskinportenClientOptions, wire: Wire): WhoAndWhom {
  const { clientId, key, texas, secretsDirectory } = options
  for (const [name, value] of Object.entries({ clientId, secretsDirectory })) {
    if (value !== undefined && typeof value !== 'string') throw new TypeError(`\`${name}\` must be text`)
  }
  const scopes = options.scopes === undefined ? undefined : registeredScopes(options.scopes)
  const variables = naisVariables(secretsDirectory)
  const stray = key === undefined && WITH_A_KEY.find((name) => options[name] !== undefined)
  if (stray)
    throw new TypeError(`\`${stray}\` goes with \`clientId\` and \`key\`: give them too, or leave it out`)
  if (texas !== undefined) {
    if (clientId !== undefined || key !== undefined)
      throw new TypeError('Give `texas`, or `clientId` and `key`, not both')
    return { source: fromTexas(texas, options, variables, wire), scopes }
  }
  if (clientId !== undefined || key !== undefined) {
    if (!clientId || key === undefined)
      throw new TypeError(`\`clientId\` and \`key\` belong together: give both, and ${WHOM_TO_ASK}`)
    const sign = createSigner(key)
    const findEndpoint = explicitEndpoint(options, variables, wire)
    return { source: maskinportenSource(clientId, sign, findEndpoint, wire), scopes }
  }
  return fromVariables(options, variables, wire, scopes)
}

/** What belongs to a key of one's own: beside Texas or variables it would say one thing and mean another. */
const WITH_A_KEY = ['environment', 'issuer', 'tokenEndpoint'] as const

/** An empty list would let nothing through: whoever has no scopes needs no client. */
function registeredScopes(scopes: unknown): readonly string[] {
  const list = Array.isArray(scopes) ? takeList(scopes, 'scopes') : []
  if (list.length === 0) throw new TypeError('`scopes` must be a list of at least one scope')
  return checkScopes(list, 'scopes')
}

function fromTexas(
  texas: true | string,
  options: EndpointOptions,
  variables: NaisVariables,
  wire: Wire,
): TokenSource {
  const insecureHttp = allowsHttp(options, variables)
  if (texas !== true) return texasSource(checkUrl(texas, '`texas`', insecureHttp).href, wire)
  const endpoint = variables.read(TEXAS)
  if (endpoint !== undefined) return texasSource(checkUrl(endpoint, TEXAS, insecureHttp).href, wire)
  throw new TypeError(
    `${variables.missing(TEXAS)}. On NAIS, Texas is there by default; elsewhere give its endpoint as \`texas\``,
  )
}

const TEXAS = 'NAIS_TOKEN_ENDPOINT'

const WHOM_TO_ASK = "`environment: 'test'` or 'prod' (or an `issuer`)"
const WITHOUT_VARIABLES =
  'On NAIS, list the scopes under spec.maskinporten.scopes.consumes in nais.yaml. Elsewhere, set ' +
  'MASKINPORTEN_CLIENT_ID, MASKINPORTEN_CLIENT_JWK and MASKINPORTEN_WELL_KNOWN_URL (or MASKINPORTEN_ISSUER), or ' +
  `pass \`clientId\`, \`key\` and ${WHOM_TO_ASK}`

function fromVariables(
  options: EndpointOptions,
  variables: NaisVariables,
  wire: Wire,
  given: readonly string[] | undefined,
): WhoAndWhom {
  const clientId = variables.read('MASKINPORTEN_CLIENT_ID')
  const jwk = variables.read('MASKINPORTEN_CLIENT_JWK')
  const scopes = given ?? variables.read('MASKINPORTEN_SCOPES')?.split(/\s+/).filter(Boolean)
  if (clientId === undefined || jwk === undefined) {
    if (clientId === undefined && jwk === undefined && variables.read(TEXAS) !== undefined)
      return { source: fromTexas(true, options, variables, wire), scopes }
    const missing = variables.missing(`MASKINPORTEN_CLIENT_${clientId === undefined ? 'ID' : 'JWK'}`)
    throw new TypeError(`${missing}. ${WITHOUT_VARIABLES}`)
  }
  const findEndpoint = variableEndpoint(options, variables, wire)
  return { source: maskinportenSource(clientId, createSigner({ jwk }), findEndpoint, wire), scopes }
}
