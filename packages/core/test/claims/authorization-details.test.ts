import { inspect } from 'node:util'
import { describe, expect, it, test } from 'vitest'
import { readAuthorizationDetails } from '../../src/claims/authorization-details.js'
import { freezeJson } from '../../src/platform/json.js'
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

/** Reads a claim as the pre-check hands it on: parsed and frozen. */
function read(claim: unknown) {
  const parsed = JSON.parse(JSON.stringify(claim))
  freezeJson(parsed)
  return readAuthorizationDetails(parsed)
}

describe('a system user', () => {
  it('is read, with the organisation that it acts for as its customer', () => {
    expect(read([systemUser])?.systemUsers).toEqual([
      {
        customer: { authority: iso, id: '0192:314168267', organisationNumber: '314168267' },
        ids: ['ebe4a681-0a8c-429e-a36f-8f9ca942b59f'],
        systemId: '314330897_matrix',
      },
    ])
  })

  it('can name the identifier of its customer `id`, as Altinn’s samples do', () => {
    const lower = { ...systemUser, systemuser_org: { authority: iso, id: '0192:314168267' } }
    expect(read([lower])?.systemUsers[0]?.customer.organisationNumber).toBe('314168267')
  })

  test.each<[string, unknown]>([
    ['systemuser_org', undefined],
    ['systemuser_org', '0192:314168267'],
    ['systemuser_org', { ID: '0192:314168267' }],
    ['systemuser_id', undefined],
    ['systemuser_id', 'ebe4a681'],
    ['systemuser_id', []],
    ['systemuser_id', ['']],
    ['systemuser_id', [7]],
    ['systemuser_id', ['x', '']],
    ['system_id', undefined],
    ['system_id', ''],
    ['system_id', 7],
  ])('is malformed when %s is %j', (name, value) => {
    expect(read([{ ...systemUser, [name]: value }])).toBeUndefined()
  })
})

describe('a consent', () => {
  it('of a person is read', () => {
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

  it('of an organisation is read', () => {
    const from = 'urn:altinn:organization:identifier-no:314168267'
    expect(read([{ ...consent, from }])?.consents[0]?.from).toEqual({
      type: 'organisation',
      organisationNumber: '314168267',
    })
  })

  test.each<[string, object, object]>([
    ['nothing', {}, {}],
    ['metadata', { metadata: { aar: '2022' } }, { aar: '2022' }],
    ['metaData, as some of Altinn’s samples', { metaData: { aar: '2022' } }, { aar: '2022' }],
  ])('has the metadata of its rights: %s', (_title, member, metadata) => {
    const { metadata: _metadata, ...bare } = right
    const consents = read([{ ...consent, consentRights: [{ ...bare, ...member }] }])?.consents
    expect(consents?.[0]?.rights[0]?.metadata).toEqual(metadata)
  })

  test.each<[string, unknown]>([
    ['id', undefined],
    ['id', ''],
    ['from', undefined],
    ['from', '05848998356'],
    ['from', 'urn:altinn:person:identifier-no:0584899835'],
    ['from', 'urn:altinn:person:identifier-no:05848998356\n'],
    ['from', 'urn:altinn:organization:identifier-no:05848998356'],
    ['from', 'urn:altinn:person:uuid:x'],
    ['from', 'x:urn:altinn:person:identifier-no:05848998356'],
    ['from', 'x:urn:altinn:organization:identifier-no:314168267'],
    ['from', ['urn:altinn:person:identifier-no:05848998356']],
    ['to', undefined],
    ['to', 'urn:altinn:organization:identifier-no:314330897'],
    ['to', { authority: iso, ID: '0192:1', id: '0192:2' }],
    ['consented', undefined],
    ['consented', 1763117335],
    ['validTo', undefined],
    ['validTo', null],
    ['validTo', 'never'],
    ['validTo', '2028-01-01'],
    ['validTo', '2028-01-01T14:30:00'],
    ['validTo', '2028-13-01T14:30:00Z'],
    ['validTo', '+012028-01-01T14:30:00Z'],
    ['validTo', 1830349800],
    ['validTo', ['2028-01-01T14:30:00Z']],
    ['validTo', 'Sat 2028-01-01T14:30:00Z'],
    ['validTo', ' 2028-01-01T14:30:00Z'],
    ['validTo', '2028-01-01T14:30:00Z '],
    ['validTo', '2028-01-01T14:30:00Z (noon)'],
    ['consentRights', undefined],
    ['consentRights', {}],
    ['consentRights', [null]],
    ['consentRights', [{ ...right, action: 'consent' }]],
    ['consentRights', [{ ...right, action: undefined }]],
    ['consentRights', [{ ...right, resource: ['enkelt-samtykke'] }]],
    ['consentRights', [{ ...right, resource: [{ value: 'enkelt-samtykke' }] }]],
    ['consentRights', [{ ...right, resource: [{ type: 'urn:altinn:resource' }] }]],
    ['consentRights', [{ ...right, resource: [{ type: '', value: 'enkelt-samtykke' }] }]],
    ['consentRights', [{ ...right, resource: [{ type: 'urn:altinn:resource', value: '' }] }]],
    ['consentRights', [{ ...right, resource: [null] }]],
    ['consentRights', [{ ...right, metadata: null }]],
    ['consentRights', [{ ...right, metadata: ['x'] }]],
    ['consentRights', [right, { ...right, action: [7] }]],
  ])('is malformed when %s is %j', (name, value) => {
    expect(read([{ ...consent, [name]: value }])).toBeUndefined()
  })

  it('does not show `from` to a spread, JSON.stringify and util.inspect, alone or in a list', () => {
    const consents = read([consent])?.consents
    for (const shown of [consents, consents?.[0]]) {
      const texts = [JSON.stringify(shown), inspect(shown, { depth: 9, showHidden: true, getters: true })]
      for (const text of [...texts, JSON.stringify({ ...shown }), JSON.stringify(structuredClone(shown))]) {
        expect(text).toContain('enkelt-samtykke')
        expect(text).not.toContain('05848998356')
      }
    }
  })
})

describe('authorization_details', () => {
  it('keeps every entry as it was signed, and lists the entries of known types', () => {
    const unknown = { type: 'urn:example:new', from: 7, systemuser_id: null }
    const details = read([unknown, consent, systemUser])
    expect(details?.authorizationDetails).toEqual([unknown, consent, systemUser])
    expect([details?.systemUsers.length, details?.consents.length]).toEqual([1, 1])
  })

  it('can be empty', () => {
    expect(read([])).toEqual({ authorizationDetails: [], systemUsers: [], consents: [] })
  })

  it.each([{}, 'x', [null], ['x'], [[]], [{}], [{ type: null }], [{ from: 'x' }]])(
    'is malformed if it is %j',
    (claim) => {
      expect(read(claim)).toBeUndefined()
    },
  )

  it('is malformed if any entry of a known type is malformed', () => {
    expect(read([consent, { ...systemUser, system_id: 7 }])).toBeUndefined()
  })

  it('cannot be changed by a handler, at any depth', () => {
    const walk = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return
      expect(Object.isFrozen(value)).toBe(true)
      Object.values(value).forEach(walk)
    }
    const details = read([systemUser, consent])
    Object.values(details ?? {}).forEach(walk)
  })
})
