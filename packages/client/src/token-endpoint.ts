import {
  endpointIn,
  issuerIn,
  type NaisVariables,
  type ResolvedIssuer,
  resolveIssuer,
} from '@portvakt/core/internal'
import { MaskinportenClientError } from './client-error.js'
import { exchange, type Wire } from './exchange.js'

/** Where to send a grant, and whom to address it to. */
export interface TokenEndpoint {
  readonly issuer: string
  readonly tokenEndpoint: string
}

/** Finds the token endpoint, in metadata where it is not configured. The signal ends the reading of metadata. */
export type FindEndpoint = (signal: AbortSignal) => Promise<TokenEndpoint>

/** Whom to ask, by options. */
export interface EndpointOptions {
  /** One of Digdir's environments. */
  readonly environment?: 'prod' | 'test'
  /** Another issuer, exactly as it spells itself. */
  readonly issuer?: string
  /** Default: the issuer's metadata says. */
  readonly tokenEndpoint?: string
  /**
   * Allows `http:` for an issuer that is on `http:` itself, for a token endpoint on its host, and for Texas (docker
   * compose). Without it, only loopback may be `http:`. Default false. Refused with production, however production
   * is named. API calls are not affected.
   */
  readonly insecureHttp?: boolean
}

const TOKEN_ENDPOINT = {
  option: 'tokenEndpoint',
  variable: 'MASKINPORTEN_TOKEN_ENDPOINT',
  advice:
    'Set it (and MASKINPORTEN_TOKEN_ENDPOINT), or set MASKINPORTEN_WELL_KNOWN_URL; or pass `clientId`, `key` and ' +
    "`environment: 'prod'` or 'test' in code",
} as const

/** @throws {TypeError} naming the option */
export function explicitEndpoint(
  options: EndpointOptions,
  variables: NaisVariables,
  wire: Wire,
): FindEndpoint {
  if (options.environment === undefined && options.issuer === undefined)
    throw new TypeError("Say whom to ask: `environment: 'prod'` or 'test', or an `issuer`")
  const given = { ...options, endpoint: options.tokenEndpoint }
  return endpointOf(resolveIssuer(given, variables, TOKEN_ENDPOINT), wire)
}

/** @throws {TypeError} naming the variable */
export function variableEndpoint(
  { insecureHttp }: EndpointOptions,
  variables: NaisVariables,
  wire: Wire,
): FindEndpoint {
  return endpointOf(resolveIssuer({ insecureHttp }, variables, TOKEN_ENDPOINT), wire)
}

/**
 * Whether `http:` is allowed for Texas. Options do not name an issuer for it, but on NAIS the variables do.
 *
 * @throws {TypeError} when they name production's
 */
export function allowsHttp({ insecureHttp = false }: EndpointOptions, variables: NaisVariables): boolean {
  const isNamed = ['MASKINPORTEN_ISSUER', 'MASKINPORTEN_WELL_KNOWN_URL'].some(
    (name) => variables.read(name) !== undefined,
  )
  if (insecureHttp && isNamed) resolveIssuer({ insecureHttp }, variables, TOKEN_ENDPOINT)
  if (typeof insecureHttp === 'boolean') return insecureHttp
  throw new TypeError('`insecureHttp` must be true or false')
}

/** Metadata is read once, and not at all when the issuer and its token endpoint are configured. */
function endpointOf({ issuers, metadataUrl, endpoint }: ResolvedIssuer, wire: Wire): FindEndpoint {
  const [issuer, ...others] = issuers
  let known: TokenEndpoint | undefined
  if (endpoint !== undefined && others.length === 0) known = { issuer, tokenEndpoint: endpoint }
  return async (signal) => {
    known ??= await readEndpoint(issuers, metadataUrl, endpoint, wire, signal)
    return known
  }
}

/** @param configured the token endpoint, when only the issuer is to be read */
async function readEndpoint(
  issuers: readonly string[],
  metadataUrl: string,
  configured: string | undefined,
  wire: Wire,
  signal: AbortSignal,
): Promise<TokenEndpoint> {
  const init = { headers: { accept: 'application/json' } }
  const { status, body } = await exchange(metadataUrl, init, wire, signal)
  const issuer = issuerIn(body, issuers)
  const tokenEndpoint = configured ?? (issuer && endpointIn(body, issuer, 'token_endpoint'))
  if (status === 200 && issuer !== undefined && tokenEndpoint !== undefined) return { issuer, tokenEndpoint }
  const retryable = status === 429 || status >= 500
  throw new MaskinportenClientError(retryable ? 'unavailable' : 'unexpected_answer', {
    status,
    retryable,
    hint: metadataHint(status, retryable),
  })
}

function metadataHint(status: number, retryable: boolean): string {
  if (retryable) return 'the metadata cannot be read: the server that has it is overloaded or failing'
  if (status === 200)
    return 'the metadata does not name the configured issuer and a token endpoint of its own'
  return 'there is no metadata at the address: check the issuer, or MASKINPORTEN_WELL_KNOWN_URL'
}
