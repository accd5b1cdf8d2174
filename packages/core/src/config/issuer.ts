import { ISSUERS } from '../claims/issuers.js'
import type { NaisVariables } from '../platform/environment.js'
import { checkUrl } from '../platform/url-rule.js'

/**
 * The issuer whose tokens are accepted. Without these options, the variables that NAIS sets are read, or the files
 * that it mounts. Options and variables are never mixed.
 */
export interface IssuerOptions {
  /** One of Digdir's own environments. */
  readonly environment?: 'prod' | 'test'
  /** Another issuer, exactly as its tokens name it, trailing slash included. */
  readonly issuer?: string
  /** URL of the issuer's metadata. Default `<issuer>/.well-known/oauth-authorization-server`. */
  readonly metadataUrl?: string
  /** URL of the keys; metadata is then not read. */
  readonly jwksUri?: string
  /** The keys themselves, as a JWK set; nothing is then fetched, and only a restart changes them. */
  readonly jwks?: { readonly keys: readonly unknown[] }
  /**
   * Allows `http:` for an issuer that is on `http:` itself, and for keys and metadata on its host (docker compose).
   * Without it, only loopback may be `http:`. Default false. Refused with production, however production is named.
   */
  readonly insecureHttp?: boolean
}

/** The options about an issuer, as an application gave them. */
export interface GivenIssuer {
  readonly environment?: 'prod' | 'test' | undefined
  readonly issuer?: string | undefined
  readonly metadataUrl?: string | undefined
  /** The address of the endpoint that {@link EndpointNames} names. */
  readonly endpoint?: string | undefined
  readonly insecureHttp?: boolean | undefined
}

/** The endpoint that can be configured with an issuer: the validator's keys, or the client's token endpoint. */
export interface EndpointNames {
  readonly option: string
  readonly variable: string
  /** For the message when no option or variable names an issuer: what to configure. */
  readonly advice: string
}

/** An issuer and its addresses, checked. */
export interface ResolvedIssuer {
  /** The accepted issuers: one, or the same with and without slash until metadata says which is right. */
  readonly issuers: readonly [string, ...string[]]
  /** Configured, or derived from the issuer. */
  readonly metadataUrl: string
  /** Undefined when the metadata names it. */
  readonly endpoint: string | undefined
}

const PRODUCTION = new URL(ISSUERS.prod).hostname

const WELL_KNOWN = '.well-known/oauth-authorization-server'

/**
 * The issuer's URL, then the path of RFC 8414 §3 or the one of OpenID Connect Discovery, which general mocks use.
 * Digdir's own settings end with a slash.
 */
const WELL_KNOWN_URL = /^(.*)\/\.well-known\/(?:oauth-authorization-server|openid-configuration)\/?$/

/**
 * Finds the issuer, its metadata and one of its endpoints: from options if they name an issuer, else from the
 * variables that NAIS provides. Options and variables are never mixed.
 *
 * @throws {TypeError} naming the option or variable, and what it must be
 * @example
 * const names = { option: 'jwksUri', variable: 'MASKINPORTEN_JWKS_URI', advice: 'Set it' }
 * const { issuers } = resolveIssuer({ environment: 'test' }, naisVariables(), names)
 */
export function resolveIssuer(
  given: GivenIssuer,
  variables: NaisVariables,
  endpointNames: EndpointNames,
): ResolvedIssuer {
  const { insecureHttp = false } = given
  if (typeof insecureHttp !== 'boolean') throw new TypeError('`insecureHttp` must be true or false')
  const configured = fromOptions(given, endpointNames) ?? fromVariables(variables, endpointNames)
  const { issuers, metadataUrl, endpoint, names } = configured

  const home = checkUrl(issuers[0], names.issuer, insecureHttp)
  // Production is refused whether an environment, an issuer or a variable names it.
  if (insecureHttp && home.hostname === PRODUCTION)
    throw new TypeError("`insecureHttp` is refused with Maskinporten's production environment")
  // Tokens name the issuer with its slash, and are compared exactly: without it every token would be refused.
  const meant = Object.values(ISSUERS).find((known) => known === `${issuers[0]}/`)
  if (meant !== undefined)
    throw new TypeError(`${names.issuer} is "${issuers[0]}", without its slash: did you mean "${meant}"?`)
  if (metadataUrl !== undefined) checkUrl(metadataUrl, names.metadataUrl, insecureHttp, home)
  if (endpoint !== undefined) checkUrl(endpoint, names.endpoint, insecureHttp, home)
  const base = issuers[0].endsWith('/') ? issuers[0] : `${issuers[0]}/`
  return { issuers, metadataUrl: metadataUrl ?? base + WELL_KNOWN, endpoint }
}

/** What is configured, before it is checked. */
interface Configured extends Omit<ResolvedIssuer, 'metadataUrl'> {
  readonly metadataUrl: string | undefined
  /** The option or variable of each, for messages. */
  readonly names: { readonly issuer: string; readonly metadataUrl: string; readonly endpoint: string }
}

/** Undefined when no option names an issuer. */
function fromOptions(given: GivenIssuer, { option }: EndpointNames): Configured | undefined {
  const { environment, issuer, metadataUrl, endpoint } = given
  const names = { issuer: '`issuer`', metadataUrl: '`metadataUrl`', endpoint: `\`${option}\`` }
  if (environment !== undefined && !Object.hasOwn(ISSUERS, environment))
    throw new TypeError("`environment` must be 'prod' or 'test'")
  if (environment !== undefined && issuer !== undefined)
    throw new TypeError('Give `environment` or `issuer`, not both')
  const named = environment === undefined ? issuer : ISSUERS[environment]
  return named === undefined ? undefined : { issuers: [named], metadataUrl, endpoint, names }
}

/** @see https://docs.nais.io/auth/maskinporten/reference/#variables-for-manually-validating-tokens */
function fromVariables(variables: NaisVariables, { variable, advice }: EndpointNames): Configured {
  const [ISSUER, METADATA] = ['MASKINPORTEN_ISSUER', 'MASKINPORTEN_WELL_KNOWN_URL'] as const
  const issuer = variables.read(ISSUER)
  const metadataUrl = variables.read(METADATA)
  const endpoint = variables.read(variable)
  const names = { issuer: ISSUER, metadataUrl: METADATA, endpoint: variable }
  if (issuer !== undefined) return { issuers: [issuer], metadataUrl, endpoint, names }
  if (metadataUrl === undefined) throw new TypeError(`${variables.missing(ISSUER)}. ${advice}`)
  const [, base] = WELL_KNOWN_URL.exec(metadataUrl) ?? []
  if (base === undefined) {
    throw new TypeError(
      `${METADATA} must end with /${WELL_KNOWN} or /.well-known/openid-configuration when ${ISSUER} is not set`,
    )
  }
  // The metadata says whether the issuer has the slash (RFC 8414 §3.3).
  return { issuers: [`${base}/`, base], metadataUrl, endpoint, names: { ...names, issuer: METADATA } }
}
