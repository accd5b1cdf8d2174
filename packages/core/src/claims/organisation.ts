import { isObject, own } from '../platform/json.js'
import { stringList } from '../platform/options.js'

/**
 * An organisation as a token names it. `authority` and `id` are always exactly the token's own;
 * `organisationNumber` is there only when they are known to hold a Norwegian one.
 *
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_token ISO 6523 in `consumer`
 */
export interface Organisation {
  /** Who keeps the register: `iso6523-actorid-upis`, or for a European eSeal for example `etsi-en-319-412`. */
  readonly authority: string
  /** The identifier in that register, for example `0192:889640782`, or `NTRNO-555555555` of an eSeal. */
  readonly id: string
  /** Nine digits; absent for other registers, other countries and parts of an organisation. */
  readonly organisationNumber?: string
}

const ISO_6523 = 'iso6523-actorid-upis'

/** The international code designator of the Norwegian register of legal entities. */
const NORWEGIAN_REGISTER = '0192'

/**
 * The elements of an ISO 6523 identifier, the register's code (ICD) first: `['0192', '889640782']`, or for a
 * part of an organisation `['0192', '991825827', 'ER//987464291', '1']`. Undefined when the authority is
 * another, or the identifier is not two to four elements: then it says nothing that could be relied on.
 *
 * @example
 * const [register, number] = iso6523Elements(verified.consumer) ?? []
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_token
 */
export function iso6523Elements({ authority, id }: Organisation): readonly string[] | undefined {
  if (authority !== ISO_6523) return undefined
  // The limit keeps an ID of thousands of colons cheap. Five elements are refused like any higher number.
  const elements = id.split(':', 5)
  return elements.length >= 2 && elements.length <= 4 && !elements.includes('') ? elements : undefined
}

/**
 * The organisation number, if the identifier is exactly one. Maskinporten announces that authorities and
 * formats will be extended, so what follows the last colon is not an organisation number:
 * `0192:991825827:ER//987464291:1` would give `1`.
 */
function organisationNumberOf(organisation: Organisation): string | undefined {
  const [register, number, ...part] = iso6523Elements(organisation) ?? []
  const isOurs = register === NORWEGIAN_REGISTER && part.length === 0 && isOrganisationNumber(number)
  return isOurs ? number : undefined
}

/** Reads a `consumer` or `supplier` claim; undefined when it does not have the form of one. */
export function readOrganisation(claim: unknown): Organisation | undefined {
  return isObject(claim) ? organisationFrom(own(claim, 'authority'), own(claim, 'ID')) : undefined
}

/**
 * Reads an organisation inside `authorization_details`, whose identifier is `ID` by Digdir's specification
 * and `id` in Altinn's own samples. Two that differ name nobody.
 */
export function readOrganisationInDetails(member: unknown): Organisation | undefined {
  if (!isObject(member)) return undefined
  const [ID, id] = [own(member, 'ID'), own(member, 'id')]
  if (ID !== undefined && id !== undefined && ID !== id) return undefined
  return organisationFrom(own(member, 'authority'), ID ?? id)
}

function organisationFrom(authority: unknown, id: unknown): Organisation | undefined {
  if (typeof authority !== 'string' || typeof id !== 'string' || authority === '' || id === '')
    return undefined
  const organisationNumber = organisationNumberOf({ authority, id })
  return Object.freeze({ authority, id, ...(organisationNumber !== undefined && { organisationNumber }) })
}

/** Nine digits. The check digit is not judged: Digdir's own examples use numbers that fail it. */
export function isOrganisationNumber(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9]{9}$/.test(value)
}

const WEIGHTS: readonly number[] = [3, 2, 7, 6, 5, 4, 3, 2]

/**
 * Whether an organisation number is nine digits of which the last is the right check digit (modulus 11).
 *
 * For what people type in, such as your own configuration or a form. The library never applies it to a token:
 * Maskinporten has checked its organisations, and examples and test data often use numbers that fail it.
 *
 * @example
 * hasValidCheckDigit('889640782') // true
 * hasValidCheckDigit('123456789') // false
 * @see https://www.brreg.no/english/coordination/number.html
 */
export function hasValidCheckDigit(organisationNumber: string): boolean {
  if (!isOrganisationNumber(organisationNumber)) return false
  const sum = WEIGHTS.reduce((total, weight, index) => total + weight * Number(organisationNumber[index]), 0)
  // A remainder of 1 would need the digit 10: no such number is given out, and no digit equals it.
  return (11 - (sum % 11)) % 11 === Number(organisationNumber[8])
}

/**
 * Checks configured organisation numbers.
 *
 * @throws {TypeError} naming the option, unless the value is an array of at least one
 */
export function organisationNumbers(value: unknown, option: string): readonly string[] {
  const form = 'an array of organisation numbers of nine digits, without "0192:"'
  if (!Array.isArray(value)) throw new TypeError(`\`${option}\` must be ${form}`)
  return stringList(value, isOrganisationNumber, form, option)
}
