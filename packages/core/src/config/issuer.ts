import { ISSUERS } from '../claims/issuers.js'
import type { NaisVariables } from '../platform/environment.js'
import { checkUrl } from '../platform/url-rule.js'

/**
 * The issuer whose tokens are accepted. Default: read from the environment variables or the mounted files of
 * NAIS.
 */
export interface IssuerOptions {
  /** One of Digdir's Maskinporten environments. */
  readonly environment?: 'prod' | 'test'
  /**
   * The issuer, given in place of `environment`. Write it exactly as in `iss` of its tokens, including any
   * trailing slash.
   */
  readonly issuer?: string
  /** URL of the issuer's metadata. Default `<issuer>/.well-known/oauth-authorization-server`. */
  readonly metadataUrl?: string
  /** URL of the keys. If `jwksUri` is set, metadata is not read. */
  readonly jwksUri?: string
  /** The keys themselves, as a JWK set. If set, nothing is fetched, and new keys need a restart. */
  readonly jwks?: { readonly keys: readonly unknown[] }
  /**
   * Allows `http:` for the issuer, and for keys and metadata on the issuer's origin, for example in docker
   * compose. If false, `http:` is allowed only on loopback. Default false. Must be false for Maskinporten's
   * production environment.
   */
  readonly insecureHttp?: boolean
}

export interface GivenIssuer {
  readonly environment?: 'prod' | 'test' | undefined
  readonly issuer?: string | undefined
  readonly metadataUrl?: string | undefined
  /** The address of the endpoint that {@link EndpointNames} describes. */
  readonly endpoint?: string | undefined
  readonly insecureHttp?: boolean | undefined
}

/** How error messages name an endpoint: the validator's key endpoint, or the client's token endpoint. */
export interface EndpointNames {
  readonly option: string
  readonly variable: string
  /** What the operator must configure, for the error about a missing issuer. */
  readonly advice: string
}

export interface ResolvedIssuer {
  /** One issuer, or two that differ only in the trailing slash. The metadata decides between two issuers. */
  readonly issuers: readonly [string, ...string[]]
  readonly metadataUrl: string
  /** The configured address; undefined if the address must be read from the metadata. */
  readonly endpoint: string | undefined
}

/** The hosts of Digdir's environments, none of which has the keys of another. */
const DIGDIR = Object.values(ISSUERS).map((issuer) => new URL(issuer).hostname)

const WELL_KNOWN = '.well-known/oauth-authorization-server'

/**
 * A metadata URL of RFC 8414 §3, or of OpenID Connect Discovery, which general mocks of OAuth servers use. A
 * trailing slash is accepted, because Digdir documents these URLs with one.
 */
const WELL_KNOWN_URL = /^(.*)\/\.well-known\/(?:oauth-authorization-server|openid-configuration)\/?$/

/**
 * Reads the issuer and its addresses from the options, or from the variables of NAIS if the options do not
 * name an issuer. Never mixes options and variables.
 *
 * @throws {TypeError} naming the bad option or variable, and what it must be
 */
export function resolveIssuer(
  options: GivenIssuer,
  variables: NaisVariables,
  endpointNames: EndpointNames,
): ResolvedIssuer {
  // Copied without a prototype, so that a polluted `Object.prototype` cannot choose the issuer.
  const given: GivenIssuer = Object.assign(Object.create(null), options)
  const { insecureHttp = false } = given
  if (typeof insecureHttp !== 'boolean') throw new TypeError('`insecureHttp` must be true or false')
  const configured = fromOptions(given, endpointNames) ?? fromVariables(variables, endpointNames)
  const { issuers, metadataUrl, endpoint, names } = configured

  const home = checkUrl(issuers[0], names.issuer, insecureHttp)
  // Compares the host and not `environment`, because `issuer` or a variable can also name production.
  if (insecureHttp && home.hostname === new URL(ISSUERS.prod).hostname)
    throw new TypeError("`insecureHttp` is refused with Maskinporten's production environment")
  if (WELL_KNOWN_URL.test(issuers[0]))
    throw new TypeError(
      `${names.issuer} is the address of the metadata: give it as ${names.metadataUrl}, and the issuer here`,
    )
  // Issuers are compared exactly: if the configured issuer lacks its slash, every token is refused.
  const meant = Object.values(ISSUERS).find((known) => known === `${issuers[0]}/`)
  if (meant !== undefined)
    throw new TypeError(`${names.issuer} is "${issuers[0]}", without its slash: did you mean "${meant}"?`)
  for (const [url, name] of [
    [metadataUrl, names.metadataUrl],
    [endpoint, names.endpoint],
  ] as const) {
    if (url === undefined) continue
    const { hostname } = checkUrl(url, name, insecureHttp, home)
    if (hostname !== home.hostname && DIGDIR.includes(hostname) && DIGDIR.includes(home.hostname))
      throw new TypeError(`${name} is on ${hostname}, but ${names.issuer} is on ${home.hostname}`)
  }
  const base = issuers[0].endsWith('/') ? issuers[0] : `${issuers[0]}/`
  return { issuers, metadataUrl: metadataUrl ?? base + WELL_KNOWN, endpoint }
}

interface Configured extends Omit<ResolvedIssuer, 'metadataUrl'> {
  readonly metadataUrl: string | undefined
  /** The names of the options or variables that were read, for error messages. */
  readonly names: { readonly issuer: string; readonly metadataUrl: string; readonly endpoint: string }
}

/** Returns undefined if no option names an issuer. */
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
  checkUrl(metadataUrl, METADATA, true)
  const base = WELL_KNOWN_URL.exec(metadataUrl)?.[1]
  if (base === undefined) {
    throw new TypeError(
      `${METADATA} must end with /${WELL_KNOWN} or /.well-known/openid-configuration when ${ISSUER} is not set`,
    )
  }
  // The metadata decides whether the issuer ends with a slash (RFC 8414 §3.3).
  return { issuers: [`${base}/`, base], metadataUrl, endpoint, names: { ...names, issuer: METADATA } }
}
