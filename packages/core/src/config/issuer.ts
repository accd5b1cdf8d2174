import type { SignatureAlgorithm } from '../jws/compact-jws.js'
import { hasUsableKey } from '../keys/jwk-import.js'
import { type KeySource, keysAt, keysByMetadata, staticKeys } from '../keys/key-source.js'
import type { Clock } from '../platform/clock.js'
import { type NaisVariables, naisVariables } from '../platform/environment.js'
import type { Fetch } from '../platform/fetch-json.js'
import { takeJson } from '../platform/options.js'
import { resolveIssuer } from './resolve-issuer.js'

/**
 * Whose tokens are accepted. Without these options, the variables that NAIS sets are read, and the files that it
 * mounts; the two kinds of configuration are never mixed.
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
   * Allows `http:` for an issuer that is on `http:` itself, and for keys and metadata on its host (docker compose).
   * Without it, only loopback may be `http:`. Default false. Refused with production, however production is named.
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

const JWKS_URI = {
  option: 'jwksUri',
  variable: 'MASKINPORTEN_JWKS_URI',
  advice:
    'The validator needs it to know whose tokens to accept. On NAIS, add `spec.maskinporten.enabled: true` to nais.yaml; elsewhere set ' +
    'MASKINPORTEN_ISSUER (and MASKINPORTEN_JWKS_URI), or MASKINPORTEN_WELL_KNOWN_URL, or pass ' +
    "`environment: 'prod'` or `environment: 'test'` in code",
} as const

/** @throws {TypeError} naming the option or variable, and what to set */
export function keySourceFor(
  options: IssuerOptions,
  algorithms: readonly SignatureAlgorithm[],
  clock: Clock,
  fetch: Fetch | undefined,
  variables: NaisVariables = naisVariables(),
): KeySource {
  const { environment, issuer, metadataUrl, jwksUri, jwks, insecureHttp } = options
  const hasAddress = metadataUrl !== undefined || jwksUri !== undefined || jwks !== undefined
  if (hasAddress && environment === undefined && issuer === undefined) {
    throw new TypeError(
      '`metadataUrl`, `jwksUri` and `jwks` need an `issuer` or an `environment` beside them',
    )
  }
  const given = { environment, issuer, metadataUrl, endpoint: jwksUri, insecureHttp }
  const resolved = resolveIssuer(given, variables, JWKS_URI)
  if (jwks !== undefined) {
    const keys = takeJson(jwks, 'jwks')
    if (!hasUsableKey(keys, algorithms)) {
      throw new TypeError(
        '`jwks` must be a JWK set with at least one public RSA key (kid, n, e; 2048 bits or more)',
      )
    }
    return staticKeys(resolved.issuers[0], keys)
  }
  const { issuers, endpoint } = resolved
  if (endpoint === undefined) return keysByMetadata(issuers, resolved.metadataUrl, clock, fetch)
  return keysAt(issuers, resolved.metadataUrl, endpoint, fetch)
}
