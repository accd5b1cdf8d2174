import { type JsonObject, own } from '../platform/json.js'
import { type Organisation, readOrganisationInDetails } from './organisation.js'

/**
 * A system user: the access that an organisation has given a vendor's system in Altinn. The token's `consumer` is
 * the vendor. Altinn has two kinds:
 *
 * - Standard: the call is about `customer`.
 * - Agent: `customer` is a service provider, for example an accountant. Only the request says which of its clients
 *   the call is about.
 *
 * The token does not say which kind it is. Only Altinn's authorisation API (PDP) can say whether the system user
 * (`ids`) may do something with a resource of the organisation that the request names.
 *
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_func_systembruker
 */
export interface SystemUser {
  /** `systemuser_org`: the organisation that owns the system user; not always the one that the call is about. */
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
