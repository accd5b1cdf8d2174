import { expect, it } from 'vitest'
import {
  hasValidCheckDigit,
  isOrganisationNumber,
  iso6523Elements,
  organisationNumbers,
  readOrganisation,
  readOrganisationInDetails,
} from '../../src/claims/organisation.js'

const iso = 'iso6523-actorid-upis'
const typed = { authority: iso, id: '0192:889640782', organisationNumber: '889640782' }

it('readOrganisation returns the organisation number of a Norwegian legal entity', () => {
  expect(readOrganisation({ authority: iso, ID: '0192:889640782' })).toEqual(typed)
})

it.each([
  ['a part of an organisation', iso, '0192:991825827:ER//987464291:1'],
  ['the legacy ICD', iso, '9908:991825827'],
  ['too few digits', iso, '0192:99182582'],
  ['too many digits', iso, '0192:9918258270'],
  ['full-width digits', iso, '0192:９９１８２５８２７'],
  ['a line break', iso, '0192:991825827\n'],
  ['a Norwegian identifier under another authority', 'etsi-en-319-412', '0192:991825827'],
  ['an organisation that sends for another one', iso, '0192:991825827:987464291'],
  ['a number alone', iso, '991825827'],
])('readOrganisation returns an identifier, but no organisation number: %s', (_title, authority, ID) => {
  expect(readOrganisation({ authority, ID })).toStrictEqual({
    authority,
    id: ID,
    organisationNumber: undefined,
  })
})

it.each<unknown[]>([
  ...[[undefined], ['0192:991825827'], [{ authority: 7, ID: '0192:1' }], [{ authority: iso, ID: 7 }]],
  ...[[{ authority: '', ID: 'x' }], [{ authority: 'x', ID: '' }], [{ authority: iso, id: '0192:314168267' }]],
])('readOrganisation returns undefined for %j', (claim) => {
  expect(readOrganisation(claim)).toBeUndefined()
})

it('isOrganisationNumber accepts nine digits, even with a wrong check digit', () => {
  expect(['889640782', '123456789'].every(isOrganisationNumber)).toBe(true)
  expect(['0192:889640782', '88964078', '889 640 782', 889640782, ''].some(isOrganisationNumber)).toBe(false)
})

it.each<[string, string, string[] | undefined]>([
  [iso, '0192:991825827', ['0192', '991825827']],
  [iso, '0192:991825827:ER//987464291:1', ['0192', '991825827', 'ER//987464291', '1']],
  [iso, '991825827', undefined],
  [iso, '0192:1:2:3:4', undefined],
  [iso, '0192::1', undefined],
])('for the authority %s and the id %s, iso6523Elements returns %j', (authority, id, elements) => {
  expect(iso6523Elements({ authority, id })).toEqual(elements)
})

it.each([
  { authority: iso, ID: '0192:889640782' },
  { authority: iso, id: '0192:889640782' },
  { authority: iso, ID: '0192:889640782', id: '0192:889640782' },
])('readOrganisationInDetails reads the identifier (`ID` or `id`) of %j', (member) => {
  expect(readOrganisationInDetails(member)).toEqual(typed)
})

it.each<unknown[]>([
  [{ authority: iso, ID: '0192:314168267', id: '0192:889640782' }],
  ...[[{ id: '0192:314168267' }], [null]],
])('readOrganisationInDetails returns undefined for %j', (member) => {
  expect(readOrganisationInDetails(member)).toBeUndefined()
})

it('hasValidCheckDigit accepts only nine digits that end in the right check digit', () => {
  const valid = ['889640782', '991825827', '123456785', '555555555', '974760673']
  expect(valid.filter(hasValidCheckDigit)).toEqual(valid)
  const wrong = ['123456789', '999888777', '987654321', '889640783', '400000000']
  const malformed = ['88964078', '0192:889640782', '8896407820']
  expect([...wrong, ...malformed].filter(hasValidCheckDigit)).toEqual([])
})

it.each<unknown[]>([...[[undefined], ['889640782'], [[889640782]], [['0192:889640782']]]])(
  'organisationNumbers throws for %j, and the message names the option',
  (value) => {
    const mistake = '`consumers` must be an array of organisation numbers of nine digits, without "0192:"'
    expect(() => organisationNumbers(value, 'consumers')).toThrow(new TypeError(mistake))
  },
)
