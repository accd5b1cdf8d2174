import { beforeAll, describe, expect, it, test } from 'vitest'
import {
  createMockMaskinporten,
  createTestClock,
  type MockConsent,
  type MockMaskinporten,
  type TestClock,
} from '../../src/index.js'
import { Grants } from './grants.js'

const VENDOR = '314330897'
const CUSTOMER = '314168267'
const PERSON = '05848998356'
const DAY = 86_400_000

let clock: TestClock
let mock: MockMaskinporten
let grants: Grants

beforeAll(async () => {
  clock = createTestClock()
  mock = await createMockMaskinporten({ clock, scopes: [{ name: 'nav:a' }] })
  grants = new Grants(mock, clock, await mock.addClient({ organisationNumber: VENDOR, scopes: ['nav:a'] }))
})

const organisation = (number: string) => ({ authority: 'iso6523-actorid-upis', ID: `0192:${number}` })
const systemUser = (more: object = {}) => ({
  type: 'urn:altinn:systemuser',
  systemuser_org: organisation(CUSTOMER),
  ...more,
})
const asking = (...details: unknown[]) => ({ authorization_details: details })

describe('a system user', () => {
  it('comes into the token in the shape of Altinn’s, with the vendor as consumer', async () => {
    mock.addSystemUser({ vendor: VENDOR, customer: CUSTOMER, id: 'ebe4a681', systemId: `${VENDOR}_matrix` })
    const claims = await grants.earned(asking(systemUser()))
    expect(claims).toMatchObject({ consumer: organisation(VENDOR) })
    expect(claims['authorization_details']).toEqual([
      {
        type: 'urn:altinn:systemuser',
        systemuser_org: organisation(CUSTOMER),
        systemuser_id: ['ebe4a681'],
        system_id: `${VENDOR}_matrix`,
      },
    ])
  })

  it('is found by its external reference', async () => {
    const detail = mock.addSystemUser({ vendor: VENDOR, customer: CUSTOMER, externalRef: 'second' })
    const claims = await grants.earned(asking(systemUser({ externalRef: 'second' })))
    expect(claims['authorization_details']).toEqual([detail])
  })

  test.each<[string, string, object, RegExp]>([
    ['MP-302', 'a field that it has not', { party: 'x' }, /no member party, only systemuser_org/],
    ['MP-303', 'a bare organisation number', { systemuser_org: CUSTOMER }, /0192: and nine digits/],
    [
      'MP-303',
      'another authority',
      { systemuser_org: { ...organisation(CUSTOMER), authority: 'x' } },
      /iso6523/,
    ],
    [
      'MP-303',
      'a customer that has none',
      { systemuser_org: organisation('910076787') },
      /has no system user/,
    ],
    ['MP-303', 'an unknown reference', { externalRef: 'third' }, /this `externalRef`/],
    ['MP-303', 'a reference that is no text', { externalRef: 7 }, /must be a string/],
  ])('is refused with %s for %s', async (code, _title, more, message) => {
    await grants.refused(code, message, asking(systemUser(more)))
  })
})

describe('a consent', () => {
  const giving = (more: Partial<MockConsent> = {}) =>
    mock.addConsent({
      from: PERSON,
      to: VENDOR,
      resources: ['enkelt-samtykke'],
      validTo: new Date(clock.now() + DAY),
      ...more,
    })
  const from = `urn:altinn:person:identifier-no:${PERSON}`
  const consent = (id: unknown, more: object = {}) => ({ type: 'urn:altinn:consent', id, from, ...more })

  it('comes into the token in the shape of Altinn’s', async () => {
    const { id } = giving()
    const claims = await grants.earned(asking(consent(id)))
    expect(claims['authorization_details']).toEqual([
      {
        type: 'urn:altinn:consent',
        id,
        from,
        to: organisation(VENDOR),
        consented: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+\+00:00$/),
        validTo: expect.stringMatching(/\+00:00$/),
        consentRights: [
          {
            action: ['consent'],
            resource: [{ type: 'urn:altinn:resource', value: 'enkelt-samtykke' }],
          },
        ],
      },
    ])
  })

  it('may be given by an organisation', async () => {
    const { id, from: giver } = giving({ from: CUSTOMER })
    expect(giver).toBe(`urn:altinn:organization:identifier-no:${CUSTOMER}`)
    await grants.earned(asking(consent(id, { from: giver })))
  })

  test.each<[string, string, () => object, RegExp]>([
    ['MP-302', 'a field that it has not', () => consent('x', { to: VENDOR }), /no member to, only id, from/],
    ['MP-303', 'no id', () => consent(undefined), /A consent needs `id` and `from`/],
    ['MP-303', 'an unknown id', () => consent('unknown'), /No consent has this `id`/],
    [
      'MP-303',
      'another giver',
      () => consent(giving()['id'], { from: 'x' }),
      /not given by the person in `from`/,
    ],
    ['MP-303', 'another receiver', () => consent(giving({ to: CUSTOMER })['id']), /not given to 314330897/],
    [
      'MP-303',
      'one that has ended',
      () => consent(giving({ validTo: new Date(clock.now()) })['id']),
      /no longer valid/,
    ],
  ])('is refused with %s for %s', async (code, _title, details, message) => {
    await grants.refused(code, message, asking(details()))
  })

  it('is not told apart from a person in any refusal', async () => {
    const { id } = giving()
    const { text } = await grants.ask(asking(consent(id, { from: `${from}0` })))
    expect(text).not.toContain(PERSON.slice(0, 6))
  })
})

test.each<[string, unknown, RegExp]>([
  ['MP-301', [{ type: 'urn:altinn:other' }], /urn:altinn:systemuser or urn:altinn:consent/],
  ['MP-301', [{}], /the type of/],
  ['MP-303', [], /one entry/],
  ['MP-303', [systemUser(), systemUser()], /one entry/],
  ['MP-011', systemUser(), /array of objects/],
  ['MP-011', ['urn:altinn:systemuser'], /array of objects/],
])('%s for authorization_details %j', async (code, details, message) => {
  await grants.refused(code, message, { authorization_details: details })
})

test.each<[string, () => unknown, RegExp]>([
  ['a vendor of eight digits', () => mock.addSystemUser({ vendor: '1', customer: CUSTOMER }), /`vendor`/],
  ['no customer', () => mock.addSystemUser({ vendor: VENDOR } as never), /`customer`/],
  [
    'a misspelt option',
    () => mock.addSystemUser({ vendor: VENDOR, org: CUSTOMER } as never),
    /no option `org`/,
  ],
  ['a giver of ten digits', () => mock.addConsent({ ...given, from: '0584899835' }), /`from` must be/],
  ['resources without a list', () => mock.addConsent({ ...given, resources: 'x' as never }), /`resources`/],
  ['no end', () => mock.addConsent({ ...given, validTo: new Date('x') }), /`validTo` must be a valid Date/],
  ['no supplier', () => mock.addDelegation({ consumer: VENDOR, scopes: [] } as never), /`supplier`/],
])('%s is a mistake', (_title, add, message) => {
  expect(add).toThrow(TypeError)
  expect(add).toThrow(message)
})

const given: MockConsent = { from: PERSON, to: VENDOR, resources: ['x'], validTo: new Date(0) }
