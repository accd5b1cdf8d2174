import { randomUUID } from 'node:crypto'
import { takeOptions } from '@portvakt/core/internal'
import { checkOrganisationNumber, organisationClaim } from '../organisation-claim.js'
import { checkText } from '../text-options.js'

/** A system user: the access that an organisation gives to a vendor's system in Altinn. */
export interface MockSystemUser {
  /** The vendor's organisation number, which is the `consumer` of the system user's tokens. */
  readonly vendor: string
  /**
   * `systemuser_org`: the organisation number of the system user's owner. The owner of an agent system user is
   * a service provider.
   */
  readonly customer: string
  /** The id of the system user. Default: a new UUID. */
  readonly id?: string
  /** The id of the vendor's system. Default `<vendor>_system`. */
  readonly systemId?: string
  /** Distinguishes between several system users of one organisation. */
  readonly externalRef?: string
}

/** An entry in the `authorization_details` of a token. */
export type AuthorizationDetail = { readonly type: string; readonly [member: string]: unknown }

/**
 * @throws {TypeError} naming the wrong option
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_func_systembruker
 */
export function readSystemUser(user: MockSystemUser) {
  const taken = takeOptions(user, ['vendor', 'customer', 'id', 'systemId', 'externalRef'], 'A system user')
  const vendor = checkOrganisationNumber(taken.vendor, 'vendor')
  const customer = checkOrganisationNumber(taken.customer, 'customer')
  const { id = randomUUID(), systemId = `${vendor}_system`, externalRef } = taken
  checkText(id, 'id')
  checkText(systemId, 'systemId')
  if (externalRef !== undefined) checkText(externalRef, 'externalRef')
  const detail: AuthorizationDetail = Object.freeze({
    type: 'urn:altinn:systemuser',
    systemuser_org: organisationClaim(customer),
    systemuser_id: Object.freeze([id]),
    system_id: systemId,
  })
  return { vendor, customer, externalRef, detail }
}
