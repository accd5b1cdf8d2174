import { isObject, own } from './json.js'

/**
 * An organisation as a token names it. `authority` and `id` are always exactly the token's own;
 * `organisationNumber` is there only when they are known to hold a Norwegian one.
 *
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_token ISO 6523 in `consumer`
 */
export interface Organisation {
  /** Who keeps the register, for example `iso6523-actorid-upis`. */
  readonly authority: string
  /** The identifier in that register, for example `0192:889640782`. */
  readonly id: string
  /** Nine digits; absent for other registers, other countries and parts of an organisation. */
  readonly organisationNumber?: string
}

/**
 * The organisation number inside an identifier, if it is exactly one. Maskinporten announces that
 * authorities and formats will be extended (two to four elements, other ICDs), so what follows the last
 * colon is not an organisation number: `0192:991825827:ER//987464291:1` would give `1`.
 */
function organisationNumberIn(authority: string, id: string): string | undefined {
  if (authority !== 'iso6523-actorid-upis') return undefined
  // 0192 is the ICD of the Norwegian register of legal entities; `[0-9]`, as `\d` reads no better.
  return /^0192:([0-9]{9})$/.exec(id)?.[1]
}

/** Reads a `consumer` or `supplier` claim; undefined when it does not have the form of one. */
export function readOrganisation(claim: unknown): Organisation | undefined {
  if (!isObject(claim)) return undefined
  const authority = own(claim, 'authority')
  const id = own(claim, 'ID')
  if (typeof authority !== 'string' || typeof id !== 'string' || authority === '' || id === '')
    return undefined
  const organisationNumber = organisationNumberIn(authority, id)
  return Object.freeze({ authority, id, ...(organisationNumber !== undefined && { organisationNumber }) })
}

/** Nine digits. The check digit is not judged: Digdir's own examples use numbers that fail it. */
export function isOrganisationNumber(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9]{9}$/.test(value)
}
