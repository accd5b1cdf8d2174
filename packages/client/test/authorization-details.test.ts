import { describe, expect, it, test } from 'vitest'
import { consent, systemUser } from '../src/authorization-details.js'

describe('a system user', () => {
  const organisation = { authority: 'iso6523-actorid-upis', ID: '0192:314168267' }

  it('a detail of a system user names its customer', () => {
    expect(systemUser('314168267')).toStrictEqual({
      type: 'urn:altinn:systemuser',
      systemuser_org: organisation,
    })
  })

  it('externalRef distinguishes system users of one customer', () => {
    expect(systemUser('314168267', 'ref')).toMatchObject({ systemuser_org: organisation, externalRef: 'ref' })
  })

  it('a customer with an ICD prefix throws', () => {
    expect(() => systemUser('0192:314168267')).toThrow('nine digits, without "0192:"')
  })
})

describe('a consent', () => {
  test.each([
    ['05848998356', 'urn:altinn:person:identifier-no:05848998356'],
    ['314168267', 'urn:altinn:organization:identifier-no:314168267'],
  ])('a consent by %s names the party that gave it', (from, urn) => {
    expect(consent('0a7d', from)).toEqual({ type: 'urn:altinn:consent', id: '0a7d', from: urn })
  })

  test.each(['', '0584899835', '058489983560', 'x05848998356', '3141682670', 'x314168267', '31416826'])(
    'is not of %j, which is not repeated',
    (from) => {
      const mistake = '`from` must be eleven digits (a person) or nine (an organisation)'
      expect(() => consent('0a7d', from)).toThrow(new TypeError(mistake))
    },
  )

  test.each(['', undefined, 7])('the consent id %j throws', (id) => {
    expect(() => consent(id as string, '314168267')).toThrow(
      new TypeError('`id` must be the id of a consent'),
    )
  })
})
