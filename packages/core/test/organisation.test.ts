import { expect, it, test } from 'vitest'
import { isOrganisationNumber, readOrganisation } from '../src/organisation.js'

const iso = 'iso6523-actorid-upis'

it('finds the organisation number of a Norwegian legal entity', () => {
  expect(readOrganisation({ authority: iso, ID: '0192:889640782' })).toEqual({
    authority: iso,
    id: '0192:889640782',
    organisationNumber: '889640782',
  })
})

test.each([
  ['a part of an organisation', iso, '0192:991825827:ER//987464291:1'],
  ['two organisations in one', iso, '0192:991825827:889640782'],
  ['the legacy ICD', iso, '9908:991825827'],
  ['another country', iso, '0007:5560360793'],
  ['no number', iso, '0192:'],
  ['too few digits', iso, '0192:99182582'],
  ['too many digits', iso, '0192:9918258270'],
  ['a letter', iso, '0192:99182582a'],
  ['full-width digits', iso, '0192:９９１８２５８２７'],
  ['a line break', iso, '0192:991825827\n'],
  ['a European seal', 'etsi-en-319-412', 'NTRNO-555555555'],
  ['our form under another authority', 'etsi-en-319-412', '0192:991825827'],
  ['our form under a similar authority', `${iso} `, '0192:991825827'],
])('keeps %s as it is and makes no organisation number of it', (_title, authority, ID) => {
  expect(readOrganisation({ authority, ID })).toEqual({ authority, id: ID })
})

test.each([
  undefined,
  null,
  '0192:991825827',
  [],
  {},
  { authority: iso },
  { ID: '0192:1' },
  { authority: '', ID: 'x' },
])('reads nothing from %j', (claim) => {
  expect(readOrganisation(claim)).toBeUndefined()
})

it('knows an organisation number by its nine digits and not by its check digit', () => {
  expect(['889640782', '123456789'].every(isOrganisationNumber)).toBe(true)
  expect(['0192:889640782', '88964078', '889 640 782', 889640782, ''].some(isOrganisationNumber)).toBe(false)
})
