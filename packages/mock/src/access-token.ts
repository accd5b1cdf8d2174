import type { Clock } from '@portvakt/core'
import { refuseUnknown } from './options.js'
import { type OrganisationClaim, organisationClaim } from './organisation-claim.js'
import { randomName, type SignatureAlgorithm, type SigningKeys } from './signing-keys.js'

/** A synthetic organisation from Tenor, for calls that name none. */
export const DEFAULT_CONSUMER = '314330897'

/** What a token grants when nothing else is asked for. */
export const DEFAULT_SCOPE = 'portvakt:demo.read'

/** What Maskinporten gives a token when no scope says otherwise, in seconds. */
export const DEFAULT_LIFETIME = 120

/** What a token says. Everything left out is as Maskinporten would have it. */
export interface IssueTokenOptions {
  /** Scopes, as an array or separated by spaces. Default `portvakt:demo.read`. */
  readonly scope?: string | readonly string[]
  /** Who calls: an organisation number, or the claim written out. Default 314330897. */
  readonly consumer?: string | OrganisationClaim
  /** Who operates the client on the consumer's behalf; makes the token a delegated one. */
  readonly supplier?: string | OrganisationClaim
  /** Where that delegation is registered. With a supplier, default Altinn's test environment. */
  readonly delegationSource?: string
  /** `aud`. Left out, the token has none, as Maskinporten's have without `resource`. */
  readonly audience?: string | readonly string[]
  /** `client_id`. Default that of the default client. */
  readonly clientId?: string
  /** `client_amr`. Default `private_key_jwt`. */
  readonly clientAmr?: string
  /** `pid`: the person the token is about. */
  readonly pid?: string
  /** `authorization_details`: system user or consent, entry by entry. */
  readonly authorizationDetails?: readonly object[]
  /** Seconds from now to `exp`. Default 120; a negative number makes an expired token. */
  readonly expiresIn?: number
  /** `iss`. Default the mock's own. */
  readonly issuer?: string
  /** More claims, or others; `undefined` takes one out. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** More header members, or others; `undefined` takes one out. The signature is that of `algorithm` even so. */
  readonly header?: Readonly<Record<string, unknown>>
  /** Default RS256. */
  readonly algorithm?: SignatureAlgorithm
}

const OPTIONS: Record<keyof IssueTokenOptions, true> = {
  scope: true,
  consumer: true,
  supplier: true,
  delegationSource: true,
  audience: true,
  clientId: true,
  clientAmr: true,
  pid: true,
  authorizationDetails: true,
  expiresIn: true,
  issuer: true,
  claims: true,
  header: true,
  algorithm: true,
}

/** Where a token comes from. */
export interface TokenIssuer {
  readonly issuer: string
  readonly clock: Clock
  readonly keys: SigningKeys
  readonly clientId: string
}

/**
 * Signs an access token in Maskinporten's real shape: a header of `kid` and `alg` alone, no `sub`, no `nbf`,
 * and `aud` only on request.
 *
 * @throws {TypeError} naming the option that is unknown or wrong
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_token
 */
export async function signAccessToken(from: TokenIssuer, options: IssueTokenOptions = {}): Promise<string> {
  refuseUnknown(options, OPTIONS, 'issueToken')
  const { algorithm = 'RS256', scope = DEFAULT_SCOPE, expiresIn = DEFAULT_LIFETIME, supplier } = options
  if (!Number.isFinite(expiresIn)) throw new TypeError('`expiresIn` must be a number of seconds')
  const now = Math.floor(from.clock.now() / 1000)
  const claims = {
    ...(options.audience !== undefined && { aud: options.audience }),
    ...(options.authorizationDetails && { authorization_details: options.authorizationDetails }),
    scope: typeof scope === 'string' ? scope : scope.join(' '),
    iss: options.issuer ?? from.issuer,
    ...(options.pid !== undefined && { pid: options.pid }),
    client_amr: options.clientAmr ?? 'private_key_jwt',
    token_type: 'Bearer',
    exp: now + expiresIn,
    // An expired token was once a valid one: it was issued a lifetime before it ended.
    iat: expiresIn > 0 ? now : now + expiresIn - DEFAULT_LIFETIME,
    client_id: options.clientId ?? from.clientId,
    jti: randomName(),
    consumer: organisationClaim(options.consumer ?? DEFAULT_CONSUMER),
    ...(supplier !== undefined && {
      supplier: organisationClaim(supplier),
      delegation_source: options.delegationSource ?? 'https://tt02.altinn.no/',
    }),
    ...(supplier === undefined &&
      options.delegationSource !== undefined && {
        delegation_source: options.delegationSource,
      }),
    ...options.claims,
  }
  const header = { kid: from.keys.keyId(), alg: algorithm, ...options.header }
  // Not with jose: it refuses to make the wrong tokens that an app should be tested with.
  const signed = `${encode(header)}.${encode(claims)}`
  return `${signed}.${from.keys.sign(signed, algorithm)}`
}

/** What is undefined is left out of the JSON. */
function encode(members: object): string {
  return Buffer.from(JSON.stringify(members)).toString('base64url')
}
