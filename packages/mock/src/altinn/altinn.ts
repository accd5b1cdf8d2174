import { takeList, takeOptions } from '@portvakt/core/internal'
import { checkOrganisationNumber } from '../organisation-claim.js'
import { type MockConsent, type RegisteredConsent, readConsent } from './consent.js'
import { type AuthorizationDetail, type MockSystemUser, readSystemUser } from './system-user.js'

/** What one organisation has let another do on its behalf. */
export interface MockDelegation {
  /** The organisation number of the one that delegated. */
  readonly consumer: string
  /** Who may act for it. Left out on a client's registration: the client's own organisation. */
  readonly supplier?: string
  readonly scopes: readonly string[]
}

/**
 * What organisations and persons let others do, which Maskinporten looks up in Altinn. Each `add` throws a `TypeError`
 * that names what is wrong.
 */
export class Altinn {
  readonly #delegations: Required<MockDelegation>[] = []
  readonly #systemUsers: ReturnType<typeof readSystemUser>[] = []
  readonly #consents = new Map<string, RegisteredConsent>()

  /** @param supplier the supplier of a delegation that names none */
  addDelegation(delegation: MockDelegation, supplier?: string): void {
    this.#delegations.push(readDelegation(delegation, supplier))
  }

  hasDelegated(consumer: string, supplier: string, scope: string): boolean {
    return this.#delegations.some(
      (given) => given.consumer === consumer && given.supplier === supplier && given.scopes.includes(scope),
    )
  }

  addSystemUser(user: MockSystemUser): AuthorizationDetail {
    const registered = readSystemUser(user)
    this.#systemUsers.push(registered)
    return registered.detail
  }

  /** @param externalRef undefined finds only a system user without one */
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
    return registered.detail
  }

  consent(id: string): RegisteredConsent | undefined {
    return this.#consents.get(id)
  }
}

/**
 * @param owner the supplier where the delegation names none
 * @throws {TypeError} naming what is wrong
 */
function readDelegation(delegation: MockDelegation, owner: string | undefined): Required<MockDelegation> {
  const {
    consumer,
    supplier = owner,
    scopes,
  } = takeOptions(delegation, ['consumer', 'supplier', 'scopes'], 'A delegation')
  return {
    consumer: checkOrganisationNumber(consumer, 'consumer'),
    supplier: checkOrganisationNumber(supplier, 'supplier'),
    scopes: takeList(scopes, 'scopes'),
  }
}
