import type { Clock } from './clock.js'
import type { SignatureAlgorithm } from './compact-jws.js'
import type { IssuerRule } from './diagnosis.js'
import type { Fetch } from './fetch-json.js'
import { hasUsableKey } from './key-admission.js'
import { type KeySource, keysAt, keysByMetadata, staticKeys } from './key-source.js'
import { isLoopback } from './loopback.js'
import { isAbsoluteUri, takeJson } from './options.js'
import { environmentVariables } from './process-env.js'

/**
 * Whose tokens are accepted. Left out altogether, the variables that NAIS sets are read instead; the two
 * are never mixed.
 */
export interface IssuerOptions {
  /** One of Digdir's own environments. */
  readonly environment?: 'prod' | 'test'
  /** Another issuer, exactly as its tokens spell it, trailing slash included. */
  readonly issuer?: string
  /** Where the issuer's metadata is. Default `<issuer>/.well-known/oauth-authorization-server`. */
  readonly metadataUrl?: string
  /** Where the keys are; metadata is then not read. */
  readonly jwksUri?: string
  /** The keys themselves, as a JWK set; nothing is then fetched, and only a restart changes them. */
  readonly jwks?: { readonly keys: readonly unknown[] }
  /**
   * Allows `http:` for an issuer that is on `http:` itself, and for keys on its host (docker compose). Without
   * it, only loopback may be `http:`. Not to be had with production.
   */
  readonly insecureHttp?: boolean
}

export const ISSUER_OPTIONS = [
  'environment',
  'issuer',
  'metadataUrl',
  'jwksUri',
  'jwks',
  'insecureHttp',
] as const satisfies readonly (keyof IssuerOptions)[]

/** Digdir's environments, by the issuer that their tokens name. */
const ISSUERS = { prod: 'https://maskinporten.no/', test: 'https://test.maskinporten.no/' } as const

const WELL_KNOWN = '.well-known/oauth-authorization-server'

/** @throws {TypeError} naming the option or variable, and what to set */
export function keySourceFor(
  options: IssuerOptions,
  algorithms: readonly SignatureAlgorithm[],
  clock: Clock,
  fetch: Fetch | undefined,
): KeySource {
  const { jwks } = options
  const { issuers, metadataUrl, jwksUri, names, insecureHttp } = checked(options)

  const [issuer] = issuers
  const home = checkUrl(issuer, names.issuer, insecureHttp)
  for (const [url, name] of [
    [metadataUrl, names.metadataUrl],
    [jwksUri, names.jwksUri],
  ] as const) {
    if (url !== undefined) checkUrl(url, name, insecureHttp, home)
  }

  if (jwks !== undefined) {
    const keys = takeJson(jwks, 'jwks')
    if (!hasUsableKey(keys, algorithms)) {
      throw new TypeError(
        '`jwks` must be a JWK set with at least one public RSA key (kid, n, e; 2048 bits or more)',
      )
    }
    return staticKeys(issuer, keys)
  }
  if (jwksUri !== undefined) return keysAt(issuer, jwksUri, fetch)
  return keysByMetadata(issuers, metadataUrl ?? withSlash(issuer) + WELL_KNOWN, clock, fetch)
}

/**
 * The issuer alone, for who does not fetch keys.
 *
 * @throws {TypeError} naming the option or variable
 */
export function issuerOf(
  options: Pick<IssuerOptions, 'environment' | 'issuer' | 'insecureHttp'>,
): IssuerRule {
  const { issuers, names, insecureHttp } = checked(options)
  const [issuer, ...others] = issuers
  checkUrl(issuer, names.issuer, insecureHttp)
  // Only metadata can say which spelling it is, and nobody reads it here.
  if (others.length > 0)
    throw new TypeError('MASKINPORTEN_ISSUER must be set beside MASKINPORTEN_WELL_KNOWN_URL')
  return { issuer: () => issuer, mayHaveIssued: (claimed) => claimed === issuer }
}

interface Whose {
  /** Accepted spellings; more than one only until metadata has said which it is. */
  readonly issuers: readonly [string, ...string[]]
  readonly metadataUrl: string | undefined
  readonly jwksUri: string | undefined
  /** What the person who configures this calls each of them. */
  readonly names: { readonly issuer: string; readonly metadataUrl: string; readonly jwksUri: string }
}

