import { isLoopback } from '@portvakt/core'
import { MaskinportenClientError } from './client-error.js'
import { exchange, type Wire } from './exchange.js'
import type { ReadVariable } from './nais-variables.js'

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
}

const ISSUERS = { prod: 'https://maskinporten.no/', test: 'https://test.maskinporten.no/' } as const
const WELL_KNOWN = '.well-known/oauth-authorization-server'

/** @throws {TypeError} naming the option */
export function explicitEndpoint(options: EndpointOptions, wire: Wire): FindEndpoint {
  const { environment, issuer: given, tokenEndpoint } = options
  if (environment !== undefined && !Object.hasOwn(ISSUERS, environment)) {
    throw new TypeError("`environment` must be 'prod' or 'test'")
  }
  if (environment !== undefined && given !== undefined)
    throw new TypeError('Give `environment` or `issuer`, not both')
  const issuer = environment === undefined ? given : ISSUERS[environment]
  if (issuer === undefined)
    throw new TypeError("Say whom to ask: `environment: 'prod'` or 'test', or an `issuer`")
  checkUrl(issuer, 'issuer')
  if (tokenEndpoint === undefined) return endpointByMetadata([issuer], withSlash(issuer) + WELL_KNOWN, wire)
  return known(issuer, checkUrl(tokenEndpoint, 'tokenEndpoint'))
}

/** @throws {TypeError} naming the variable */
export function variableEndpoint(read: ReadVariable, wire: Wire): FindEndpoint {
  const issuer = read('MASKINPORTEN_ISSUER')
  const tokenEndpoint = read('MASKINPORTEN_TOKEN_ENDPOINT')
  const metadataUrl = read('MASKINPORTEN_WELL_KNOWN_URL')
  if (issuer !== undefined) {
    checkUrl(issuer, 'MASKINPORTEN_ISSUER')
    if (tokenEndpoint !== undefined)
      return known(issuer, checkUrl(tokenEndpoint, 'MASKINPORTEN_TOKEN_ENDPOINT'))
    if (metadataUrl !== undefined) checkUrl(metadataUrl, 'MASKINPORTEN_WELL_KNOWN_URL')
    return endpointByMetadata([issuer], metadataUrl ?? withSlash(issuer) + WELL_KNOWN, wire)
  }
  if (metadataUrl === undefined || tokenEndpoint !== undefined || !metadataUrl.endsWith(`/${WELL_KNOWN}`)) {
    throw new TypeError(
      'MASKINPORTEN_ISSUER is not set: set it with MASKINPORTEN_TOKEN_ENDPOINT, or MASKINPORTEN_WELL_KNOWN_URL alone',
    )
  }
  const base = checkUrl(metadataUrl, 'MASKINPORTEN_WELL_KNOWN_URL').slice(0, -WELL_KNOWN.length)
  return endpointByMetadata([base, base.slice(0, -1)], metadataUrl, wire)
}

function known(issuer: string, tokenEndpoint: string): FindEndpoint {
  return async () => ({ issuer, tokenEndpoint })
}

/** A grant that travels in the clear is anybody's to use. @throws {TypeError} naming what holds it */
export function checkUrl(value: string, name: string): string {
  // A parser of URLs drops white space; an issuer is compared exactly.
  if (typeof value !== 'string' || !URL.canParse(value) || /\s/.test(value))
    throw new TypeError(`\`${name}\` must be an absolute URL`)
  const url = new URL(value)
  if (url.username || url.password) throw new TypeError(`\`${name}\` must not hold a user name or password`)
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) return value
  throw new TypeError(`\`${name}\` must be an https: URL, or on this machine`)
}

function withSlash(issuer: string): string {
  return issuer.endsWith('/') ? issuer : `${issuer}/`
}

/**
 * Learns the token endpoint from metadata, once.
 *
 * @param issuers the accepted spellings of the issuer
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3.3 the issuer must be the one that was asked for
 */
function endpointByMetadata(issuers: readonly string[], metadataUrl: string, wire: Wire): FindEndpoint {
  let known: TokenEndpoint | undefined
  return async (signal) => {
    known ??= await readEndpoint(issuers, metadataUrl, wire, signal)
    return known
  }
}

async function readEndpoint(
  issuers: readonly string[],
  metadataUrl: string,
  wire: Wire,
  signal: AbortSignal,
): Promise<TokenEndpoint> {
  const init = { headers: { accept: 'application/json' } }
  const { status, body } = await exchange(metadataUrl, init, wire, signal)
  const members: Record<string, unknown> = typeof body === 'object' && body !== null ? { ...body } : {}
  const issuer = issuers.find((ours) => ours === members['issuer'])
  const tokenEndpoint = members['token_endpoint']
  const isOwn =
    issuer !== undefined && typeof tokenEndpoint === 'string' && isOnOriginOf(issuer, tokenEndpoint)
  if (status === 200 && isOwn) return { issuer, tokenEndpoint }
  const retryable = status === 429 || status >= 500
  throw new MaskinportenClientError(retryable ? 'unavailable' : 'unexpected_answer', {
    status,
    retryable,
    hint: 'the metadata does not name the configured issuer and a token endpoint of its own',
  })
}

/** An assertion that went elsewhere could be used there. */
function isOnOriginOf(issuer: string, address: string): boolean {
  return URL.canParse(address) && new URL(address).origin === new URL(issuer).origin
}
