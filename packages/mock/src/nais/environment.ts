import type { Endpoints } from '../maskinporten/endpoints.js'
import type { RegisteredClient } from '../registry/client.js'
import type { NaisVariables } from './variables.js'

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

/**
 * Where the Texas of one client answers. On NAIS each application has its own beside it; here a path tells them
 * apart, and without it the default client is meant.
 */
function texasVariables(address: string, clientId: string): Partial<NaisVariables> {
  const base = new URL(`/texas/${encodeURIComponent(clientId)}/api/v1/`, address)
  return {
    NAIS_TOKEN_ENDPOINT: new URL('token', base).href,
    NAIS_TOKEN_EXCHANGE_ENDPOINT: new URL('token/exchange', base).href,
    NAIS_TOKEN_INTROSPECTION_ENDPOINT: new URL('introspect', base).href,
  }
}
