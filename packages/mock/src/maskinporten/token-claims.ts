import { takeList, takeOptions } from '@portvakt/core/internal'
import { type OrganisationClaim, organisationClaim } from '../organisation-claim.js'
import { ALTINN, DEFAULT_LIFETIME } from '../registry/scope.js'
import { randomName } from './signing-keys.js'

/**
 * The default organisation of tokens and clients: a synthetic organisation from Tenor.
 * @example
 * const token = await mock.issueToken({ consumer: DEFAULT_CONSUMER })
 */
export const DEFAULT_CONSUMER = '314330897'

/**
 * The default scope of tokens.
 * @example
 * const token = await mock.issueToken({ scope: [DEFAULT_SCOPE, 'nav:x.read'] })
 */
export const DEFAULT_SCOPE = 'portvakt:demo.read'

/** The content of a token. The defaults are Maskinporten's. */
export interface TokenContent {
  /** Scopes, as an array or separated by spaces. Default `portvakt:demo.read`. */
  readonly scope?: string | readonly string[]
  /** The claim `consumer`: the number of an organisation, or the whole claim. Default 314330897. */
  readonly consumer?: string | OrganisationClaim
  /** The organisation that operates the client on the consumer's behalf. Makes the token a delegated token. */
  readonly supplier?: string | OrganisationClaim
  /** Where the delegation is registered. Default for a token with a supplier: Altinn's test environment. */
  readonly delegationSource?: string
  /** The claim `aud`. Default: absent, as in Maskinporten's tokens that were requested without `resource`. */
  readonly audience?: string | readonly string[]
  /** The claim `client_id`. Default: the id of the default client. */
  readonly clientId?: string
  /** The claim `client_amr`. Default `private_key_jwt`. */
  readonly clientAmr?: string
  /** The claim `pid`: the person whom the token concerns. */
  readonly pid?: string
  /** The claim `authorization_details`: system users and consents. */
  readonly authorizationDetails?: readonly object[]
  /** Seconds from now to `exp`. Default 120; a negative number makes an expired token. */
  readonly expiresIn?: number
  /** The claim `iss`. Default: the mock's issuer. */
  readonly issuer?: string
  /** Claims to add or replace; `undefined` removes a claim. */
  readonly claims?: Readonly<Record<string, unknown>>
}

export const CONTENT = [
  ...(['scope', 'consumer', 'supplier', 'delegationSource', 'audience', 'clientId', 'clientAmr'] as const),
  ...(['pid', 'authorizationDetails', 'expiresIn', 'issuer', 'claims'] as const),
] satisfies readonly (keyof TokenContent)[]

const TEXTS = ['delegationSource', 'clientId', 'clientAmr', 'pid', 'issuer'] as const

function takeTexts(value: string | readonly string[], name: string): string | readonly string[] {
  if (typeof value === 'string') return value
  const list = takeList(value, name)
  if (list.every((entry) => typeof entry === 'string')) return list
  throw new TypeError(
    `\`${name}\` must be a string, or a list of strings: write any other value in \`claims\``,
  )
}

function takeOrganisation(value: string | OrganisationClaim, name: string): string | OrganisationClaim {
  if (typeof value === 'string') return value
  if (typeof value === 'object') return takeOptions(value, 'any', `\`${name}\``)
  const rule = 'must be an organisation number, or { authority, ID }: write any other value in `claims`'
  throw new TypeError(`\`${name}\` ${rule}`)
}

/**
 * Copies the content, including its objects and lists, so that each member is read only once.
 *
 * @throws {TypeError}
 */
export function takeContent<T extends TokenContent>(
  content: T,
  known: readonly (keyof T & string)[],
  owner: string,
): T {
  const taken = takeOptions(content, known, owner)
  const { scope, audience, consumer, supplier, authorizationDetails, claims } = taken
  for (const name of TEXTS) {
    const value: unknown = taken[name]
    if (value !== undefined && typeof value !== 'string')
      throw new TypeError(`\`${name}\` must be a string: write any other value in \`claims\``)
  }
  return Object.assign(
    taken,
    scope !== undefined && { scope: takeTexts(scope, 'scope') },
    audience !== undefined && { audience: takeTexts(audience, 'audience') },
    consumer !== undefined && { consumer: takeOrganisation(consumer, 'consumer') },
    supplier !== undefined && { supplier: takeOrganisation(supplier, 'supplier') },
    authorizationDetails !== undefined && {
      authorizationDetails: takeList(authorizationDetails, 'authorizationDetails').map((detail, index) =>
        takeOptions(detail, 'any', `\`authorizationDetails[${index}]\``),
      ),
    },
    claims !== undefined && { claims: takeOptions(claims, 'any', '`claims`') },
  )
}

/**
 * Returns the claims of an access token in Maskinporten's format. Like Maskinporten's tokens, they do not
 * include `sub` or `nbf`, and include `aud` only on request.
 *
 * @param defaults the default values; `now` is in milliseconds since the epoch
 * @throws {TypeError} naming the wrong option
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_token
 */
export function claimsOf(
  content: TokenContent,
  defaults: { readonly issuer: string; readonly clientId: string; readonly now: number },
): Readonly<Record<string, unknown>> {
  const { scope = DEFAULT_SCOPE, expiresIn = DEFAULT_LIFETIME, supplier } = content
  if (!Number.isFinite(expiresIn)) throw new TypeError('`expiresIn` must be a number of seconds')
  const now = Math.floor(defaults.now / 1000)
  return {
    ...(content.audience !== undefined && { aud: content.audience }),
    ...(content.authorizationDetails && { authorization_details: content.authorizationDetails }),
    scope: typeof scope === 'string' ? scope : scope.join(' '),
    iss: content.issuer ?? defaults.issuer,
    ...(content.pid !== undefined && { pid: content.pid }),
    client_amr: content.clientAmr ?? 'private_key_jwt',
    token_type: 'Bearer',
    exp: now + expiresIn,
    // The `iat` of an expired token is one default lifetime before its `exp`.
    iat: expiresIn > 0 ? now : now + expiresIn - DEFAULT_LIFETIME,
    client_id: content.clientId ?? defaults.clientId,
    jti: randomName(),
    consumer: organisationClaim(content.consumer ?? DEFAULT_CONSUMER),
    ...(supplier !== undefined && { supplier: organisationClaim(supplier), delegation_source: ALTINN }),
    ...(content.delegationSource !== undefined && { delegation_source: content.delegationSource }),
    ...content.claims,
  }
}
