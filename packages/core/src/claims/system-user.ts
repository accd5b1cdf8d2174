import { type JsonObject, own } from '../platform/json.js'
import { type Organisation, readOrganisationInDetails } from './organisation.js'

/**
 * The access that an organisation has given a vendor's system in Altinn. The token's `consumer` is the
 * vendor. Altinn has two kinds of system user, and the token does not show the kind:
 *
 * - Standard: the call is about `customer`.
 * - Agent: `customer` is a service provider, for example an accountant. The call is about one of the
 *   provider's clients, which only the request names.
 *
 * Only Altinn's authorisation API (PDP) knows whether the system user (`ids`) may access a resource of the
 * organisation that the request names.
 *
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_func_systembruker
 */
export interface SystemUser {
  /** `systemuser_org`: the organisation that owns the system user. */
  readonly customer: Organisation
  /** `systemuser_id`: the system user's ids in Altinn, at least one. */
  readonly ids: readonly string[]
  /** `system_id`: the vendor's system in Altinn's register, for example `991825827_regnskap`. */
  readonly systemId: string
}

/** The `type` of a system user in `authorization_details`. */
export const SYSTEM_USER = 'urn:altinn:systemuser'

/** Returns undefined for a malformed entry. */
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
