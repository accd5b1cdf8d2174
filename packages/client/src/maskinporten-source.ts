import type { TokenSource } from './attempt.js'
import { exchange, type Wire } from './exchange.js'
import type { Signer } from './signing-key.js'
import type { FindEndpoint } from './token-endpoint.js'
import { readTokenResponse } from './token-response.js'

/** Lifetime of an assertion, in seconds. Maskinporten allows 120. */
const ASSERTION_LIFETIME = 30

/**
 * Gets tokens from Maskinporten with the JWT bearer grant (RFC 7523 §2.1).
 *
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_jwtgrant
 */
export function maskinportenSource(
  clientId: string,
  sign: Signer,
  findEndpoint: FindEndpoint,
  wire: Wire,
): TokenSource {
  return {
    async request(tokenRequest, _skipCache, attempt) {
      const { issuer, tokenEndpoint } = await findEndpoint(attempt.signal)
      // Metadata can arrive after the deadline. An attempt that has ended must not sign or send anything.
      attempt.signal.throwIfAborted()
      const { scope, resource, pid, authorizationDetails, consumerOrg } = tokenRequest
      const issuedAt = Math.floor(wire.clock.now() / 1000)
      attempt.waitsFor = 'signature'
      // Make a new assertion for each attempt, because Maskinporten accepts an assertion only once (MP-012).
      const assertion = await sign({
        aud: issuer,
        iss: clientId,
        scope,
        resource,
        pid,
        authorization_details: authorizationDetails,
        consumer_org: consumerOrg,
        iat: issuedAt,
        exp: issuedAt + ASSERTION_LIFETIME,
        jti: crypto.randomUUID(),
      })
      attempt.waitsFor = 'answer'
      const body = new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion,
      })
      const init = { method: 'POST', body }
      return readTokenResponse(await exchange(tokenEndpoint, init, wire, attempt.signal), issuer)
    },
  }
}
