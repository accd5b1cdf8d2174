import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { readAuthorizationDetails } from '../../src/claims/authorization-details.js'
import { freezeJson } from '../../src/platform/json.js'
import { casesOf } from '../cases.js'
import { isDeeplyFrozen } from '../deeply-frozen.js'
import { everyMemberOfConsent } from '../every-member.js'

const iso = 'iso6523-actorid-upis'

const systemUser = {
  type: 'urn:altinn:systemuser',
  systemuser_org: { authority: iso, ID: '0192:314168267' },
  systemuser_id: ['ebe4a681-0a8c-429e-a36f-8f9ca942b59f'],
  system_id: '314330897_matrix',
}
const right = {
  action: ['consent'],
  resource: [{ type: 'urn:altinn:resource', value: 'enkelt-samtykke' }],
  metadata: { simpletag: 'test' },
}
const consent = {
  type: 'urn:altinn:consent',
  id: '0a7d59f8-0000-4000-8000-000000000000',
  from: 'urn:altinn:person:identifier-no:05848998356',
  to: { authority: iso, ID: '0192:314330897' },
  consented: '2025-11-14T10:48:55.759557+00:00',
  validTo: '2028-01-01T15:30:00+01:00',
  consentRights: [right],
}

/** Reads a claim. The claim is parsed and frozen first, as in the verifier. */
function read(claim: unknown) {
  const parsed = JSON.parse(JSON.stringify(claim))
  freezeJson(parsed)
  return readAuthorizationDetails(parsed)
}

it('readAuthorizationDetails reads a system user, whose organisation becomes the customer', () => {
  expect(read([systemUser])?.systemUsers).toEqual([
    {
      customer: { authority: iso, id: '0192:314168267', organisationNumber: '314168267' },
      ids: ['ebe4a681-0a8c-429e-a36f-8f9ca942b59f'],
      systemId: '314330897_matrix',
    },
  ])
})

it('readAuthorizationDetails reads a customer’s identifier from `id`, as Altinn’s samples write it', () => {
  const lower = { ...systemUser, systemuser_org: { authority: iso, id: '0192:314168267' } }
  expect(read([lower])?.systemUsers[0]?.customer.organisationNumber).toBe('314168267')
})

it.each(
  casesOf({
    systemuser_org: [undefined, '0192:314168267', { ID: '0192:314168267' }],
    systemuser_id: [undefined, 'ebe4a681', [], [''], [7], ['x', '']],
    system_id: [undefined, '', 7],
  }),
)('readAuthorizationDetails returns undefined for a system user whose %s is %j', (name, value) => {
  expect(read([{ ...systemUser, [name]: value }])).toBeUndefined()
})

it('readAuthorizationDetails reads the consent of a person', () => {
  expect(read([consent])?.consents.map(everyMemberOfConsent)).toEqual([
    {
      id: consent.id,
      from: { type: 'person', pid: '05848998356' },
      to: { authority: iso, id: '0192:314330897', organisationNumber: '314330897' },
      consented: Date.UTC(2025, 10, 14, 10, 48, 55, 759) / 1000,
      validTo: Date.UTC(2028, 0, 1, 14, 30) / 1000,
      rights: [
        {
          actions: ['consent'],
          resources: [{ type: 'urn:altinn:resource', value: 'enkelt-samtykke' }],
          metadata: { simpletag: 'test' },
        },
      ],
    },
  ])
})

