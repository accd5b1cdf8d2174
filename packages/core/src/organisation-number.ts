import { stringList } from './options.js'

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
