import { createHash } from 'node:crypto'
import type { Clock } from '@portvakt/core'
import { compactVerify, decodeJwt, decodeProtectedHeader, errors, importJWK, type JWTPayload } from 'jose'
import type { IssueTokenOptions } from './access-token.js'
import { GrantError } from './grant-error.js'
import { audienceOf, checkParties, grantedScope, pidOf, scopesOf } from './grant-request.js'
import type { RegisteredClient, Registry } from './registry.js'
import type { UsedAssertions } from './used-assertions.js'

/** What the checks of a grant need to know. */
export interface GrantRules {
  readonly issuer: string
  readonly clock: Clock
  readonly registry: Registry
  readonly used: UsedAssertions
}

/**
 * Checks a JWT grant as Maskinporten does, and says what token it earns.
 *
 * @throws {GrantError}
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_jwtgrant
 */
export async function checkGrant(assertion: string, rules: GrantRules): Promise<IssueTokenOptions> {
  const { header, claims } = read(assertion)
  const client = rules.registry.client(claims.iss)
  if (!client) throw new GrantError('MP-100', 'there is no client with the client id in `iss`')
  await checkSignature(assertion, header, client)
  checkAudience(claims, rules.issuer)
  checkTimes(claims, Math.floor(rules.clock.now() / 1000))
  checkSingleUse(assertion, claims, client, rules.used)
  if (claims['iss_onbehalfof'] !== undefined) {
    // It would change the token, so it is not ignored.
    throw new GrantError('MP-011', '`iss_onbehalfof` is not supported here')
  }
  if (claims['authorization_details'] !== undefined) {
    throw new GrantError('MP-301', '`authorization_details`: no type of them is known here')
  }
  const scopes = scopesOf(claims)
  const parties = checkParties(claims, client, scopes)
  const granted = scopes.map((name) => grantedScope(name, client, parties.consumer, rules.registry))
  return {
    ...parties,
    scope: scopes,
    clientId: client.clientId,
    expiresIn: Math.min(...granted.map(({ maxAge }) => maxAge)),
    ...audienceOf(claims),
    ...pidOf(claims),
  }
}

function read(assertion: string) {
  // Decoders forgive white space, Maskinporten does not: a line break is the usual mistake here.
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(assertion)) {
    throw new GrantError(
      'MP-011',
      '`assertion` is not a JWT: three base64url parts with dots, no line breaks',
    )
  }
  try {
    return { header: decodeProtectedHeader(assertion), claims: decodeJwt(assertion) }
  } catch {
    throw new GrantError('MP-011', '`assertion` is not a signed JWT in compact form')
  }
}

async function checkSignature(
  assertion: string,
  header: ReturnType<typeof decodeProtectedHeader>,
  client: RegisteredClient,
): Promise<void> {
  const algorithms = ['RS256', 'RS384', 'RS512']
  if (header.alg === undefined || !algorithms.includes(header.alg)) {
    throw new GrantError('MP-124', `\`alg\` of the assertion must be one of ${algorithms.join(', ')}`)
  }
  if (header.x5c !== undefined)
    throw new GrantError('MP-120', 'this client has a registered key and must use `kid`')
  if (header.kid !== client.publicJwk.kid) {
    throw new GrantError(
      'MP-124',
      '`kid` of the assertion is not the name of a key registered on this client',
    )
  }
  try {
    await compactVerify(assertion, await importJWK(client.publicJwk, header.alg), {
      algorithms: [header.alg],
    })
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error
    throw new GrantError('MP-124', 'the signature is not made with the key registered on this client')
  }
}

function checkAudience({ aud }: JWTPayload, issuer: string): void {
  if (Array.isArray(aud) ? aud.length === 1 && aud[0] === issuer : aud === issuer) return
  throw new GrantError('MP-110', `\`aud\` must be ${issuer}, exactly, trailing slash included`)
}

/** Seconds by which the client's clock may differ. */
const TOLERANCE = 10

function checkTimes({ iat, exp }: JWTPayload, now: number): void {
  if (typeof iat !== 'number' || typeof exp !== 'number')
    throw new GrantError('MP-011', '`iat` and `exp` are required')
  if (iat > now + TOLERANCE) throw new GrantError('MP-130', 'issue time is after now: check the clock')
  if (exp <= now) throw new GrantError('MP-130', 'the assertion has expired')
  if (iat < now - TOLERANCE) throw new GrantError('MP-130', `\`iat\` is more than ${TOLERANCE} s old`)
  if (exp - iat > 120) throw new GrantError('MP-130', '`exp` is more than 120 s after `iat`')
}

function checkSingleUse(
  assertion: string,
  { jti, exp }: JWTPayload,
  client: RegisteredClient,
  used: UsedAssertions,
): void {
  if (jti !== undefined && typeof jti !== 'string') throw new GrantError('MP-011', '`jti` must be a string')
  // An assertion without one is known by everything that was signed.
  const name =
    jti ??
    createHash('sha256')
      .update(assertion.slice(0, assertion.lastIndexOf('.')))
      .digest('hex')
  if (!used.use(`${client.clientId} ${jti === undefined ? 'assertion' : 'jti'} ${name}`, exp ?? 0)) {
    const what = jti === undefined ? 'this assertion, which has no `jti`,' : '`jti`'
    throw new GrantError('MP-012', `${what} has been used before: make a new assertion for every attempt`)
  }
}
