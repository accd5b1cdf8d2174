import { isObject, type JsonObject, own } from '../platform/json.js'
import { CONSENT, type Consent, readConsent } from './consent.js'
import { readSystemUser, SYSTEM_USER, type SystemUser } from './system-user.js'

/** Every entry of `authorization_details` as it was signed, and the entries of known types, parsed. */
interface AuthorizationDetails {
  readonly authorizationDetails: readonly JsonObject[]
  readonly systemUsers: readonly SystemUser[]
  readonly consents: readonly Consent[]
}

/**
 * Returns undefined if the claim is not a list of objects that each have a `type` (a string), or if an entry
 * of a known type is malformed. Entries of unknown types are kept.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9396#section-2
 */
export function readAuthorizationDetails(claim: unknown): AuthorizationDetails | undefined {
  if (!Array.isArray(claim)) return undefined
  const authorizationDetails: JsonObject[] = []
  const systemUsers: SystemUser[] = []
  const consents: Consent[] = []
  for (const entry of claim) {
    const type = isObject(entry) ? own(entry, 'type') : undefined
    if (typeof type !== 'string') return undefined
    if (type === SYSTEM_USER) {
      const systemUser = readSystemUser(entry)
      if (!systemUser) return undefined
      systemUsers.push(systemUser)
    } else if (type === CONSENT) {
      const consent = readConsent(entry)
      if (!consent) return undefined
      consents.push(consent)
    }
    authorizationDetails.push(entry)
  }
  return {
    authorizationDetails: Object.freeze(authorizationDetails),
    systemUsers: Object.freeze(systemUsers),
    consents: Object.freeze(consents),
  }
}
