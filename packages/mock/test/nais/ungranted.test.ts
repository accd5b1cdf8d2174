import { expect, it } from 'vitest'
import { createMockMaskinporten, createTestClock, type NaisManifest } from '../../src/index.js'
import { Grants } from '../maskinporten/grants.js'
import { consumerOf, PROVIDER, READ, WRITE } from './manifests.js'

const CALLER = '310385980'
const clock = createTestClock()
const provider = { yaml: PROVIDER }
const caller = (...scopes: string[]): NaisManifest => ({
  yaml: consumerOf(...scopes),
  organisationNumber: CALLER,
  ungranted: 'drop',
})

it('a scope without a grant is left off the client, and the app has the condition', async () => {
  const mock = await createMockMaskinporten({ clock, scopes: [] })
  const [, app] = await mock.provision([provider, caller(READ, WRITE, 'skatt:x')])
  if (!app) return expect.unreachable()
  expect(app.conditions).toEqual([
    {
      type: 'InvalidConsumedScopes',
      status: 'True',
      reason: 'Failed',
      message: `Organization has no access to scopes: [${WRITE}, skatt:x]`,
    },
  ])
  const grants = new Grants(mock, clock, { clientId: app.clientId, jwk: app.jwk })
  await grants.earned({ scope: READ })
  await grants.refused('MP-200', /The scope is not registered on this client/, { scope: WRITE })
})

it('MASKINPORTEN_SCOPES has the scope all the same, as in a cluster', async () => {
  const mock = await createMockMaskinporten({ clock, scopes: [] })
  const [, app] = await mock.provision([provider, caller(READ, WRITE)])
  expect(app?.env).toMatchObject({ MASKINPORTEN_SCOPES: `${READ} ${WRITE}` })
  expect(app?.consumes).toEqual([READ, WRITE])
})

it('the scope is registered, and the condition gone, once the provider has granted it', async () => {
  const mock = await createMockMaskinporten({ clock, scopes: [] })
  await mock.provision([provider, caller(READ, 'skatt:x')])
  mock.addScope({ name: 'skatt:x', consumers: [CALLER] })
  const [app] = await mock.provision(caller(READ, 'skatt:x'))
  if (!app) return expect.unreachable()
  expect([app.conditions, mock.apps.map(({ conditions }) => conditions)]).toEqual([[], [[], []]])
  await new Grants(mock, clock, { clientId: app.clientId, jwk: app.jwk }).earned({ scope: 'skatt:x' })
})

it('provisioning fails where no consumed scope is granted', async () => {
  const mock = await createMockMaskinporten({ clock, scopes: [] })
  await expect(mock.provision([provider, caller(WRITE, 'skatt:x')])).rejects.toThrow(
    /12: .*has not enabled; the client needs at least one scope[\s\S]*13: .*skatt:x.*the client needs at least one scope/,
  )
  expect(mock.apps).toEqual([])
})

it('an app that consumes nothing has no condition', async () => {
  const mock = await createMockMaskinporten({ clock, scopes: [] })
  const [app] = await mock.provision(
    { yaml: consumerOf().replace('consumes:\n', 'consumes: []\n') },
    { ungranted: 'drop' },
  )
  expect(app?.conditions).toEqual([])
})

it('one manifest of a call can say `fail` where the call says `drop`', async () => {
  const mock = await createMockMaskinporten({ clock, scopes: [] })
  const strict: NaisManifest = { ...caller(READ, WRITE), ungranted: 'fail' }
  await expect(mock.provision([provider, strict], { ungranted: 'drop' })).rejects.toThrow(/has not enabled/)
})

it('any other value is named', async () => {
  const mock = await createMockMaskinporten({ clock, scopes: [] })
  const wrong = { ungranted: 'ignore' } as object
  await expect(mock.provision(provider, wrong)).rejects.toThrow(/`ungranted` must be 'fail' or 'drop'/)
})
