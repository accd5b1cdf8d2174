import { createHash } from 'node:crypto'
import type { Clock } from '@portvakt/core'
import { compactVerify, decodeJwt, decodeProtectedHeader, errors, importJWK, type JWTPayload } from 'jose'
import type { IssueTokenOptions } from './access-token.js'
import { GrantError } from './grant-error.js'
import { isOrganisationNumber } from './organisation-claim.js'
import type { MockScope, RegisteredClient, Registry } from './registry.js'
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

function scopesOf({ scope }: JWTPayload): readonly string[] {
  const scopes = typeof scope === 'string' ? scope.split(' ').filter(Boolean) : []
  if (scopes.length === 0)
    throw new GrantError('MP-011', '`scope` must be a string of scopes, separated by spaces')
  return scopes
}

/** Who the token is for: the client's own organisation, or one that has delegated to it. */
function checkParties(
  { consumer_org: customer }: JWTPayload,
  client: RegisteredClient,
  scopes: readonly string[],
) {
  const own = client.organisationNumber
  if (customer === undefined) return { consumer: own }
  if (!isOrganisationNumber(customer)) {
    throw new GrantError(
      'MP-011',
      '`consumer_org` must be an organisation number, nine digits without "0192:"',
    )
  }
  if (customer === own)
    throw new GrantError('MP-011', '`consumer_org` is the client’s own organisation: leave it out')
  const delegated = client.delegations
    .filter(({ consumer }) => consumer === customer)
    .flatMap((given) => given.scopes)
  const missing = scopes.find((scope) => !delegated.includes(scope))
  if (missing !== undefined) {
    throw new GrantError(
      'MP-251',
      `the organisation in \`consumer_org\` has not delegated ${quote(missing)} to ${own}`,
    )
  }
  return { consumer: customer, supplier: own }
}

function grantedScope(
  name: string,
  client: RegisteredClient,
  consumer: string,
  registry: Registry,
): Required<MockScope> {
  if (!registry.scopesOf(client).includes(name)) {
    throw new GrantError('MP-200', `${quote(name)} is not among the scopes of this client`)
  }
  const scope = registry.scope(name)
  if (scope && (scope.consumers === 'all' || scope.consumers.includes(consumer))) return scope
  throw new GrantError('MP-250', `the provider has not granted ${quote(name)} to ${consumer}`)
}

/** `resource` becomes `aud`, in the form it came in. */
function audienceOf({ resource }: JWTPayload): { audience?: string | readonly string[] } {
  if (resource === undefined) return {}
  const values: readonly unknown[] = Array.isArray(resource) ? resource : [resource]
  if (values.length === 0 || !values.every((value) => typeof value === 'string' && URL.canParse(value))) {
    throw new GrantError('MP-011', '`resource` must be an absolute URI, or an array of them')
  }
  // Checked just now, entry by entry.
  return { audience: resource as string | readonly string[] }
}

function pidOf({ pid }: JWTPayload): { pid?: string } {
  if (pid === undefined) return {}
  if (typeof pid !== 'string' || !/^[0-9]{11}$/.test(pid))
    throw new GrantError('MP-011', '`pid` must be eleven digits')
  return { pid }
}

/** A name from the client, short and harmless, so that a message stays one line. */
function quote(name: string): string {
  return JSON.stringify(name.slice(0, 100))
}
