import { isObject, own } from '../platform/json.js'
import { stringList } from '../platform/options.js'

/**
 * An organisation in a token. `authority` and `id` are unchanged from the token.
 *
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_token ISO 6523 in `consumer`
 */
export interface Organisation {
  /** The scheme of `id`: `iso6523-actorid-upis`, or for example `etsi-en-319-412` for a European eSeal. */
  readonly authority: string
  /** The identifier, for example `0192:889640782`, or `NTRNO-555555555` for an eSeal. */
  readonly id: string
  /**
   * Nine digits. Defined only if `id` is the ISO 6523 identifier of a whole Norwegian organisation, not of a
   * part of it.
   */
  readonly organisationNumber?: string | undefined
}

const ISO_6523 = 'iso6523-actorid-upis'

/**
 * Splits an ISO 6523 identifier into its elements. The first element is the register's code (ICD), as in
 * `['0192', '889640782']`, or in `['0192', '991825827', 'ER//987464291', '1']` for a part of an organisation.
 * Returns undefined if the authority is not `iso6523-actorid-upis`, or if the identifier does not have two to
 * four non-empty elements.
 *
 * @example
 * const [register, number] = iso6523Elements(verified.consumer) ?? []
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_token
 */
export function iso6523Elements({ authority, id }: Organisation): readonly string[] | undefined {
  if (authority !== ISO_6523) return undefined
  // The limit makes an identifier with thousands of colons cheap to split.
  const elements = id.split(':', 5)
  return elements.length >= 2 && elements.length <= 4 && !elements.includes('') ? elements : undefined
}

/** Reads a `consumer` or `supplier` claim. Returns undefined for a malformed claim. */
export function readOrganisation(claim: unknown): Organisation | undefined {
  return isObject(claim) ? organisationFrom(own(claim, 'authority'), own(claim, 'ID')) : undefined
}

/**
 * Reads an organisation in `authorization_details`. The identifier is named `ID` in Digdir's specification,
 * and `id` in Altinn's samples. Returns undefined if `ID` and `id` are both present and differ.
 */
export function readOrganisationInDetails(member: unknown): Organisation | undefined {
  if (!isObject(member)) return undefined
  const [ID, id] = [own(member, 'ID'), own(member, 'id')]
  if (ID !== undefined && id !== undefined && ID !== id) return undefined
  return organisationFrom(own(member, 'authority'), ID ?? id)
}

function organisationFrom(authority: unknown, id: unknown): Organisation | undefined {
  if (typeof authority !== 'string' || typeof id !== 'string' || !authority || !id) return undefined
  // 0192 is the Norwegian register of legal entities. The organisation number is the second element, which is
  // not always the last: Maskinporten plans longer identifiers, such as `0192:991825827:ER//987464291:1`.
  const [register, organisationNumber, ...part] = iso6523Elements({ authority, id }) ?? []
  const isNorwegian = register === '0192' && part.length === 0 && isOrganisationNumber(organisationNumber)
  // Always an own member, so that a polluted `Object.prototype` does not supply an absent number.
  return Object.freeze({ authority, id, organisationNumber: isNorwegian ? organisationNumber : undefined })
}

/** Whether a value is nine digits. The check digit can be wrong, as it is in Digdir's examples. */
export function isOrganisationNumber(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9]{9}$/.test(value)
}

const WEIGHTS: readonly number[] = [3, 2, 7, 6, 5, 4, 3, 2]

/**
 * Whether a text is nine digits that end in the right check digit (modulus 11). Use this function for numbers
 * that people enter. Numbers in tokens need no such check, because Maskinporten has checked the
 * organisations.
 *
 * @see https://www.brreg.no/english/coordination/number.html
 */
export function hasValidCheckDigit(organisationNumber: string): boolean {
  if (!isOrganisationNumber(organisationNumber)) return false
  const sum = WEIGHTS.reduce((total, weight, index) => total + weight * Number(organisationNumber[index]), 0)
  // A remainder of 1 would need the check digit 10. Such numbers are not issued.
  return (11 - (sum % 11)) % 11 === Number(organisationNumber[8])
}

/** @throws {TypeError} unless the option is an array of at least one organisation number */
export function organisationNumbers(value: unknown, option: string): readonly string[] {
  const form = 'an array of organisation numbers of nine digits, without "0192:"'
  if (!Array.isArray(value)) throw new TypeError(`\`${option}\` must be ${form}`)
  return stringList(value, isOrganisationNumber, form, option)
}
