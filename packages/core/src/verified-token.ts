import type { JsonObject } from './json.js'
import type { Organisation } from './organisation.js'

/**
 * A Maskinporten token after every check that concerns the token itself. Deeply frozen, so that one handler
 * cannot change what the next one sees, and without the raw token, so that it cannot be passed on or logged.
 *
 * `JSON.stringify` and `util.inspect` leave out `pid`, `authorizationDetails` and `claims`: they may hold
 * national identity numbers.
 *
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_token
 */
export interface VerifiedToken {
  /** `iss`: the Maskinporten environment, with its trailing slash. */
  readonly issuer: string
  /** `scope`, split on the space character. */
  readonly scopes: readonly string[]
  /** Who calls, and whom to base access control on. With a supplier: the organisation it acts for. */
  readonly consumer: Organisation
  /** Who operates the client when the consumer has delegated access to it; absent otherwise. */
  readonly supplier?: Organisation
  /** `delegation_source`: where that delegation is registered, for example Altinn. */
  readonly delegationSource?: string
  /** `client_id`. For logs; Digdir advises against using it for access control. */
  readonly clientId?: string
  /** `client_amr`: how the client proved itself, for example `private_key_jwt`. */
  readonly clientAuthentication?: string
  /** `aud`; empty when the token is not audience-restricted (no `aud`, or the legacy `unspecified`). */
  readonly audience: readonly string[]
  /** The person the token is about, in a pid-restricted token. That person has not logged in. */
  readonly pid?: string
  /** `authorization_details`, entry by entry as the token holds them; empty when it has none. */
  readonly authorizationDetails: readonly JsonObject[]
  /** `jti`. */
  readonly tokenId?: string
  /** `iat`: seconds since the epoch. */
  readonly issuedAt: number
  /** `exp`: seconds since the epoch. */
  readonly expiresAt: number
  /** Every claim as it was signed. */
  readonly claims: JsonObject
}

const PRIVATE: ReadonlySet<string> = new Set(['pid', 'authorizationDetails', 'claims'])

/** What may be shown of a token to people and machines that only look on. */
function withoutPersonalData(this: VerifiedToken): Record<string, unknown> {
  return Object.fromEntries(Object.entries(this).filter(([name]) => !PRIVATE.has(name)))
}

/** Non-enumerable, so that the token's members are exactly its documented ones. */
const DISPLAY = {
  toJSON: { value: withoutPersonalData },
  [Symbol.for('nodejs.util.inspect.custom')]: { value: withoutPersonalData },
}

/** Seals a token whose parts are frozen already. */
export function sealToken(token: VerifiedToken): VerifiedToken {
  return Object.freeze(Object.defineProperties(token, DISPLAY))
}
