import { randomUUID } from 'node:crypto'
import { importJWK, SignJWT } from 'jose'

/** What NAIS gives an application that calls others. */
export type ClientVariables = Readonly<Record<string, string>>

/** Gets a token the long way: an assertion, signed with the client's key, exchanged at the token endpoint. */
export async function getToken(
  env: ClientVariables,
  scope: string,
  now: number,
  claims: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const jwk = JSON.parse(env['MASKINPORTEN_CLIENT_JWK'] ?? '')
  const issuedAt = Math.floor(now / 1000)
  const assertion = await new SignJWT({ scope, ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: jwk.kid, typ: 'JWT' })
    .setIssuer(env['MASKINPORTEN_CLIENT_ID'] ?? '')
    .setAudience(env['MASKINPORTEN_ISSUER'] ?? '')
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + 30)
    .setJti(randomUUID())
    .sign(await importJWK(jwk, 'RS256'))

  const response = await fetch(env['MASKINPORTEN_TOKEN_ENDPOINT'] ?? '', {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(`No token: ${response.status} ${answer.error_description}`)
  return answer.access_token
}
