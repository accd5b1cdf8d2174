/** The grant type of RFC 7523, the only one Maskinporten has. */
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** The endpoints that Maskinporten has. */
export type EndpointName = 'metadata' | 'jwk' | 'token'

export type Endpoints = Readonly<Record<EndpointName, string>>

/** Note `/jwk`, without an s. */
export const PATHS = {
  metadata: '/.well-known/oauth-authorization-server',
  jwk: '/jwk',
  token: '/token',
} as const satisfies Endpoints

/** Where a Maskinporten at this address answers. */
export function endpointsOf(address: string): Endpoints {
  const at = (path: string) => new URL(path, address).href
  return { metadata: at(PATHS.metadata), jwk: at(PATHS.jwk), token: at(PATHS.token) }
}

/** Maskinporten answers its metadata with a trailing slash as well, and Spring asks for it so. */
export const METADATA_PATHS = [PATHS.metadata, `${PATHS.metadata}/`]

/** The path of the endpoint that answers at a path; any other path unchanged. */
export function endpointPath(path: string): string {
  return METADATA_PATHS.includes(path) ? PATHS.metadata : path
}

/** The endpoint that answers a request: tokens by POST, the others by GET. */
export function endpointFor(method: string, asked: string): EndpointName | undefined {
  const path = endpointPath(asked)
  if (method === 'POST') return path === PATHS.token ? 'token' : undefined
  if (method !== 'GET') return undefined
  return path === PATHS.metadata ? 'metadata' : path === PATHS.jwk ? 'jwk' : undefined
}

/** Maskinporten's own metadata, field by field; a complete RFC 8414 document would have more. */
export function metadataOf(issuer: string, { jwk, token }: Endpoints) {
  return {
    authorization_details_types_supported: ['urn:altinn:systemuser', 'urn:altinn:consent'],
    issuer,
    token_endpoint: token,
    jwks_uri: jwk,
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    grant_types_supported: [JWT_BEARER],
    token_endpoint_auth_signing_alg_values_supported: ['RS256', 'RS384', 'RS512'],
  }
}
