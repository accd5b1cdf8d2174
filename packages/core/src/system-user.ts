import { type JsonObject, own } from './json.js'
import { type Organisation, readOrganisationInDetails } from './organisation.js'

/**
 * A system user: a vendor's system that acts for a customer, by an access that the customer has given it in
 * Altinn. The token's `consumer` is the vendor; whom the call is for is `customer`. What the system user may
 * do with which resource is for Altinn's authorisation API (PDP) to say, by one of `ids`.
 *
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_func_systembruker
 */
export interface SystemUser {
  /** `systemuser_org`: the organisation that the call is on behalf of. */
  readonly customer: Organisation
  /** `systemuser_id`: the system user's ids in Altinn, one at least. */
  readonly ids: readonly string[]
  /** `system_id`: the vendor's system in Altinn's register, for example `991825827_regnskap`. */
  readonly systemId: string
}

/** The `type` of such an entry in `authorization_details`. */
export const SYSTEM_USER = 'urn:altinn:systemuser'

/** Undefined when the entry does not have the form of one. */
export function readSystemUser(entry: JsonObject): SystemUser | undefined {
  const customer = readOrganisationInDetails(own(entry, 'systemuser_org'))
  const ids: unknown = own(entry, 'systemuser_id')
  const systemId = own(entry, 'system_id')
  if (!customer || typeof systemId !== 'string' || systemId === '') return undefined
  return isListOfIds(ids) ? Object.freeze({ customer, ids: Object.freeze([...ids]), systemId }) : undefined
}

function isListOfIds(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((id) => typeof id === 'string' && id !== '')
}
