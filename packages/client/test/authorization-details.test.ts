import { expect, it, test } from 'vitest'
import { consent, systemUser } from '../src/authorization-details.js'

const detail = {
  type: 'urn:altinn:systemuser',
  systemuser_org: { authority: 'iso6523-actorid-upis', ID: '0192:314168267' },
}

it('systemUser names the customer, and the externalRef if one is given', () => {
  expect(systemUser('314168267')).toStrictEqual(detail)
  expect(systemUser('314168267', 'ref')).toStrictEqual({ ...detail, externalRef: 'ref' })
})

test.each(['0192:314168267', ['314168267']])(
  'systemUser throws for the customer %j, and the message names the parameter',
  (customer) => {
    const mistake = '`customer` must be an organisation number: nine digits, without "0192:"'
    expect(() => systemUser(customer as string)).toThrow(new TypeError(mistake))
  },
)

test.each<unknown>([1, null])('systemUser throws for the externalRef %j', (externalRef) => {
  const mistake = '`externalRef` must be text'
  expect(() => systemUser('314168267', externalRef as string)).toThrow(new TypeError(mistake))
})

test.each([
  ['05848998356', 'urn:altinn:person:identifier-no:05848998356'],
  ['314168267', 'urn:altinn:organization:identifier-no:314168267'],
])('consent writes the giver %s as %s', (from, urn) => {
  expect(consent('0a7d', from)).toEqual({ type: 'urn:altinn:consent', id: '0a7d', from: urn })
})

const MALFORMED = ['0584899835', '058489983560', 'x05848998356', '3141682670', 'x314168267', '31416826']
test.each<unknown>([...MALFORMED, 314168267])(
  'consent throws for the giver %j, and the message does not repeat the giver',
  (from) => {
    const mistake = '`from` must be eleven digits (a person) or nine (an organisation)'
    expect(() => consent('0a7d', from as string)).toThrow(new TypeError(mistake))
  },
)

test.each(['', undefined])('consent throws for the id %j', (id) => {
  expect(() => consent(id as string, '314168267')).toThrow(new TypeError('`id` must be the id of a consent'))
})
