import { takeList, takeOptions } from '@portvakt/core/internal'
import { type OrganisationClaim, organisationClaim } from '../organisation-claim.js'
import { ALTINN, DEFAULT_LIFETIME } from '../registry/scope.js'
import { randomName } from './signing-keys.js'

/**
 * A synthetic organisation from Tenor, for calls that name none.
 * @example
 * const token = await mock.issueToken({ consumer: DEFAULT_CONSUMER })
 */
export const DEFAULT_CONSUMER = '314330897'

/**
 * What a token grants when nothing else is asked for.
 * @example
 * const token = await mock.issueToken({ scope: [DEFAULT_SCOPE, 'nav:x.read'] })
 */
export const DEFAULT_SCOPE = 'portvakt:demo.read'

/** What a token says. Everything left out is as Maskinporten would have it. */
export interface TokenContent {
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
}

export const CONTENT = [
  ...(['scope', 'consumer', 'supplier', 'delegationSource', 'audience', 'clientId', 'clientAmr'] as const),
  ...(['pid', 'authorizationDetails', 'expiresIn', 'issuer', 'claims'] as const),
] satisfies readonly (keyof TokenContent)[]

/**
 * Takes what a token says, with the objects and lists in it, so that each is read once.
 *
 * @throws {TypeError} naming what is wrong
 */
export function takeContent<T extends TokenContent>(
  content: T,
  known: readonly (keyof T & string)[],
  owner: string,
): T {
  const taken = takeOptions(content, known, owner)
  const { scope, audience, consumer, supplier, authorizationDetails, claims } = taken
  return Object.assign(
    taken,
    typeof scope === 'object' && { scope: takeList(scope, 'scope') },
    typeof audience === 'object' && { audience: takeList(audience, 'audience') },
    typeof consumer === 'object' && { consumer: takeOptions(consumer, 'any', '`consumer`') },
    typeof supplier === 'object' && { supplier: takeOptions(supplier, 'any', '`supplier`') },
    authorizationDetails !== undefined && {
      authorizationDetails: takeList(authorizationDetails, 'authorizationDetails').map((detail, index) =>
        takeOptions(detail, 'any', `\`authorizationDetails[${index}]\``),
      ),
    },
    claims !== undefined && { claims: takeOptions(claims, 'any', '`claims`') },
  )
}

/**
 * The claims of an access token in Maskinporten's real shape: no `sub`, no `nbf`, and `aud` only on request.
 *
 * @param defaults what the content leaves out; `now` is in milliseconds since the epoch
 * @throws {TypeError} naming what is wrong
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
    // An expired token was valid once: it was issued one lifetime before its end.
    iat: expiresIn > 0 ? now : now + expiresIn - DEFAULT_LIFETIME,
    client_id: content.clientId ?? defaults.clientId,
    jti: randomName(),
    consumer: organisationClaim(content.consumer ?? DEFAULT_CONSUMER),
    ...(supplier !== undefined && {
      supplier: organisationClaim(supplier),
      delegation_source: ALTINN,
    }),
    ...(content.delegationSource !== undefined && { delegation_source: content.delegationSource }),
    ...content.claims,
  }
}