function checked(options: IssuerOptions): Whose & { readonly insecureHttp: boolean } {
  const { insecureHttp = false } = options
  if (typeof insecureHttp !== 'boolean') throw new TypeError('`insecureHttp` must be true or false')
  const found = whose(options)
  // However production is named: in code, by its issuer or by a variable.
  if (insecureHttp && found.issuers.includes(ISSUERS.prod))
    throw new TypeError("`insecureHttp` is refused with Maskinporten's production environment")
  return { ...found, insecureHttp }
}

function whose({ environment, issuer, metadataUrl, jwksUri, jwks }: IssuerOptions): Whose {
  const names = { issuer: '`issuer`', metadataUrl: '`metadataUrl`', jwksUri: '`jwksUri`' }
  if (environment !== undefined) {
    if (!Object.hasOwn(ISSUERS, environment)) throw new TypeError("`environment` must be 'prod' or 'test'")
    if (issuer !== undefined) throw new TypeError('Give `environment` or `issuer`, not both')
    return { issuers: [ISSUERS[environment]], metadataUrl, jwksUri, names }
  }
  if (issuer !== undefined) return { issuers: [issuer], metadataUrl, jwksUri, names }
  if (metadataUrl !== undefined || jwksUri !== undefined || jwks !== undefined) {
    throw new TypeError(
      '`metadataUrl`, `jwksUri` and `jwks` need an `issuer` or an `environment` beside them',
    )
  }
  return fromEnvironment(environmentVariables())
}

/** What NAIS injects, by the names in its reference. @see https://docs.nais.io/auth/maskinporten/reference/ */
function fromEnvironment(env: Readonly<Record<string, string | undefined>>): Whose {
  // An empty variable is one that somebody forgot to fill in, so it counts as missing.
  const issuer = env['MASKINPORTEN_ISSUER'] || undefined
  const jwksUri = env['MASKINPORTEN_JWKS_URI'] || undefined
  const metadataUrl = env['MASKINPORTEN_WELL_KNOWN_URL'] || undefined
  const names = {
    issuer: 'MASKINPORTEN_ISSUER',
    metadataUrl: 'MASKINPORTEN_WELL_KNOWN_URL',
    jwksUri: 'MASKINPORTEN_JWKS_URI',
  }
  if (issuer !== undefined) return { issuers: [issuer], metadataUrl, jwksUri, names }
  if (metadataUrl === undefined || jwksUri !== undefined) {
    throw new TypeError(
      'MASKINPORTEN_ISSUER is not set, so there is no saying whose tokens to accept. On NAIS, add ' +
        '`spec.maskinporten.enabled: true` to nais.yaml; elsewhere set MASKINPORTEN_ISSUER (and ' +
        'MASKINPORTEN_JWKS_URI), or MASKINPORTEN_WELL_KNOWN_URL alone, or pass ' +
        "`environment: 'prod'` or `environment: 'test'` in code",
    )
  }
  if (!metadataUrl.endsWith(`/${WELL_KNOWN}`)) {
    throw new TypeError(
      `MASKINPORTEN_WELL_KNOWN_URL must end with /${WELL_KNOWN} when MASKINPORTEN_ISSUER is not set`,
    )
  }
  // The metadata says which of the two spellings it is, and no other is believed (RFC 8414 §3.3).
  const base = metadataUrl.slice(0, -WELL_KNOWN.length)
  return {
    issuers: [base, base.slice(0, -1)],
    metadataUrl,
    jwksUri,
    names: { ...names, issuer: names.metadataUrl },
  }
}

/**
 * Keys that travel in the clear are anybody's keys.
 *
 * @throws {TypeError} naming the option or variable
 */
export function checkUrl(value: unknown, name: string, insecureHttp: boolean, issuer?: URL): URL {
  if (!isAbsoluteUri(value)) throw new TypeError(`${name} must be an absolute URL, without white space`)
  const url = new URL(value)
  // Not quoted: it may hold the password that it must not hold.
  if (url.username || url.password) throw new TypeError(`${name} must not hold a user name or password`)
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) return url
  if (url.protocol === 'http:' && insecureHttp && url.origin === (issuer ?? url).origin) return url
  throw new TypeError(
    `${name} must be an https: URL, or lead to this machine. Within a network of your own, \`insecureHttp: true\` ` +
      'allows http: (of keys and metadata: where the issuer itself is)',
  )
}

function withSlash(issuer: string): string {
  return issuer.endsWith('/') ? issuer : `${issuer}/`
}
