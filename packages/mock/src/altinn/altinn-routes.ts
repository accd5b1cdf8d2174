import { randomBytes } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { AltinnKeys } from './altinn-keys.js'
import { type ExchangeParts, exchangedClaims, verifyMaskinportenToken } from './exchange.js'

const AUTHENTICATION = '/authentication/api/v1'
const OPENID = `${AUTHENTICATION}/openid/`
const CONFIGURATION = '.well-known/openid-configuration'

/** Maps each Digdir issuer to the Altinn platform that accepts its tokens. */
const PLATFORMS: Readonly<Record<string, string>> = {
  'https://maskinporten.no/': 'https://platform.altinn.no/',
  'https://test.maskinporten.no/': 'https://platform.tt02.altinn.no/',
}

/** @param address the mock's address, or the mock's issuer if the mock is not served */
export function altinnIssuer(address: string): string {
  const platform = Object.hasOwn(PLATFORMS, address) ? PLATFORMS[address] : undefined
  return new URL(OPENID, platform ?? address).href
}

/**
 * Altinn's endpoints that exchange tokens and publish Altinn's keys.
 *
 * @see https://docs.altinn.studio/authorization/getting-started/authentication
 */
export function altinnRoutes(parts: ExchangeParts): Hono {
  const keys = new AltinnKeys(parts.clock)
  const { ownIssuer } = parts
  return new Hono()
    .get(`${AUTHENTICATION}/exchange/:provider`, async (context) => {
      const [, token = ''] = /^Bearer +(\S+)$/i.exec(context.req.header('authorization') ?? '') ?? []
      if (!isJws(token)) return problem(context, 401)
      const provider = context.req.param('provider')
      if (!PROVIDERS.includes(provider.toLowerCase())) return context.text(unknownProvider(provider), 400)
      // The mock has no tokens of other providers, so an exchange for another provider gets 401.
      const isMaskinporten = provider.toLowerCase() === 'maskinporten'
      const claims = isMaskinporten ? await verifyMaskinportenToken(token, parts) : undefined
      if (!claims) return problem(context, 401)
      if (context.req.header('x-altinn-enterpriseuser-authentication') !== undefined)
        return problem(context, 410)
      const exchanged = await keys.sign(exchangedClaims(claims, parts, context.req.query('test') === 'true'))
      return wantsJson(context.req.header('accept')) ? context.json(exchanged) : context.text(exchanged)
    })
    .all(`${AUTHENTICATION}/exchange/:provider`, (context) => context.body(null, 405, { allow: 'GET' }))
    .get(OPENID + CONFIGURATION, (context) =>
      context.json({
        issuer: ownIssuer,
        jwks_uri: `${ownIssuer}${CONFIGURATION}/jwks`,
        id_token_signing_alg_values_supported: ['RS256'],
      }),
    )
    .get(`${OPENID}${CONFIGURATION}/jwks`, async (context) => context.json(await keys.published()))
}

const PROVIDERS: readonly string[] = ['maskinporten', 'id-porten', 'altinnstudio']

const unknownProvider = (name: string) =>
  `Invalid token provider: ${name}. Trusted token providers are 'Maskinporten', 'Id-porten' and 'AltinnStudio'.`

/**
 * Whether a token has the three parts of a JWS. Altinn checks this before it checks the provider in the path.
 */
const isJws = (token: string) => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)

const PROBLEMS = {
  401: { type: 'https://tools.ietf.org/html/rfc9110#section-15.5.2', title: 'Unauthorized' },
  410: {
    type: 'https://tools.ietf.org/html/rfc9110#section-15.5.11',
    title: 'Virksomhetsbruker is no longer available',
  },
} as const

/** Returns a problem document (RFC 9457). A 401 does not contain the reason. */
function problem(context: Context, status: keyof typeof PROBLEMS): Response {
  const traceId = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`
  const body = JSON.stringify({ ...PROBLEMS[status], status, traceId })
  return context.body(body, status, { 'content-type': 'application/problem+json; charset=utf-8' })
}

/**
 * Whether the token is sent as a JSON string. ASP.NET Core sends text by default, and ignores an Accept
 * header that accepts every type.
 */
function wantsJson(accept = ''): boolean {
  const types = accept.split(',').map((type) => type.split(';')[0]?.trim().toLowerCase())
  if (types.includes('*/*')) return false
  return types.find((type) => type === 'application/json' || type === 'text/plain') === 'application/json'
}
