import { takeOptions } from '@portvakt/core/internal'
import { checkOrganisationNumber } from '../organisation-claim.js'
import { takeScopeNames } from '../text-options.js'
import { type MockConsent, type RegisteredConsent, readConsent } from './consent.js'
import { type AuthorizationDetail, type MockSystemUser, readSystemUser } from './system-user.js'

/** A delegation of scopes from one organisation to another. */
export interface MockDelegation {
  /** The number of the organisation that delegates. */
  readonly consumer: string
  /**
   * The supplier: the organisation that can act for the consumer. Default, if the delegation is part of a
   * client's registration: the client's organisation.
   */
  readonly supplier?: string
  readonly scopes: readonly string[]
}

/** An organisation that has services in Altinn. */
export interface MockServiceOwner {
  readonly organisationNumber: string
  /** Altinn's short name of the organisation, for example `nav`. */
  readonly org: string
}

/**
 * The delegations, system users and consents that Maskinporten looks up in Altinn, and Altinn's service owners.
 * Each `add` method throws a `TypeError` naming the wrong option.
 */
export class Altinn {
  readonly #delegations: Required<MockDelegation>[] = []
  readonly #systemUsers: ReturnType<typeof readSystemUser>[] = []
  readonly #consents = new Map<string, RegisteredConsent>()
  readonly #serviceOwners = new Map<string, string>()

  /** Adds all delegations or, if one is wrong, none. @param owner the default supplier */
  addDelegations(delegations: readonly MockDelegation[], owner?: string): void {
    const read = delegations.map((delegation) => {
      const taken = takeOptions(delegation, ['consumer', 'supplier', 'scopes'], 'A delegation')
      const { consumer, supplier = owner, scopes } = taken
      return {
        consumer: checkOrganisationNumber(consumer, 'consumer'),
        supplier: checkOrganisationNumber(supplier, 'supplier'),
        scopes: takeScopeNames(scopes),
      }
    })
    this.#delegations.push(...read)
  }

  hasDelegated(consumer: string, supplier: string, scope: string): boolean {
    return this.#delegations.some(
      (given) => given.consumer === consumer && given.supplier === supplier && given.scopes.includes(scope),
    )
  }

  addSystemUser(user: MockSystemUser): AuthorizationDetail {
    const registered = readSystemUser(user)
    this.#systemUsers.push(registered)
    return structuredClone(registered.detail)
  }

  /** @param externalRef undefined matches only a system user without an external reference */
  systemUser(
    vendor: string,
    customer: string,
    externalRef: string | undefined,
  ): AuthorizationDetail | undefined {
    return this.#systemUsers.find(
      (user) => user.vendor === vendor && user.customer === customer && user.externalRef === externalRef,
    )?.detail
  }

  addConsent(consent: MockConsent, now: number): AuthorizationDetail {
    const registered = readConsent(consent, now)
    this.#consents.set(registered.id, registered)
    return structuredClone(registered.detail)
  }

  consent(id: string): RegisteredConsent | undefined {
    return this.#consents.get(id)
  }

  addServiceOwner(owner: MockServiceOwner): void {
    const { organisationNumber, org } = takeOptions(owner, ['organisationNumber', 'org'], 'A service owner')
    if (typeof org !== 'string' || !/^[a-z0-9]+$/.test(org))
      throw new TypeError('`org` must be the short name of a service owner, such as nav')
    this.#serviceOwners.set(checkOrganisationNumber(organisationNumber, 'organisationNumber'), org)
  }

  /** Returns the short name of a service owner; undefined for any other organisation. */
  serviceOwner(organisationNumber: string): string | undefined {
    return this.#serviceOwners.get(organisationNumber)
  }
}
