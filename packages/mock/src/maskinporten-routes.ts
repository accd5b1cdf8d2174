import { Hono } from 'hono'
import { signAccessToken, type TokenIssuer } from './access-token.js'
import { type Endpoints, metadataOf, PATHS } from './endpoints.js'
import { checkGrant, type GrantRules, type GrantTrace } from './grant.js'
import { GrantError } from './grant-error.js'
import type { RequestLog } from './request-log.js'
import { assertionIn } from './token-request.js'

/** Maskinporten's three endpoints: metadata, keys and tokens. */
export function maskinportenRoutes(
  from: TokenIssuer,
  endpoints: Endpoints,
  rules: GrantRules,
  log: RequestLog,
): Hono {
  return new Hono()
    .get(PATHS.metadata, (context) => context.json(metadataOf(from.issuer, endpoints)))
    .get(PATHS.jwk, (context) => context.json(from.keys.published()))
    .post(PATHS.token, async (context) => {
      const request = context.req.raw
      const trace: GrantTrace = {}
      context.header('cache-control', 'no-store')
      try {
        const earned = checkGrant(await assertionIn(request), rules, trace)
        return context.json({
          access_token: await signAccessToken(from, earned),
          token_type: 'Bearer',
          expires_in: earned.expiresIn,
          scope: [earned.scope].flat().join(' '),
        })
      } catch (error) {
        if (!(error instanceof GrantError)) throw error
        log.note(request, { code: error.code })
        return context.json(error.body, error.status)
      } finally {
        log.note(request, trace)
      }
    })
}
