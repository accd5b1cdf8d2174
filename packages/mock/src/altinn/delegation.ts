import { takeList, takeOptions } from '@portvakt/core/internal'
import { checkOrganisationNumber } from '../organisation-claim.js'

/** What one organisation has let another do on its behalf. */
export interface MockDelegation {
  /** The organisation number of the one that delegated. */
  readonly consumer: string
  /** Who may act for it. Left out on a client's registration: the client's own organisation. */
  readonly supplier?: string
  readonly scopes: readonly string[]
}

/**
 * @param owner the supplier where the delegation names none
 * @throws {TypeError} naming what is wrong
 */
export function readDelegation(
  delegation: MockDelegation,
  owner: string | undefined,
): Required<MockDelegation> {
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
