import type { JsonObject } from '../platform/json.js'
import type { Consent } from './consent.js'
import type { Organisation } from './organisation.js'
import { inspectOwnMembers } from './redact.js'
import type { SystemUser } from './system-user.js'

/** The members of a token that are never copied with it. Their values are frozen already. */
interface HiddenMembers {
  readonly pid: string | undefined
  readonly authorizationDetails: readonly JsonObject[]
  readonly consents: readonly Consent[]
  readonly claims: JsonObject
}

/** The other members of a token. Their values are frozen already. */
export type ShownMembers = Omit<VerifiedToken, keyof HiddenMembers>

/**
 * A Maskinporten token after every check that concerns the token itself. Deeply frozen, so that one handler
 * cannot change what the next one sees, and without the raw token, so that it cannot be passed on or logged.
 *
 * `pid`, `authorizationDetails`, `consents` and `claims` may hold national identity numbers. They are accessors of the
 * class: they are read by name, and a spread, `JSON.stringify`, `util.inspect`, `structuredClone` and loggers that copy
 * members leave them out. So do comparisons such as `toEqual`: compare these members by name.
 *
 * @example
 * const caller: VerifiedToken = await validator.verify(token, 'nav:x.read')
 * console.log(caller.consumer.organisationNumber)
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_token
 */
export class VerifiedToken {
  /** `iss`: the Maskinporten environment, with its trailing slash. */
  declare readonly issuer: string
  /** `scope`, split on the space character. */
  declare readonly scopes: readonly string[]
  /**
   * Who calls, and whom to base access control on. With a supplier: the organisation it acts for. With a system
   * user: the vendor of the system, see {@link SystemUser}.
   */
  declare readonly consumer: Organisation
  /** Who operates the client when the consumer has delegated access to it; absent otherwise. */
  declare readonly supplier?: Organisation
  /** `delegation_source`: where that delegation is registered, for example Altinn. */
  declare readonly delegationSource?: string
  /** `client_id`. For logs; Digdir advises against using it for access control. */
  declare readonly clientId?: string
  /** `client_amr`: how the client proved itself, for example `private_key_jwt`. */
  declare readonly clientAuthentication?: string
  /** `aud`; empty when the token is not audience-restricted (no `aud`, or the legacy `unspecified`). */
  declare readonly audience: readonly string[]
  /** The system users in `authorizationDetails`. Their `customer` is not always whom the call is about. */
  declare readonly systemUsers: readonly SystemUser[]
  /** `jti`. */
  declare readonly tokenId?: string
  /** `iat`: seconds since the epoch. */
  declare readonly issuedAt: number
  /** `exp`: seconds since the epoch. */
  declare readonly expiresAt: number
  readonly #hidden: HiddenMembers

  /**
   * @param shown becomes the token's own members; an absent claim is an absent member
   * @param hidden is given by name only
   */
  constructor(shown: ShownMembers, hidden: HiddenMembers) {
    Object.assign(this, shown)
    this.#hidden = hidden
    Object.freeze(this)
  }

  /** The person the token is about, in a pid-restricted token. That person has not logged in. */
  get pid(): string | undefined {
    return this.#hidden.pid
  }

  /** `authorization_details`, entry by entry as the token holds them, of whatever type; empty when it has none. */
  get authorizationDetails(): readonly JsonObject[] {
    return this.#hidden.authorizationDetails
  }

  /** The consents among them, whether or not they are the caller's and still stand: see {@link Consent}. */
  get consents(): readonly Consent[] {
    return this.#hidden.consents
  }

  /** Every claim as it was signed. */
  get claims(): JsonObject {
    return this.#hidden.claims
  }
}

inspectOwnMembers(VerifiedToken)
