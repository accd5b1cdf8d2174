import { randomUUID } from 'node:crypto'
import type { Clock } from '@portvakt/core'
import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import type { Altinn } from './altinn.js'

/** The dependencies of Altinn's token exchange. */
export interface ExchangeParts {
  readonly clock: Clock
  readonly altinn: Altinn
  /** Maskinporten's issuer. */
  readonly issuer: string
  /** The `iss` of Altinn's tokens. */
  readonly ownIssuer: string
  /** The keys that Maskinporten publishes. */
  maskinportenKeys(): JSONWebKeySet
}

/** Lifetime of an exchanged token in seconds, counted from the exchange. */
const LIFETIME = 1800

/** Claims of Maskinporten's token that the exchanged token omits or replaces. */
const NOT_COPIED: readonly string[] = ['aud', 'client_amr', 'sid', 'iss', 'iat', 'nbf', 'exp']

/** Altinn looks up the service owner only for a token whose `scope` contains this text. */
const SERVICE_OWNER = 'altinn:serviceowner'

/**
 * Verifies a token of Maskinporten as Altinn does. Altinn requires no scope and ignores `aud`.
 *
 * @returns undefined for a token that Altinn does not accept
 */
export async function verifyMaskinportenToken(
  token: string,
  { clock, issuer, maskinportenKeys }: ExchangeParts,
): Promise<JWTPayload | undefined> {
  const keys = createLocalJWKSet(maskinportenKeys())
  const options = {
    algorithms: ['RS256', 'RS384', 'RS512'],
    clockTolerance: 10,
    currentDate: new Date(clock.now()),
    requiredClaims: ['exp', 'iss'],
  }
  const claims = await jwtVerify(token, keys, options).then(
    ({ payload }) => payload,
    () => undefined,
  )
  // Altinn checks only that the URL of Maskinporten's metadata contains the token's `iss`.
  const isIssued =
    claims?.iss && new URL('.well-known/oauth-authorization-server', issuer).href.includes(claims.iss)
  return claims && isIssued && numberIn(claims) !== undefined ? claims : undefined
}

/**
 * Returns the claims of the exchanged token.
 *
 * @param claims the verified claims of Maskinporten's token
 * @param isTest whether the query is `test=true`, which replaces the service owner `digdir` with the test
 * organisation `ttd`
 */
export function exchangedClaims(
  claims: JWTPayload,
  { clock, altinn, ownIssuer }: ExchangeParts,
  isTest: boolean,
): object {
  const now = Math.floor(clock.now() / 1000)
  const number = numberIn(claims) ?? ''
  const copied = Object.entries(claims).filter(([name]) => !NOT_COPIED.includes(name))
  const { scope, authorization_details: details } = claims
  const isServiceOwner = typeof scope === 'string' && scope.includes(SERVICE_OWNER)
  const org = isServiceOwner ? altinn.serviceOwner(number) : undefined
  return {
    ...Object.fromEntries(copied),
    // .NET's claim serializer writes a one-entry list as the entry itself.
    ...(Array.isArray(details) && details.length === 1 && { authorization_details: details[0] }),
    ...(org !== undefined && { 'urn:altinn:org': isTest && org === 'digdir' ? 'ttd' : org }),
    'urn:altinn:orgNumber': number,
    'urn:altinn:authenticatemethod': 'maskinporten',
    'urn:altinn:authlevel': 3,
    sid: randomUUID(),
    iss: ownIssuer,
    iat: now,
    nbf: now,
    exp: now + LIFETIME,
  }
}

/** Returns the number after the colon in `consumer.ID`. Altinn ignores the ICD before the colon. */
function numberIn({ consumer }: JWTPayload): string | undefined {
  const { authority, ID }: { authority?: unknown; ID?: unknown } =
    typeof consumer === 'object' && consumer !== null ? consumer : {}
  if (authority !== 'iso6523-actorid-upis' || typeof ID !== 'string') return undefined
  return ID.split(':')[1] || undefined
}
