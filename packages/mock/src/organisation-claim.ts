/** The claim that identifies an organisation in a token. */
export interface OrganisationClaim {
  readonly authority: string
  readonly ID: string
  readonly [extra: string]: unknown
}

/** Whether a value is a string of nine digits. Like Maskinporten, does not verify the check digit. */
export function isOrganisationNumber(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9]{9}$/.test(value)
}

/** @throws {TypeError} naming the option, when the value is not an organisation number */
export function checkOrganisationNumber(value: unknown, option: string): string {
  if (isOrganisationNumber(value)) return value
  const shown = typeof value === 'string' ? `"${value}"` : value
  throw new TypeError(`\`${option}\`: ${shown} is not an organisation number (nine digits, as text)`)
}

/** @throws {TypeError} for a string that is not an organisation number */
export function organisationClaim(organisation: string | OrganisationClaim): OrganisationClaim {
  if (typeof organisation !== 'string') return organisation
  if (!isOrganisationNumber(organisation))
    throw new TypeError(
      `"${organisation}" is not an organisation number (nine digits); write other identifiers as { authority, ID }`,
    )
  return { authority: 'iso6523-actorid-upis', ID: `0192:${organisation}` }
}
