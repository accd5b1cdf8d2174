import { isObject, type JsonObject, own } from '../platform/json.js'
import { CONSENT, type Consent, readConsent } from './consent.js'
import { readSystemUser, SYSTEM_USER, type SystemUser } from './system-user.js'

/** What `authorization_details` holds: every entry as it was signed, and those of the known types, typed. */
export interface AuthorizationDetails {
  readonly authorizationDetails: readonly JsonObject[]
  readonly systemUsers: readonly SystemUser[]
  readonly consents: readonly Consent[]
}

const NONE: readonly never[] = Object.freeze([])

/** A token without the claim. */
export const NO_DETAILS: AuthorizationDetails = Object.freeze({
  authorizationDetails: NONE,
  systemUsers: NONE,
  consents: NONE,
})

/**
 * Undefined when the claim does not have its form: it is a list of objects, each names its `type`, and those
 * of a known type have that type's members. Types that nobody here knows are kept, and fail nothing.
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
