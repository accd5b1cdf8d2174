import { expect, it } from 'vitest'
import { readAuthorizationDetails } from '../../src/claims/authorization-details.js'
import { freezeJson } from '../../src/platform/json.js'
import { casesOf } from '../cases.js'
import { CONSENT, SYSTEM_USER } from '../sample-tokens.js'

const [right = expect.unreachable('no right')] = CONSENT.consentRights

/** Reads a claim. The claim is parsed and frozen first, as in the verifier. */
function read(claim: unknown) {
  const parsed = JSON.parse(JSON.stringify(claim))
  freezeJson(parsed)
  return readAuthorizationDetails(parsed)
}

it.each(
  casesOf({
    systemuser_org: [undefined, { ID: '0192:314168267' }],
    systemuser_id: ['ebe4a681', [], [7], ['x', '']],
    system_id: [undefined, ''],
  }),
)('readAuthorizationDetails returns undefined for a system user whose %s is %j', (name, value) => {
  expect(read([{ ...SYSTEM_USER, [name]: value }])).toBeUndefined()
})

it('readAuthorizationDetails reads the consent of an organisation', () => {
  const from = 'urn:altinn:organization:identifier-no:314168267'
  expect(read([{ ...CONSENT, from }])?.consents[0]?.from).toEqual({
    type: 'organisation',
    organisationNumber: '314168267',
  })
})

it.each<[string, object, object]>([
  ['no metadata', {}, {}],
  ['metadata', { metadata: { aar: '2022' } }, { aar: '2022' }],
  ['metaData, as in some of Altinn’s samples', { metaData: { aar: '2022' } }, { aar: '2022' }],
])('readAuthorizationDetails reads a consent right with %s', (_title, member, metadata) => {
  const { metadata: _metadata, ...bare } = right
  const consents = read([{ ...CONSENT, consentRights: [{ ...bare, ...member }] }])?.consents
  expect(consents?.[0]?.rights[0]?.metadata).toEqual(metadata)
})

it.each(
  casesOf({
    id: [undefined, ''],
    from: [
      'urn:altinn:person:identifier-no:0584899835',
      'urn:altinn:person:identifier-no:05848998356\n',
      'urn:altinn:organization:identifier-no:05848998356',
      'x:urn:altinn:person:identifier-no:05848998356',
      'x:urn:altinn:organization:identifier-no:314168267',
      ['urn:altinn:person:identifier-no:05848998356'],
    ],
    to: [undefined],
    consented: [undefined],
    validTo: [
      ...[undefined, '2028-01-01T14:30:00', '2028-13-01T14:30:00Z', ['2028-01-01T14:30:00Z']],
      ...['+012028-01-01T14:30:00Z', '2028-01-01T15:30:00+01:00\u0000'],
    ],
    consentRights: [
      ...[undefined, [null], [right, { ...right, action: [7] }], [{ ...right, action: 'consent' }]],
      ...[[{ ...right, metadata: null }], [{ ...right, resource: [null] }]],
      [{ ...right, resource: [{ value: 'enkelt-samtykke' }] }],
      [{ ...right, resource: [{ type: 'urn:altinn:resource', value: '' }] }],
    ],
  }),
)('readAuthorizationDetails returns undefined for a consent whose `%s` is %j', (name, value) => {
  expect(read([{ ...CONSENT, [name]: value }])).toBeUndefined()
})

it('readAuthorizationDetails keeps every signed entry, and lists the system users and the consents', () => {
  const unknown = { type: 'urn:example:new', from: 7, systemuser_id: null }
  const details = read([unknown, CONSENT, SYSTEM_USER])
  expect(details?.authorizationDetails).toEqual([unknown, CONSENT, SYSTEM_USER])
  expect([details?.systemUsers.length, details?.consents.length]).toEqual([1, 1])
})

it.each([{}, [null], [{}], [CONSENT, { ...SYSTEM_USER, system_id: 7 }]])(
  'readAuthorizationDetails returns undefined for %j',
  (claim) => {
    expect(read(claim)).toBeUndefined()
  },
)
