import { isObject, type JsonObject, own } from '../platform/json.js'
import { type Organisation, readOrganisationInDetails } from './organisation.js'
import { inspectOwnMembers } from './redact.js'

/**
 * A consent that a person or an organisation has given in Altinn. It can have expired (`validTo`), and it can
 * name a recipient other than the caller (`to`). The requirement `consent` checks `validTo` and `to`.
 *
 * `from` can hold a national identity number. `from` is an accessor of the class, so that a spread,
 * `JSON.stringify`, `util.inspect` and `structuredClone` omit it.
 *
 * @example
 * const consent: Consent | undefined = verified.consents[0]
 * if (consent?.from.type === 'organisation') console.log(consent.from.organisationNumber)
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_func_samtykke
 */
export class Consent {
  /** The consent's id in Altinn. */
  declare readonly id: string
  /** The organisation that the consent is given to. */
  declare readonly to: Organisation
  /** The time when the consent was given: seconds since the epoch. */
  declare readonly consented: number
  /** The time when the consent ends: seconds since the epoch. */
  declare readonly validTo: number
  /** `consentRights`: what the consent covers. */
  declare readonly rights: readonly ConsentRight[]
  readonly #from: ConsentGiver

  constructor(shown: Omit<Consent, 'from'>, from: ConsentGiver) {
    Object.assign(this, shown)
    this.#from = from
    Object.freeze(this)
  }

  /** The person or organisation whose data the consent covers. */
  get from(): ConsentGiver {
    return this.#from
  }
}

inspectOwnMembers(Consent)

/** The person or organisation that gave a consent. */
export type ConsentGiver =
  | { readonly type: 'person'; readonly pid: string }
  | { readonly type: 'organisation'; readonly organisationNumber: string }

/** One right in a consent. */
export interface ConsentRight {
  /** The claim's `action`, for example `consent`. */
  readonly actions: readonly string[]
  /** The claim's `resource`. For type `urn:altinn:resource`, the value is the resource's id in Altinn. */
  readonly resources: readonly { readonly type: string; readonly value: string }[]
  /** Further values that the resource's owner has defined, for example a year. Default `{}`. */
  readonly metadata: JsonObject
}

/** The `type` of a consent in `authorization_details`. */
export const CONSENT = 'urn:altinn:consent'

/** Returns undefined for a malformed entry. */
export function readConsent(entry: JsonObject): Consent | undefined {
  const id = readText(own(entry, 'id'))
  const from = readGiver(own(entry, 'from'))
  const to = readOrganisationInDetails(own(entry, 'to'))
  const consented = readTime(own(entry, 'consented'))
  const validTo = readTime(own(entry, 'validTo'))
  const rights = readList(own(entry, 'consentRights'), readRight)
  if (id === undefined || !from || !to || !rights) return undefined
  if (consented === undefined || validTo === undefined) return undefined
  return new Consent({ id, to, consented, validTo, rights }, from)
}

function readGiver(from: unknown): ConsentGiver | undefined {
  if (typeof from !== 'string') return undefined
  const pid = /^urn:altinn:person:identifier-no:([0-9]{11})$/.exec(from)?.[1]
  if (pid !== undefined) return Object.freeze({ type: 'person', pid })
  const organisationNumber = /^urn:altinn:organization:identifier-no:([0-9]{9})$/.exec(from)?.[1]
  if (organisationNumber === undefined) return undefined
  return Object.freeze({ type: 'organisation', organisationNumber })
}

/**
 * A date-time of RFC 3339 §5.6. Requires an offset: without one, the time would depend on the local time
 * zone.
 */
const DATE_TIME =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$/

function readTime(value: unknown): number | undefined {
  const milliseconds = typeof value === 'string' && DATE_TIME.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000
}

function readRight(right: unknown): ConsentRight | undefined {
  if (!isObject(right)) return undefined
  const actions = readList(own(right, 'action'), readText)
  const resources = readList(own(right, 'resource'), readResource)
  // Digdir's samples use `metadata`; some of Altinn's samples use `metaData`.
  const name = Object.hasOwn(right, 'metaData') ? 'metaData' : 'metadata'
  const metadata = Object.hasOwn(right, name) ? right[name] : Object.freeze({})
  if (!actions || !resources || !isObject(metadata)) return undefined
  return Object.freeze({ actions, resources, metadata })
}

function readResource(resource: unknown) {
  if (!isObject(resource)) return undefined
  const [type, value] = [readText(own(resource, 'type')), readText(own(resource, 'value'))]
  return type === undefined || value === undefined ? undefined : Object.freeze({ type, value })
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Returns undefined if any entry is invalid. */
function readList<T>(value: unknown, read: (entry: unknown) => T | undefined): readonly T[] | undefined {
  if (!Array.isArray(value)) return undefined
  const entries = value.map(read)
  return entries.every((entry) => entry !== undefined) ? Object.freeze(entries) : undefined
}
