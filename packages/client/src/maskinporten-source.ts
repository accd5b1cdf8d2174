import { MaskinportenClientError } from './client-error.js'
import { exchange, type Wire } from './exchange.js'
import type { CheckedGrant } from './grant.js'
import type { Signer } from './signing-key.js'
import { readTokenResponse } from './token-response.js'
import type { TokenSource } from './token-source.js'

/** Where to send a grant, and whom to address it to. */
export interface TokenEndpoint {
  readonly issuer: string
  readonly tokenEndpoint: string
}

/** The life of an assertion, in seconds; Maskinporten allows 120. */
const ASSERTION_LIFETIME = 30

/**
 * Tokens by the JWT grant.
 *
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_jwtgrant
 */
export function maskinportenSource(
  clientId: string,
  sign: Signer,
  endpoint: () => Promise<TokenEndpoint>,
  wire: Wire,
): TokenSource {
  return {
    async request(grant) {
      const { issuer, tokenEndpoint } = await endpoint()
      const issuedAt = Math.floor(wire.clock.now() / 1000)
      // A new one for every attempt: each is good for one use (MP-012).
      const assertion = await sign({
        aud: issuer,
        iss: clientId,
        ...claimsOf(grant),
        iat: issuedAt,
        exp: issuedAt + ASSERTION_LIFETIME,
        jti: crypto.randomUUID(),
      })
      const body = new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion,
      })
      return readTokenResponse(await exchange(tokenEndpoint, { method: 'POST', body }, wire))
    },
  }
}

function claimsOf({ scope, resource, pid, authorizationDetails, consumerOrg }: CheckedGrant) {
  return {
    scope,
    ...(resource !== undefined && { resource }),
    ...(pid !== undefined && { pid }),
    ...(authorizationDetails && { authorization_details: authorizationDetails }),
    ...(consumerOrg !== undefined && { consumer_org: consumerOrg }),
  }
}

/**
 * Learns the token endpoint from metadata, once.
 *
 * @param issuers the accepted spellings of the issuer
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3.3 the issuer must be the one that was asked for
 */
export function endpointByMetadata(
  issuers: readonly string[],
  metadataUrl: string,
  wire: Wire,
): () => Promise<TokenEndpoint> {
  let known: TokenEndpoint | undefined
  return async () => {
    known ??= await readEndpoint(issuers, metadataUrl, wire)
    return known
  }
}

async function readEndpoint(
  issuers: readonly string[],
  metadataUrl: string,
  wire: Wire,
): Promise<TokenEndpoint> {
  const { status, body } = await exchange(metadataUrl, { headers: { accept: 'application/json' } }, wire)
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
