import { isObject, type JsonObject, own } from '../platform/json.js'
import { type Organisation, readOrganisationInDetails } from './organisation.js'
import { inspectOwnMembers } from './redact.js'

/**
 * A consent that a person or an organisation has given in Altinn, with what it covers.
 *
 * That a token holds a consent says that it was given, not that it still stands or that the caller received
 * it: `validTo` may have passed since, and `to` may be somebody else. The requirement `consent` checks both.
 * `from` is an accessor of the class: it is read by name, and a spread, `JSON.stringify`, `util.inspect` and
 * `structuredClone` leave it out, because it may be a national identity number.
 *
 * @example
 * const consent: Consent | undefined = verified.consents[0]
 * if (consent?.from.type === 'organisation') console.log(consent.from.organisationNumber)
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_func_samtykke
 */
export class Consent {
  /** The consent's own id in Altinn. */
  declare readonly id: string
  /** Who received it: the token's `consumer`, or it is not the caller's. */
  declare readonly to: Organisation
  /** When it was given: seconds since the epoch. */
  declare readonly consented: number
  /** When it ends: seconds since the epoch. */
  declare readonly validTo: number
  /** What it covers: `consentRights`. */
  declare readonly rights: readonly ConsentRight[]
  readonly #from: ConsentGiver

  constructor(shown: Omit<Consent, 'from'>, from: ConsentGiver) {
    Object.assign(this, shown)
    this.#from = from
    Object.freeze(this)
  }

  /** Who gave it: whose data the call may be about. */
  get from(): ConsentGiver {
    return this.#from
  }
}

inspectOwnMembers(Consent)

/** Who gave a consent. */
export type ConsentGiver =
  | { readonly type: 'person'; readonly pid: string }
  | { readonly type: 'organisation'; readonly organisationNumber: string }

/** One right in a consent. */
export interface ConsentRight {
  /** `action`, for example `consent`. */
  readonly actions: readonly string[]
  /** `resource`: of type `urn:altinn:resource`, the value is the resource's id in Altinn. */
  readonly resources: readonly { readonly type: string; readonly value: string }[]
  /** What the resource's owner has asked for beside it, for example a year; empty when nothing is. */
  readonly metadata: JsonObject
}

/** The `type` of such an entry in `authorization_details`. */
export const CONSENT = 'urn:altinn:consent'

/** Undefined when the entry does not have the form of one. */
export function readConsent(entry: JsonObject): Consent | undefined {
  const id = own(entry, 'id')
  const from = readGiver(own(entry, 'from'))
  const to = readOrganisationInDetails(own(entry, 'to'))
  const consented = readTime(own(entry, 'consented'))
  const validTo = readTime(own(entry, 'validTo'))
  const rights = readList(own(entry, 'consentRights'), readRight)
  if (typeof id !== 'string' || id === '' || !from || !to || !rights) return undefined
  if (consented === undefined || validTo === undefined) return undefined
  return new Consent({ id, to, consented, validTo, rights }, from)
}

function readGiver(from: unknown): ConsentGiver | undefined {
  if (typeof from !== 'string') return undefined
  const pid = /^urn:altinn:person:identifier-no:([0-9]{11})$/.exec(from)?.[1]
  if (pid !== undefined) return Object.freeze({ type: 'person', pid })
  const organisationNumber = /^urn:altinn:organization:identifier-no:([0-9]{9})$/.exec(from)?.[1]
  return organisationNumber === undefined
    ? undefined
    : Object.freeze({ type: 'organisation', organisationNumber })
}

/** RFC 3339 §5.6, with its offset: without one, the time would be that of whoever reads it. */
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
  // Digdir's samples have `metadata`, some of Altinn's `metaData`.
  const spelling = Object.hasOwn(right, 'metaData') ? 'metaData' : 'metadata'
  const metadata = Object.hasOwn(right, spelling) ? own(right, spelling) : NOTHING
  if (!actions || !resources || !isObject(metadata)) return undefined
  return Object.freeze({ actions, resources, metadata })
}

const NOTHING: JsonObject = Object.freeze({})

function readResource(resource: unknown) {
  if (!isObject(resource)) return undefined
  const [type, value] = [readText(own(resource, 'type')), readText(own(resource, 'value'))]
  return type === undefined || value === undefined ? undefined : Object.freeze({ type, value })
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Every entry or nothing: half a list would be another list. */
function readList<T>(value: unknown, read: (entry: unknown) => T | undefined): readonly T[] | undefined {
  if (!Array.isArray(value)) return undefined
  const entries = value.map(read)
  return entries.every((entry) => entry !== undefined) ? Object.freeze(entries) : undefined
}
