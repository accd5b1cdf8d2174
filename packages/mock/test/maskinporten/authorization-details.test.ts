import { expect, it } from 'vitest'
import { createMockMaskinporten, createTestClock, type MockConsent } from '../../src/index.js'
import { typeError } from '../type-error.js'
import { Grants } from './grants.js'

const VENDOR = '314330897'
const CUSTOMER = '314168267'
const PERSON = '05848998356'
const clock = createTestClock()

const mock = await createMockMaskinporten({ clock, scopes: [{ name: 'nav:a' }] })
const client = await mock.addClient({ organisationNumber: VENDOR, scopes: ['nav:a'] })
const grants = new Grants(mock, clock, client)

const organisation = (number: string) => ({ authority: 'iso6523-actorid-upis', ID: `0192:${number}` })
const systemUser = (more: object = {}) => ({
  type: 'urn:altinn:systemuser',
  systemuser_org: organisation(CUSTOMER),
  ...more,
})
const grantOf = (...details: unknown[]) => ({ authorization_details: details })
const earned = async (detail: object) => (await grants.earned(grantOf(detail)))['authorization_details']

const from = `urn:altinn:person:identifier-no:${PERSON}`
const tomorrow = new Date(clock.now() + 86_400_000)
const NEW_CONSENT = { from: PERSON, to: VENDOR, resources: ['enkelt-samtykke'], validTo: tomorrow }
const addConsent = (more: Partial<MockConsent> = {}) => mock.addConsent({ ...NEW_CONSENT, ...more })
const consent = (id: unknown, more: object = {}) => ({ type: 'urn:altinn:consent', id, from, ...more })

it('a token names a system user in Altinn’s format, and the vendor as consumer', async () => {
  mock.addSystemUser({ vendor: VENDOR, customer: CUSTOMER, id: 'ebe4a681', systemId: `${VENDOR}_matrix` })
  const claims = await grants.earned(grantOf(systemUser()))
  expect(claims).toMatchObject({ consumer: organisation(VENDOR) })
  expect(claims['authorization_details']).toEqual([
    systemUser({ systemuser_id: ['ebe4a681'], system_id: `${VENDOR}_matrix` }),
  ])
})

it('a token has the detail that addSystemUser or addConsent made, whatever its caller does to it', async () => {
  const user = mock.addSystemUser({ vendor: VENDOR, customer: CUSTOMER, externalRef: 'second', id: 'b' })
  const requested = systemUser({ externalRef: 'second' })
  expect(await earned(requested)).toEqual([user])
  Object.assign(user['systemuser_org'] ?? {}, { ID: 'x' })
  expect(await earned(requested)).toMatchObject([systemUser({ systemuser_id: ['b'] })])
  const giver = `urn:altinn:organization:identifier-no:${CUSTOMER}`
  const added = addConsent({ from: CUSTOMER })
  Object.assign(added['to'] ?? {}, { ID: 'x' })
  const detail = consent(added['id'], { from: giver })
  expect(await earned(detail)).toMatchObject([{ from: giver, to: organisation(VENDOR) }])
})

it('a token contains a consent in Altinn’s format', async () => {
  const { id } = addConsent()
  expect(await earned(consent(id))).toEqual([
    {
      type: 'urn:altinn:consent',
      id,
      from,
      to: organisation(VENDOR),
      consented: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+\+00:00$/),
      validTo: expect.stringMatching(/\+00:00$/),
      consentRights: [
        { action: ['consent'], resource: [{ type: 'urn:altinn:resource', value: 'enkelt-samtykke' }] },
      ],
    },
  ])
})

const otherAuthority = { ...organisation(CUSTOMER), authority: 'x' }
const withoutUser = organisation('910076787')
const consentTo = (more: Partial<MockConsent>) => consent(addConsent(more)['id'])
const today = new Date(clock.now())

it.each<[string, string, RegExp, ...unknown[]]>([
  ['an unknown member of a system user', 'MP-302', /party, only systemuser_org/, systemUser({ party: 'x' })],
  ['a bare organisation number', 'MP-303', /0192: and nine digits/, systemUser({ systemuser_org: CUSTOMER })],
  ['another authority', 'MP-303', /iso6523/, systemUser({ systemuser_org: otherAuthority })],
  ['a customer without users', 'MP-303', /has no system user/, systemUser({ systemuser_org: withoutUser })],
  ['an unknown external reference', 'MP-303', /this `externalRef`/, systemUser({ externalRef: 'fourth' })],
  ['a reference that is a number', 'MP-303', /must be a string/, systemUser({ externalRef: 7 })],
  ['a consent without id', 'MP-303', /A consent needs `id` and `from`/, consent(undefined)],
  ['a consent to another organisation', 'MP-303', /not given to 314330897/, consentTo({ to: CUSTOMER })],
  ['a consent that has ended', 'MP-303', /no longer valid/, consentTo({ validTo: today })],
  ['no entry', 'MP-303', /one entry/],
  ['two entries', 'MP-303', /one entry/, systemUser(), systemUser()],
])('for `authorization_details` with %s, the mock answers %s', async (_title, code, message, ...details) => {
  await grants.refused(code, message, grantOf(...details))
})

it('the mock refuses another person’s consent, and the description does not identify the giver', async () => {
  const answer = await grants.ask(grantOf(consent(addConsent()['id'], { from: `${from}0` })))
  grants.refusedAnswer(answer, 'MP-303', /not given by the person/)
  expect(answer.text).not.toContain(PERSON.slice(0, 6))
})

const user = (more: object) => () =>
  mock.addSystemUser({ vendor: VENDOR, customer: CUSTOMER, ...more } as never)
const delegating = (more: object) => () => mock.addDelegation(more as never)
const consenting = (more: object) => () => mock.addConsent({ ...NEW_CONSENT, ...more })
it.each<[string, () => unknown, RegExp]>([
  ['addSystemUser refuses a vendor of one digit', user({ vendor: '1' }), /`vendor`/],
  ['addSystemUser requires a customer', () => mock.addSystemUser({ vendor: VENDOR } as never), /`customer`/],
  ['addSystemUser refuses an unknown option', user({ org: CUSTOMER }), /no option `org`/],
  ['addSystemUser refuses an id that is a number', user({ id: 1 }), /`id` must be a non-empty string/],
  ['addSystemUser refuses a system that is a number', user({ systemId: 1 }), /`systemId` must be/],
  ['addSystemUser refuses a reference that is a number', user({ externalRef: 1 }), /`externalRef` must be/],
  ['addConsent refuses an id that is a number', consenting({ id: 1 }), /`id` must be a non-empty string/],
  ['addConsent refuses a resource that is a number', consenting({ resources: [1] }), /`resources\[0\]`/],
  ['addConsent refuses a giver of ten digits', consenting({ from: '0584899835' }), /`from` must be/],
  ['addConsent refuses resources that are not a list', consenting({ resources: 'x' }), /`resources`/],
  ['addConsent refuses an invalid date', consenting({ validTo: new Date('x') }), /`validTo` must be a valid/],
  ['addDelegation requires a supplier', delegating({ consumer: VENDOR, scopes: [] }), /`supplier`/],
])('%s', (_title, add, message) => {
  expect(add).toThrow(typeError(message))
})
