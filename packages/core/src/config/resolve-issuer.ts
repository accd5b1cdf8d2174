import type { NaisVariables } from '../platform/environment.js'
import { checkUrl } from '../platform/url-rule.js'

/** What options say of the issuer, as an application gave it. */
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
  /** For the message when nothing names an issuer: what to configure. */
  readonly advice: string
}

/** An issuer whose form was checked, with its addresses. */
export interface ResolvedIssuer {
  /** The accepted spellings; two when only metadata can say which of them is right. */
  readonly issuers: readonly [string, ...string[]]
  /** Configured, or derived from the issuer. */
  readonly metadataUrl: string
  /** Undefined when the metadata has to say. */
  readonly endpoint: string | undefined
}

/** Digdir's environments, by the issuer that their tokens name. */
const ISSUERS = { prod: 'https://maskinporten.no/', test: 'https://test.maskinporten.no/' } as const

const PRODUCTION = new URL(ISSUERS.prod).hostname

const WELL_KNOWN = '.well-known/oauth-authorization-server'

/**
 * The issuer's URL, then the path of RFC 8414 §3 or the one of OpenID Connect Discovery, which general mocks use.
 * Digdir's own settings end with a slash.
 */
const WELL_KNOWN_URL = /^(.*)\/\.well-known\/(?:oauth-authorization-server|openid-configuration)\/?$/

/**
 * Finds the issuer, its metadata and one endpoint of it: from options if they name an issuer, else from the
 * variables that NAIS provides. The two are never mixed.
 *
 * @throws {TypeError} naming the option or variable, and what it must be
 * @example
 * const names = { option: 'jwksUri', variable: 'MASKINPORTEN_JWKS_URI', advice: 'Set it' }
 * const { issuers } = resolveIssuer({ environment: 'test' }, naisVariables(), names)
 */
export function resolveIssuer(
  given: GivenIssuer,
  variables: NaisVariables,
  endpoint: EndpointNames,
): ResolvedIssuer {
  const { insecureHttp = false } = given
  if (typeof insecureHttp !== 'boolean') throw new TypeError('`insecureHttp` must be true or false')
  const found = fromOptions(given, endpoint) ?? fromVariables(variables, endpoint)
  const { issuers, metadataUrl, names } = found

  const home = checkUrl(issuers[0], names.issuer, insecureHttp)
  // In code, by its issuer or by a variable: production is refused however it is named.
  if (insecureHttp && home.hostname === PRODUCTION)
    throw new TypeError("`insecureHttp` is refused with Maskinporten's production environment")
  // Tokens name the issuer with its slash, and are compared exactly: without it every token would be refused.
  const meant = Object.values(ISSUERS).find((known) => known === `${issuers[0]}/`)
  if (meant !== undefined)
    throw new TypeError(`${names.issuer} is "${issuers[0]}", without its slash: did you mean "${meant}"?`)
  for (const [url, name] of [
    [metadataUrl, names.metadataUrl],
    [found.endpoint, names.endpoint],
  ] as const) {
    if (url !== undefined) checkUrl(url, name, insecureHttp, home)
  }
  return {
    issuers,
    metadataUrl: metadataUrl ?? withSlash(issuers[0]) + WELL_KNOWN,
    endpoint: found.endpoint,
  }
}

interface Found {
  readonly issuers: ResolvedIssuer['issuers']
  readonly metadataUrl: string | undefined
  readonly endpoint: string | undefined
  /** What the application's author or operator calls each of them. */
  readonly names: { readonly issuer: string; readonly metadataUrl: string; readonly endpoint: string }
}

/** Undefined when no option names an issuer. */
function fromOptions(given: GivenIssuer, { option }: EndpointNames): Found | undefined {
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
function fromVariables(variables: NaisVariables, { variable, advice }: EndpointNames): Found {
  const issuer = variables.read('MASKINPORTEN_ISSUER')
  const metadataUrl = variables.read('MASKINPORTEN_WELL_KNOWN_URL')
  const endpoint = variables.read(variable)
  const names = {
    issuer: 'MASKINPORTEN_ISSUER',
    metadataUrl: 'MASKINPORTEN_WELL_KNOWN_URL',
    endpoint: variable,
  }
  if (issuer !== undefined) return { issuers: [issuer], metadataUrl, endpoint, names }
  if (metadataUrl === undefined) throw new TypeError(`${variables.missing('MASKINPORTEN_ISSUER')}. ${advice}`)
  const [, base] = WELL_KNOWN_URL.exec(metadataUrl) ?? []
  if (base === undefined) {
    throw new TypeError(
      `MASKINPORTEN_WELL_KNOWN_URL must end with /${WELL_KNOWN} or /.well-known/openid-configuration when ` +
        'MASKINPORTEN_ISSUER is not set',
    )
  }
  // The metadata says which of the two spellings is the issuer's (RFC 8414 §3.3).
  return {
    issuers: [`${base}/`, base],
    metadataUrl,
    endpoint,
    names: { ...names, issuer: names.metadataUrl },
  }
}

function withSlash(issuer: string): string {
  return issuer.endsWith('/') ? issuer : `${issuer}/`
}
