import type { Endpoints } from './endpoints.js'
import type { RegisteredClient } from './mock-client.js'

/**
 * The variables for validating tokens.
 *
 * @see https://docs.nais.io/auth/maskinporten/reference/#variables-for-validating-tokens
 */
export function issuerVariables(issuer: string, { metadata, jwk }: Endpoints): Record<string, string> {
  return { MASKINPORTEN_ISSUER: issuer, MASKINPORTEN_JWKS_URI: jwk, MASKINPORTEN_WELL_KNOWN_URL: metadata }
}

/**
 * The variables for acquiring tokens.
 *
 * @see https://docs.nais.io/auth/maskinporten/reference/#variables-for-acquiring-tokens
 */
export function clientVariables(
  issuer: string,
  { metadata, token }: Endpoints,
  client: RegisteredClient,
  scopes: readonly string[],
): Record<string, string> {
  return {
    MASKINPORTEN_CLIENT_ID: client.clientId,
    // A client that keeps its own key sets this itself.
    ...(client.keys?.privateJwk && { MASKINPORTEN_CLIENT_JWK: JSON.stringify(client.keys.privateJwk) }),
    MASKINPORTEN_SCOPES: scopes.join(' '),
    MASKINPORTEN_WELL_KNOWN_URL: metadata,
    MASKINPORTEN_ISSUER: issuer,
    MASKINPORTEN_TOKEN_ENDPOINT: token,
  }
}

/** All of them: what NAIS injects into an application that has Maskinporten enabled. */
export function naisVariables(
  issuer: string,
  endpoints: Endpoints,
  client: RegisteredClient,
  scopes: readonly string[],
): Record<string, string> {
  return { ...issuerVariables(issuer, endpoints), ...clientVariables(issuer, endpoints, client, scopes) }
}
