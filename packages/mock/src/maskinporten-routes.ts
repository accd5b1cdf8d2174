import { Hono } from 'hono'
import { signAccessToken, type TokenIssuer } from './access-token.js'
import { type Endpoints, metadataOf } from './endpoints.js'
import { checkGrant, type GrantRules } from './grant.js'
import { GrantError } from './grant-error.js'
import { assertionIn } from './token-request.js'

/** How often each endpoint was asked. */
export interface RequestCounts {
  metadata: number
  jwk: number
  token: number
}

/** Maskinporten's three endpoints: metadata, keys and tokens. */
export function maskinportenRoutes(
  from: TokenIssuer,
  endpoints: Endpoints,
  rules: GrantRules,
  counts: RequestCounts,
): Hono {
  return new Hono()
    .get('/.well-known/oauth-authorization-server', (context) => {
      counts.metadata++
      return context.json(metadataOf(from.issuer, endpoints))
    })
    .get('/jwk', (context) => {
      counts.jwk++
      return context.json(from.keys.published())
    })
    .post('/token', async (context) => {
      counts.token++
      context.header('cache-control', 'no-store')
      try {
        const earned = checkGrant(await assertionIn(context.req.raw), rules)
        return context.json({
          access_token: await signAccessToken(from, earned),
          token_type: 'Bearer',
          expires_in: earned.expiresIn,
          scope: [earned.scope].flat().join(' '),
        })
      } catch (error) {
        if (error instanceof GrantError) return context.json(error.body, error.status)
        throw error
      }
    })
}
