import { expect, it, test } from 'vitest'
import { isOrganisationNumber, organisationClaim } from '../src/organisation-claim.js'

it('an organisation number becomes the claim that Maskinporten writes', () => {
  expect(organisationClaim('889640782')).toEqual({ authority: 'iso6523-actorid-upis', ID: '0192:889640782' })
})

it('a claim that is written out is taken as it is, with what else it says', () => {
  const claim = { authority: 'etsi-en-319-412', ID: 'NTRNO-555555555', countryName: 'NO' }
  expect(organisationClaim(claim)).toEqual(claim)
})

it('a number whose check digit is wrong will do, as in Digdir’s own examples', () => {
  expect(isOrganisationNumber('123456789')).toBe(true)
})

test.each([
  ['its ICD', '0192:889640782'],
  ['eight digits', '12345678'],
  ['ten digits', '1234567890'],
  ['a line break', '889640782\n'],
  ['a space', '889 640 782'],
  ['digits of another script', '٨٨٩٦٤٠٧٨٢'],
  ['nothing', ''],
])('what has %s is no organisation number', (_title, text) => {
  expect(() => organisationClaim(text)).toThrow(/nine digits.*\{ authority, ID \}/)
})
