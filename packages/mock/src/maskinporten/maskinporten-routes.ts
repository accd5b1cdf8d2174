import { randomBytes } from 'node:crypto'
import { Hono } from 'hono'
import { signAccessToken, type TokenIssuer } from './access-token.js'
import { assertionIn } from './assertion.js'
import { type Endpoints, METADATA_PATHS, metadataOf, PATHS } from './endpoints.js'
import { checkGrant, type GrantRules } from './grant.js'
import { GrantError } from './grant-error.js'
import type { RequestLog } from './request-log.js'

/** Maskinporten's three endpoints: metadata, keys and tokens. */
export function maskinportenRoutes(
  from: TokenIssuer,
  endpoints: Endpoints,
  rules: GrantRules,
  log: RequestLog,
): Hono {
  return new Hono()
    .on('GET', METADATA_PATHS, (context) => context.json(metadataOf(from.issuer, endpoints)))
    .get(PATHS.jwk, (context) => context.json(from.keys.published()))
    .post(PATHS.token, async (context) => {
      const request = context.req.raw
      const trace: { clientId?: string } = {}
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
        const traceId = randomBytes(16).toString('hex')
        log.note(request, { traceId, ...(error.code && { code: error.code }) })
        return context.json(error.body(from.issuer, traceId), error.status)
      } finally {
        log.note(request, trace)
      }
    })
}