it('readAuthorizationDetails reads the consent of an organisation', () => {
  const from = 'urn:altinn:organization:identifier-no:314168267'
  expect(read([{ ...consent, from }])?.consents[0]?.from).toEqual({
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
  const consents = read([{ ...consent, consentRights: [{ ...bare, ...member }] }])?.consents
  expect(consents?.[0]?.rights[0]?.metadata).toEqual(metadata)
})

it.each(
  casesOf({
    id: [undefined, ''],
    from: [
      ...[undefined, '05848998356', 'urn:altinn:person:uuid:x'],
      'urn:altinn:person:identifier-no:0584899835',
      'urn:altinn:person:identifier-no:05848998356\n',
      'urn:altinn:organization:identifier-no:05848998356',
      'x:urn:altinn:person:identifier-no:05848998356',
      'x:urn:altinn:organization:identifier-no:314168267',
      ['urn:altinn:person:identifier-no:05848998356'],
    ],
    to: [
      ...[undefined, 'urn:altinn:organization:identifier-no:314330897'],
      { authority: iso, ID: '0192:1', id: '0192:2' },
    ],
    consented: [undefined, 1763117335],
    validTo: [
      ...[undefined, null, 'never', '2028-01-01', '2028-01-01T14:30:00', '2028-13-01T14:30:00Z'],
      ...['+012028-01-01T14:30:00Z', 1830349800, ['2028-01-01T14:30:00Z'], 'Sat 2028-01-01T14:30:00Z'],
      ...[' 2028-01-01T14:30:00Z', '2028-01-01T14:30:00Z ', '2028-01-01T14:30:00Z (noon)'],
      '2028-01-01T15:30:00+01:00\u0000',
    ],
    consentRights: [
      ...[undefined, {}, [null], [right, { ...right, action: [7] }]],
      ...[
        ...[{ action: 'consent' }, { action: undefined }, { metadata: null }, { metadata: ['x'] }],
        ...[
          { resource: [null] },
          { resource: ['enkelt-samtykke'] },
          { resource: [{ value: 'enkelt-samtykke' }] },
        ],
        { resource: [{ type: 'urn:altinn:resource' }] },
        { resource: [{ type: '', value: 'enkelt-samtykke' }] },
        { resource: [{ type: 'urn:altinn:resource', value: '' }] },
      ].map((member) => [{ ...right, ...member }]),
    ],
  }),
)('readAuthorizationDetails returns undefined for a consent whose `%s` is %j', (name, value) => {
  expect(read([{ ...consent, [name]: value }])).toBeUndefined()
})

it('a spread, JSON.stringify and util.inspect omit the `from` of a consent, also within a list', () => {
  const consents = read([consent])?.consents
  for (const shown of [consents, consents?.[0]]) {
    const texts = [JSON.stringify(shown), inspect(shown, { depth: 9, showHidden: true, getters: true })]
    for (const text of [...texts, JSON.stringify({ ...shown }), JSON.stringify(structuredClone(shown))]) {
      expect(text).toContain('enkelt-samtykke')
      expect(text).not.toContain('05848998356')
    }
  }
})

it('readAuthorizationDetails keeps every signed entry, and lists the system users and the consents', () => {
  const unknown = { type: 'urn:example:new', from: 7, systemuser_id: null }
  const details = read([unknown, consent, systemUser])
  expect(details?.authorizationDetails).toEqual([unknown, consent, systemUser])
  expect([details?.systemUsers.length, details?.consents.length]).toEqual([1, 1])
})

it('readAuthorizationDetails accepts an empty list', () => {
  expect(read([])).toEqual({ authorizationDetails: [], systemUsers: [], consents: [] })
})

it.each([{}, 'x', [null], ['x'], [[]], [{}], [{ type: null }], [{ from: 'x' }]])(
  'readAuthorizationDetails returns undefined for %j',
  (claim) => {
    expect(read(claim)).toBeUndefined()
  },
)

it('readAuthorizationDetails returns undefined if any entry of a known type is malformed', () => {
  expect(read([consent, { ...systemUser, system_id: 7 }])).toBeUndefined()
})

it('authorization details cannot be changed by a handler, at any depth', () => {
  const details = Object.values(read([systemUser, consent]) ?? {})
  expect(details).not.toHaveLength(0)
  for (const value of details) expect(isDeeplyFrozen(value)).toBe(true)
})
