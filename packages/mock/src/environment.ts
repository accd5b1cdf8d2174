import type { Endpoints } from './endpoints.js'
import type { RegisteredClient } from './mock-client.js'
import type { NaisVariables } from './nais/variables.js'
import { texasVariables } from './texas.js'

/**
 * The variables for validating tokens.
 *
 * @see https://docs.nais.io/auth/maskinporten/reference/#variables-for-manually-validating-tokens
 */
function issuerVariables(issuer: string, { metadata, jwk }: Endpoints): Partial<NaisVariables> {
  return {
    MASKINPORTEN_ISSUER: issuer,
    MASKINPORTEN_JWKS_URI: jwk,
    MASKINPORTEN_WELL_KNOWN_URL: metadata,
  }
}

/**
 * The variables for acquiring tokens, with a key or from Texas.
 *
 * @see https://docs.nais.io/auth/maskinporten/reference/#variables-for-manually-validating-tokens
 */
export function clientVariables(
  issuer: string,
  { metadata, token }: Endpoints,
  client: RegisteredClient,
  scopes: readonly string[],
): Partial<NaisVariables> {
  return {
    MASKINPORTEN_CLIENT_ID: client.clientId,
    // A client that keeps its own key sets this itself.
    ...(client.keys?.privateJwk && { MASKINPORTEN_CLIENT_JWK: JSON.stringify(client.keys.privateJwk) }),
    MASKINPORTEN_SCOPES: scopes.join(' '),
    MASKINPORTEN_WELL_KNOWN_URL: metadata,
    MASKINPORTEN_ISSUER: issuer,
    MASKINPORTEN_TOKEN_ENDPOINT: token,
    // Texas signs with the client's key, so it needs to have it.
    ...(client.keys?.privateJwk && texasVariables(token, client.clientId)),
  }
}

/** All of them: what NAIS injects into an application that has Maskinporten enabled. */
export function naisVariables(
  issuer: string,
  endpoints: Endpoints,
  client: RegisteredClient,
  scopes: readonly string[],
): Partial<NaisVariables> {
  return { ...issuerVariables(issuer, endpoints), ...clientVariables(issuer, endpoints, client, scopes) }
}
