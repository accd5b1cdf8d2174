import type { JsonObject } from '../platform/json.js'
import type { Consent } from './consent.js'
import type { Organisation } from './organisation.js'
import { inspectOwnMembers } from './redact.js'
import type { SystemUser } from './system-user.js'

/** Members that a copy of the token omits. The values are deeply frozen. */
interface HiddenMembers {
  readonly pid: string | undefined
  readonly authorizationDetails: readonly JsonObject[]
  readonly consents: readonly Consent[]
  readonly claims: JsonObject
}

/** Members that a copy includes. The values are deeply frozen. */
export type ShownMembers = Omit<VerifiedToken, keyof HiddenMembers>

/**
 * A verified Maskinporten token. Deeply frozen, so that handlers cannot change it. The raw token is not kept,
 * so that it cannot be passed on or logged.
 *
 * `pid`, `authorizationDetails`, `consents` and `claims` can hold national identity numbers. They are
 * accessors of the class, so that a spread, `JSON.stringify`, `util.inspect`, `structuredClone` and loggers
 * that copy members omit them. Comparisons such as `toEqual` also omit them: compare each of these members
 * separately.
 *
 * @example
 * const caller: VerifiedToken = await validator.verify(token, 'nav:x.read')
 * console.log(caller.consumer.organisationNumber)
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_token
 */
export class VerifiedToken {
  /** `iss`: the URL of the Maskinporten environment, with its trailing slash. */
  declare readonly issuer: string
  /** `scope`, split on the space character. */
  declare readonly scopes: readonly string[]
  /**
   * The calling organisation. Base access control on `consumer`. If the token has a supplier, this is the
   * organisation that the supplier acts for. If the token has a system user, this is the vendor of the
   * system: see {@link SystemUser}.
   */
  declare readonly consumer: Organisation
  /**
   * The organisation that operates the client, when the consumer has delegated access to that organisation.
   */
  declare readonly supplier: Organisation | undefined
  /** `delegation_source`: the register of the delegation, for example Altinn. */
  declare readonly delegationSource: string | undefined
  /** `client_id`. For logs; Digdir advises against using it for access control. */
  declare readonly clientId: string | undefined
  /** `client_amr`: how the client authenticated, for example `private_key_jwt`. */
  declare readonly clientAuthentication: string | undefined
  /** `aud`; empty when the token is not audience-restricted (no `aud`, or the legacy `unspecified`). */
  declare readonly audience: readonly string[]
  /** The system users in `authorizationDetails`. The call is not always about their `customer`. */
  declare readonly systemUsers: readonly SystemUser[]
  /** `jti`: the token's id. */
  declare readonly tokenId: string | undefined
  /** `iat`: seconds since the epoch. */
  declare readonly issuedAt: number
  /** `exp`: seconds since the epoch. */
  declare readonly expiresAt: number
  readonly #hidden: HiddenMembers

  constructor(shown: ShownMembers, hidden: HiddenMembers) {
    Object.assign(this, shown)
    this.#hidden = hidden
    Object.freeze(this)
  }

  /**
   * The national identity number of the person that the token is restricted to. The person has not logged in.
   */
  get pid(): string | undefined {
    return this.#hidden.pid
  }

  /** `authorization_details`: the entries of every type, as they were signed. Default `[]`. */
  get authorizationDetails(): readonly JsonObject[] {
    return this.#hidden.authorizationDetails
  }

  /**
   * The consents in `authorizationDetails`, including consents that have expired or that were given to
   * another organisation. See {@link Consent}.
   */
  get consents(): readonly Consent[] {
    return this.#hidden.consents
  }

  /** Every claim as it was signed. */
  get claims(): JsonObject {
    return this.#hidden.claims
  }
}

inspectOwnMembers(VerifiedToken)
