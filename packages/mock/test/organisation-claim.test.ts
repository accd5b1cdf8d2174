import { expect, it } from 'vitest'
import { isOrganisationNumber, organisationClaim } from '../src/organisation-claim.js'

it('organisationClaim turns an organisation number into a claim as Maskinporten does', () => {
  expect(organisationClaim('889640782')).toEqual({ authority: 'iso6523-actorid-upis', ID: '0192:889640782' })
})

it('organisationClaim returns a claim object with all its members unchanged', () => {
  const claim = { authority: 'etsi-en-319-412', ID: 'NTRNO-555555555', countryName: 'NO' }
  expect(organisationClaim(claim)).toEqual(claim)
})

it('isOrganisationNumber accepts a wrong check digit, because Digdir’s own examples have wrong check digits', () => {
  expect(isOrganisationNumber('123456789')).toBe(true)
})

it.each(['0192:889640782', '12345678', '1234567890', '889640782\n', '889 640 782', '٨٨٩٦٤٠٧٨٢', ''])(
  'organisationClaim refuses %j, which is not nine ASCII digits',
  (text) => {
    expect(() => organisationClaim(text)).toThrow(/nine digits.*\{ authority, ID \}/)
  },
)
