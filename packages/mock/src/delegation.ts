import { listOf, refuseUnknown } from './options.js'
import { checkOrganisationNumber } from './organisation-claim.js'

/** What one organisation has let another do on its behalf. */
export interface MockDelegation {
  /** The organisation number of the one that delegated. */
  readonly consumer: string
  /** Who may act for it. Left out on a client's registration: the client's own organisation. */
  readonly supplier?: string
  readonly scopes: readonly string[]
}

const DELEGATION: Record<keyof MockDelegation, true> = { consumer: true, supplier: true, scopes: true }

/** @throws {TypeError} naming what is wrong */
export function readDelegation(delegation: MockDelegation): Required<MockDelegation> {
  refuseUnknown(delegation, DELEGATION, 'A delegation')
  return {
    consumer: checkOrganisationNumber(delegation.consumer, 'consumer'),
    supplier: checkOrganisationNumber(delegation.supplier, 'supplier'),
    scopes: listOf(delegation.scopes, 'scopes'),
  }
}
