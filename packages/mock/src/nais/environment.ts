import type { Endpoints } from '../maskinporten/endpoints.js'
import type { RegisteredClient } from '../registry/client.js'
import type { NaisVariables } from './variables.js'

/** @see https://docs.nais.io/auth/maskinporten/reference/#variables-for-manually-validating-tokens */
export function clientVariables(
  issuer: string,
  { metadata, token }: Endpoints,
  client: RegisteredClient,
  scopes: readonly string[],
): Partial<NaisVariables> {
  return {
    MASKINPORTEN_CLIENT_ID: client.clientId,
    // The mock does not have the private key of a client that manages its own key.
    ...(client.keys?.privateJwk && { MASKINPORTEN_CLIENT_JWK: JSON.stringify(client.keys.privateJwk) }),
    MASKINPORTEN_SCOPES: scopes.join(' '),
    MASKINPORTEN_WELL_KNOWN_URL: metadata,
    MASKINPORTEN_ISSUER: issuer,
    MASKINPORTEN_TOKEN_ENDPOINT: token,
    // Texas can sign only with a key that the mock made.
    ...(client.keys?.privateJwk && texasVariables(token, client.clientId)),
  }
}

/** Returns every variable that NAIS injects into an application with Maskinporten enabled. */
export function naisVariables(
  issuer: string,
  endpoints: Endpoints,
  client: RegisteredClient,
  scopes: readonly string[],
): Partial<NaisVariables> {
  return { MASKINPORTEN_JWKS_URI: endpoints.jwk, ...clientVariables(issuer, endpoints, client, scopes) }
}

/**
 * Returns the variables that contain the addresses of Texas. On NAIS, each application has a Texas of its
 * own. In the mock, the path names the client, and a path without a client refers to the default client.
 */
function texasVariables(address: string, clientId: string): Partial<NaisVariables> {
  const base = new URL(`/texas/${encodeURIComponent(clientId)}/api/v1/`, address)
  return {
    NAIS_TOKEN_ENDPOINT: new URL('token', base).href,
    NAIS_TOKEN_EXCHANGE_ENDPOINT: new URL('token/exchange', base).href,
    NAIS_TOKEN_INTROSPECTION_ENDPOINT: new URL('introspect', base).href,
  }
}
