/** The grant type of RFC 7523, the only one Maskinporten has. */
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

export type Endpoints = Readonly<Record<'metadata' | 'jwk' | 'token', string>>

/** Where a Maskinporten at this address answers; note `/jwk`, without an s. */
export function endpointsOf(address: string): Endpoints {
  return {
    metadata: new URL('/.well-known/oauth-authorization-server', address).href,
    jwk: new URL('/jwk', address).href,
    token: new URL('/token', address).href,
  }
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
