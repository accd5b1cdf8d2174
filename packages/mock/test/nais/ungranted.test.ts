import { beforeEach, expect, it } from 'vitest'
import {
  createMockMaskinporten,
  createTestClock,
  type MockMaskinporten,
  type NaisManifest,
} from '../../src/index.js'
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
let mock: MockMaskinporten
beforeEach(async () => {
  mock = await createMockMaskinporten({ clock, scopes: [] })
})

it('an app with `ungranted: drop` has a client without the ungranted scopes, and a condition that names those scopes', async () => {
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
  const grants = new Grants(mock, clock, app)
  await grants.earned({ scope: READ })
  await grants.refused('MP-200', /The scope is not registered on this client/, { scope: WRITE })
  // The variable also contains the scopes that are not granted, as in a cluster.
  expect(app.env).toMatchObject({ MASKINPORTEN_SCOPES: `${READ} ${WRITE} skatt:x` })
  expect(app.consumes).toEqual([READ, WRITE, 'skatt:x'])
})

it('an app with `ungranted: drop` gets the scope and loses the condition when it is provisioned again after the grant', async () => {
  await mock.provision([provider, caller(READ, 'skatt:x')])
  mock.addScope({ name: 'skatt:x', consumers: [CALLER] })
  const [app] = await mock.provision(caller(READ, 'skatt:x'))
  if (!app) return expect.unreachable()
  expect([app.conditions, mock.apps.map(({ conditions }) => conditions)]).toEqual([[], [[], []]])
  await new Grants(mock, clock, app).earned({ scope: 'skatt:x' })
})

it('an app with `ungranted: drop` is refused when none of its consumed scopes is granted', async () => {
  await expect(mock.provision([provider, caller(WRITE, 'skatt:x')])).rejects.toThrow(
    /12: .*has not enabled; the client needs at least one scope[\s\S]*13: .*skatt:x.*the client needs at least one scope/,
  )
  expect(mock.apps).toEqual([])
})

it('an app with `ungranted: drop` has no condition when it consumes nothing', async () => {
  const yaml = consumerOf().replace('consumes:\n', 'consumes: []\n')
  const [app] = await mock.provision({ yaml }, { ungranted: 'drop' })
  expect(app?.conditions).toEqual([])
})

it('`ungranted: fail` for one manifest overrides `drop` for the whole call', async () => {
  const strict: NaisManifest = { ...caller(READ, WRITE), ungranted: 'fail' }
  await expect(mock.provision([provider, strict], { ungranted: 'drop' })).rejects.toThrow(/has not enabled/)
})
