import type { JWTPayload } from 'jose'
import type { Altinn } from '../altinn/altinn.js'
import type { AuthorizationDetail } from '../altinn/system-user.js'
import { isOrganisationNumber } from '../organisation-claim.js'
import { GrantError } from './grant-error.js'

type Requested = Readonly<Record<string, unknown>>

/**
 * Turns the `authorization_details` of a request into the `authorization_details` of the token.
 *
 * @param consumer the consumer of the token: the vendor of a system user, or the receiver of a consent
 * @param now milliseconds since the epoch
 * @throws {GrantError} MP-301 to MP-303
 * @see https://www.rfc-editor.org/rfc/rfc9396#section-2
 */
export function authorizationDetailsOf(
  { authorization_details: requested }: JWTPayload,
  consumer: string,
  altinn: Altinn,
  now: number,
): { authorizationDetails?: readonly AuthorizationDetail[] } {
  if (requested === undefined) return {}
  if (!Array.isArray(requested) || !requested.every(isObject))
    throw new GrantError('MP-011', '`authorization_details` must be an array of objects.')
  const [detail, ...more] = requested
  if (!detail || more.length > 0)
    throw new GrantError('MP-303', '`authorization_details` must have one entry: one party, or one consent.')
  if (detail['type'] === 'urn:altinn:systemuser')
    return { authorizationDetails: [systemUser(detail, consumer, altinn)] }
  if (detail['type'] === 'urn:altinn:consent')
    return { authorizationDetails: [consent(detail, consumer, altinn, now)] }
  const types = 'urn:altinn:systemuser or urn:altinn:consent'
  throw new GrantError('MP-301', `the type of \`authorization_details\` must be ${types}.`)
}

function systemUser(detail: Requested, vendor: string, altinn: Altinn): AuthorizationDetail {
  refuseOthers(detail, ['systemuser_org', 'externalRef'])
  const { systemuser_org: organisation, externalRef } = detail
  const { authority, ID } = isObject(organisation) ? organisation : {}
  const customer = typeof ID === 'string' && ID.startsWith('0192:') ? ID.slice(5) : undefined
  if (authority !== 'iso6523-actorid-upis' || !isOrganisationNumber(customer))
    throw new GrantError(
      'MP-303',
      '`systemuser_org` needs authority iso6523-actorid-upis, ID 0192: and nine digits.',
    )
  if (externalRef !== undefined && typeof externalRef !== 'string')
    throw new GrantError('MP-303', '`externalRef` must be a string.')
  const registered = altinn.systemUser(vendor, customer, externalRef)
  if (registered) return registered
  const which = externalRef === undefined ? '' : ' and this `externalRef`'
  throw new GrantError('MP-303', `${customer} has no system user for ${vendor}${which}.`)
}

function consent(detail: Requested, consumer: string, altinn: Altinn, now: number): AuthorizationDetail {
  refuseOthers(detail, ['id', 'from'])
  const { id, from } = detail
  if (typeof id !== 'string' || typeof from !== 'string')
    throw new GrantError('MP-303', 'A consent needs `id` and `from`.')
  const given = altinn.consent(id)
  if (!given) throw new GrantError('MP-303', 'No consent has this `id`.')
  // The message omits `from`, because it can identify a person.
  if (given.from !== from)
    throw new GrantError('MP-303', 'The consent was not given by the person in `from`.')
  if (given.to !== consumer) throw new GrantError('MP-303', `The consent was not given to ${consumer}.`)
  if (given.validTo <= now) throw new GrantError('MP-303', 'The consent is no longer valid.')
  return given.detail
}

function refuseOthers(detail: Requested, known: readonly string[]): void {
  const other = Object.keys(detail).find((name) => name !== 'type' && !known.includes(name))
  if (other === undefined) return
  const members = `has no member ${other.slice(0, 50)}, only ${known.join(', ')}`
  throw new GrantError('MP-302', `\`authorization_details\` of this type ${members}.`)
}

function isObject(value: unknown): value is Requested {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
