/** The JWT bearer grant type (RFC 7523), the only grant type that Maskinporten supports. */
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** The names of Maskinporten's endpoints. */
export type EndpointName = 'metadata' | 'jwk' | 'token'

export type Endpoints = Readonly<Record<EndpointName, string>>

/** The paths of the endpoints. The path of the keys is `/jwk`, without an s. */
export const PATHS = {
  metadata: '/.well-known/oauth-authorization-server',
  jwk: '/jwk',
  token: '/token',
} as const satisfies Endpoints

export function endpointsOf(address: string): Endpoints {
  const at = (path: string) => new URL(path, address).href
  return { metadata: at(PATHS.metadata), jwk: at(PATHS.jwk), token: at(PATHS.token) }
}

/** Maskinporten also serves its metadata with a trailing slash, which Spring requests. */
export const METADATA_PATHS = [PATHS.metadata, `${PATHS.metadata}/`]

/** Removes the trailing slash from the path of the metadata. Returns any other path unchanged. */
export function endpointPath(path: string): string {
  return METADATA_PATHS.includes(path) ? PATHS.metadata : path
}

export function endpointFor(method: string, requested: string): EndpointName | undefined {
  const path = endpointPath(requested)
  if (method === 'POST') return path === PATHS.token ? 'token' : undefined
  if (method !== 'GET') return undefined
  return path === PATHS.metadata ? 'metadata' : path === PATHS.jwk ? 'jwk' : undefined
}

/** The members of Maskinporten's own metadata. A full RFC 8414 document has more members. */
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
