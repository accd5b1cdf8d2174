import type { Consent } from './consent.js'
import type { JsonObject } from './json.js'
import type { Organisation } from './organisation.js'
import { sealWithout } from './personal-data.js'
import type { SystemUser } from './system-user.js'

/**
 * A Maskinporten token after every check that concerns the token itself. Deeply frozen, so that one handler
 * cannot change what the next one sees, and without the raw token, so that it cannot be passed on or logged.
 *
 * `JSON.stringify` and `util.inspect` leave out `pid`, `authorizationDetails`, `claims` and who gave a consent:
 * they may hold national identity numbers.
 *
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_token
 */
export interface VerifiedToken {
  /** `iss`: the Maskinporten environment, with its trailing slash. */
  readonly issuer: string
  /** `scope`, split on the space character. */
  readonly scopes: readonly string[]
  /**
   * Who calls, and whom to base access control on. With a supplier: the organisation it acts for. With a system
   * user: the vendor of the system, see {@link SystemUser}.
   */
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
  /** `authorization_details`, entry by entry as the token holds them, of whatever type; empty when it has none. */
  readonly authorizationDetails: readonly JsonObject[]
  /** The system users in `authorizationDetails`. Their `customer` is not always whom the call is about. */
  readonly systemUsers: readonly SystemUser[]
  /** The consents among them, whether or not they are the caller's and still stand: see {@link Consent}. */
  readonly consents: readonly Consent[]
  /** `jti`. */
  readonly tokenId?: string
  /** `iat`: seconds since the epoch. */
  readonly issuedAt: number
  /** `exp`: seconds since the epoch. */
  readonly expiresAt: number
  /** Every claim as it was signed. */
  readonly claims: JsonObject
}

/** Seals a token whose parts are frozen already. */
export const sealToken = sealWithout<VerifiedToken>(['pid', 'authorizationDetails', 'claims'])
