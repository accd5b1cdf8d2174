import { endpointIn, ISSUERS, issuerIn, type NaisVariables, resolveIssuer } from '@portvakt/core/internal'
import { MaskinportenClientError } from './client-error.js'
import type { EndpointOptions } from './endpoint-options.js'
import { exchange, type Wire } from './exchange.js'

export interface TokenEndpoint {
  /** The `aud` of the assertion. */
  readonly issuer: string
  readonly tokenEndpoint: string
}

/** Returns the issuer and its token endpoint. The signal aborts the reading of metadata. */
export type FindEndpoint = (signal: AbortSignal) => Promise<TokenEndpoint>

const TOKEN_ENDPOINT = {
  option: 'tokenEndpoint',
  variable: 'MASKINPORTEN_TOKEN_ENDPOINT',
  advice:
    'Set it (and MASKINPORTEN_TOKEN_ENDPOINT), or set MASKINPORTEN_WELL_KNOWN_URL; or pass `clientId`, `key` and ' +
    "`environment: 'prod'` or 'test' in code",
} as const

/**
 * Returns a function that finds the issuer and its token endpoint in the options, or else in the variables.
 * Metadata is read once, or not at all if issuer and endpoint are both configured.
 *
 * @throws {TypeError} naming the option or variable
 */
export function tokenEndpointFinder(
  options: EndpointOptions,
  variables: NaisVariables,
  wire: Wire,
): FindEndpoint {
  const given = { ...options, endpoint: options.tokenEndpoint }
  const { issuers, metadataUrl, endpoint } = resolveIssuer(given, variables, TOKEN_ENDPOINT)
  const [issuer, ...others] = issuers
  let known: TokenEndpoint | undefined
  if (endpoint !== undefined && others.length === 0) known = { issuer, tokenEndpoint: endpoint }
  return async (signal) => {
    known ??= await readEndpoint(issuers, metadataUrl, endpoint, wire, signal)
    return known
  }
}

/** The variables that name an issuer. */
const ISSUER_VARIABLES = ['MASKINPORTEN_ISSUER', 'MASKINPORTEN_WELL_KNOWN_URL'] as const

/**
 * Returns the issuer that the options or the variables name, or the URL of its metadata. Returns undefined if
 * they name neither, which is possible with Texas.
 */
export function namedIssuer(
  { environment, issuer }: EndpointOptions,
  variables: NaisVariables,
): string | undefined {
  if (environment !== undefined) return ISSUERS[environment]
  return issuer ?? issuerByVariables(variables)
}

function issuerByVariables(variables: NaisVariables): string | undefined {
  return ISSUER_VARIABLES.map((name) => variables.read(name)).find((value) => value !== undefined)
}

/**
 * Whether `http:` is allowed for Texas. Ignores the options `environment` and `issuer`: with Texas, only
 * NAIS's variables determine the issuer.
 *
 * @throws {TypeError} if `insecureHttp` is not a boolean, or is true and the variables name the production
 * issuer
 */
export function allowsHttp({ insecureHttp = false }: EndpointOptions, variables: NaisVariables): boolean {
  const isNamed = issuerByVariables(variables) !== undefined
  if (insecureHttp && isNamed) resolveIssuer({ insecureHttp }, variables, TOKEN_ENDPOINT)
  if (typeof insecureHttp === 'boolean') return insecureHttp
  throw new TypeError('`insecureHttp` must be true or false')
}

/** @param configured the token endpoint, if only the issuer is to be read from metadata */
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
  if (status === 429 || status >= 500) {
    const cause = 'the server of the metadata is overloaded or failing'
    const hint = { cause, fix: 'try again later' }
    throw new MaskinportenClientError('unavailable', { status, retryable: true, hint })
  }
  const cause =
    status === 200
      ? 'the metadata does not name the configured issuer and a token endpoint on its host'
      : 'there is no metadata at the address'
  const hint = { cause, fix: 'check the issuer, or MASKINPORTEN_WELL_KNOWN_URL' }
  throw new MaskinportenClientError('unexpected_answer', { status, hint })
}
