import { randomUUID } from 'node:crypto'
import { types } from 'node:util'
import { takeList, takeOptions } from '@portvakt/core/internal'
import { checkOrganisationNumber, isOrganisationNumber, organisationClaim } from '../organisation-claim.js'
import { checkText } from '../text-options.js'
import type { AuthorizationDetail } from './system-user.js'

/** A consent that a person or an organisation has given. */
export interface MockConsent {
  /** The number of the person (eleven digits) or the organisation (nine digits) that gives the consent. */
  readonly from: string
  /**
   * The number of the organisation that receives the consent, which is the `consumer` of tokens with this
   * consent.
   */
  readonly to: string
  /** The names of the resources in Altinn. */
  readonly resources: readonly string[]
  readonly validTo: Date
  /** When the consent was given. Default a day ago. */
  readonly consented?: Date
  /** The id of the consent. Default: a new UUID. */
  readonly id?: string
}

/**
 * @param now milliseconds since the epoch
 * @throws {TypeError} naming the wrong option, without quoting the number in `from`
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_func_samtykke
 */
export function readConsent(consent: MockConsent, now: number) {
  const taken = takeOptions(consent, ['from', 'to', 'resources', 'validTo', 'consented', 'id'], 'A consent')
  const { validTo, id = randomUUID(), consented = new Date(now - 86_400_000) } = taken
  const to = checkOrganisationNumber(taken.to, 'to')
  const from = giverOf(taken.from)
  const detail: AuthorizationDetail = Object.freeze({
    type: 'urn:altinn:consent',
    id: checkText(id, 'id'),
    from,
    to: organisationClaim(to),
    consented: timeOf(consented, 'consented'),
    validTo: timeOf(validTo, 'validTo'),
    consentRights: takeList(taken.resources, 'resources').map((value, index) => ({
      action: ['consent'],
      resource: [{ type: 'urn:altinn:resource', value: checkText(value, `resources[${index}]`) }],
    })),
  })
  return { id, from, to, validTo: validTo.getTime(), detail }
}

export type RegisteredConsent = ReturnType<typeof readConsent>

function giverOf(from: unknown): string {
  if (isOrganisationNumber(from)) return `urn:altinn:organization:identifier-no:${from}`
  if (typeof from === 'string' && /^[0-9]{11}$/.test(from)) return `urn:altinn:person:identifier-no:${from}`
  throw new TypeError('`from` must be eleven digits (a person) or nine (an organisation)')
}

/** Formats a time as Altinn does, with the offset `+00:00` instead of `Z`. */
function timeOf(time: unknown, option: string): string {
  // Do not use `instanceof`, because Jest gives tests their own `Date`.
  if (types.isDate(time) && Number.isFinite(time.getTime())) return time.toISOString().replace('Z', '+00:00')
  throw new TypeError(`\`${option}\` must be a valid Date`)
}
