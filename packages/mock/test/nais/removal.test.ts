import { beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import {
  createMockMaskinporten,
  createTestClock,
  type MaskinportenClientAnnotations,
  type MockMaskinporten,
  type ProvisionedApp,
} from '../../src/index.js'
import { Grants } from '../maskinporten/grants.js'
import { typeError } from '../type-error.js'
import { CALLER, consumerOf, PROVIDER, READ, WRITE } from './manifests.js'

const caller = { yaml: consumerOf(READ), organisationNumber: CALLER }
const clock = createTestClock()

let mock: MockMaskinporten
let provider: ProvisionedApp
let consumer: ProvisionedApp
async function provision(yaml: string): Promise<void> {
  mock = await createMockMaskinporten({ clock, scopes: [] })
  const [first, second] = await mock.provision([{ yaml }, caller])
  if (!first || !second) return expect.unreachable()
  provider = first
  consumer = second
}
beforeEach(() => provision(PROVIDER))
const grantsOf = (app: ProvisionedApp) => new Grants(mock, clock, app)

/** Returns YAML of the provider's resource `MaskinportenClient`, with this annotation. */
const clientWith = (annotation: string, name = 'api') => `---
apiVersion: nais.io/v1
kind: MaskinportenClient
metadata: { name: ${name}, namespace: team-a, annotations: { ${annotation} } }
`
const DELETING = clientWith('digdir.nais.io/delete: "true"')
const DELETE: MaskinportenClientAnnotations = { 'digdir.nais.io/delete': 'true' }
const PRESERVE: MaskinportenClientAnnotations = { 'digdir.nais.io/preserve': 'true' }

const BOTH = { ...DELETE, ...PRESERVE }
const OLDER_VERSIONS = expect.stringContaining('older versions')
const DELETED_TODAY = expect.stringMatching(/NAIS deletes this client today.*preserve: "true"/)
it.each<[string, MaskinportenClientAnnotations, unknown]>([
  ['the annotation `preserve`, without a warning', PRESERVE, undefined],
  ['`preserve` and `delete`, with a warning about older versions', BOTH, OLDER_VERSIONS],
  ['`delete: "false"`, with a warning about NAIS today', { 'digdir.nais.io/delete': 'false' }, DELETED_TODAY],
  ['no annotation, with a warning about NAIS today', {}, DELETED_TODAY],
])('removing an app keeps its client if it has %s', async (_title, annotations, warning) => {
  expect(consumer.remove(annotations)).toEqual({ client: 'kept', keptScopes: [], warning })
  await grantsOf(consumer).earned({ scope: READ })
  const [returned] = await mock.provision(caller)
  expect([returned?.clientId, returned?.jwk]).toEqual([consumer.clientId, consumer.jwk])
})

it('the annotation `delete` deletes the client permanently', async () => {
  expect(consumer.remove(DELETE)).toEqual({ client: 'deleted', keptScopes: [], warning: undefined })
  await grantsOf(consumer).refused('MP-100', /No client/, { scope: READ })
  const [returned] = await mock.provision(caller)
  expect(returned?.clientId).not.toBe(consumer.clientId)
  expect(consumer.remove(DELETE)).toMatchObject({ client: 'deleted' })
  if (returned) await grantsOf(returned).earned({ scope: READ })
})

it('removing an app with `delete` keeps its enabled scopes and grants, and another app can expose them', async () => {
  const other = { yaml: PROVIDER.replace('name: api', 'name: other') }
  await expect(mock.provision(other)).rejects.toThrow(/which 889640782:team-a:api exposes/)
  const removal = provider.remove(DELETE)
  expect(removal).toMatchObject({ client: 'deleted', keptScopes: [READ] })
  expect(removal.warning).toMatch(/older pages.*revoked/)
  await grantsOf(consumer).earned({ scope: READ })
  const client = await mock.addClient({ organisationNumber: CALLER, scopes: [WRITE] })
  await new Grants(mock, clock, client).refused('MP-250', /No provider exposes/, { scope: WRITE })
  await mock.provision(other)
})

it('an app can take over a scope that another app no longer exposes, in the same call or later', async () => {
  const moved = { yaml: PROVIDER.replace('name: api', 'name: other') }
  const without = { yaml: PROVIDER.replace(/( *)exposes:[\s\S]*$/, '$1exposes: []\n') }
  await mock.provision([moved, without])
  await expect(mock.provision({ yaml: PROVIDER })).rejects.toThrow(/which 889640782:team-a:other exposes/)
  await mock.provision({ yaml: without.yaml.replace('name: api', 'name: other') })
  await mock.provision({ yaml: PROVIDER })
  await grantsOf(consumer).earned({ scope: READ })
})

it('turning `spec.maskinporten` off keeps the client, and prints the warning that NAIS deletes it today', async () => {
  const printed = vi.spyOn(process, 'emitWarning').mockReturnValue()
  onTestFinished(() => printed.mockRestore())
  expect(await mock.provision({ yaml: PROVIDER.replace('enabled: true', 'enabled: false') })).toEqual([])
  const warning = expect.stringMatching(/^889640782:team-a:api: NAIS deletes this client today/)
  expect(printed.mock.calls).toEqual([[warning, 'ManifestWarning']])
})

it('a MaskinportenClient in the manifest sets annotations, and annotations passed to `remove` override them', async () => {
  await provision(`${PROVIDER}${DELETING}`)
  expect(provider.warnings).toEqual([])
  expect(provider.remove(PRESERVE)).toMatchObject({ client: 'kept' })
  expect(provider.remove()).toMatchObject({ client: 'deleted' })
})

it('the annotations of a MaskinportenClient apply even after its app has disabled Maskinporten', async () => {
  const off = PROVIDER.replace('enabled: true', 'enabled: false')
  expect(await mock.provision({ yaml: off })).toEqual([])
  await grantsOf(provider).refused('MP-200', /is not registered on this client/)
  expect(await mock.provision({ yaml: `${off}${DELETING}` })).toEqual([])
  await grantsOf(provider).refused('MP-100', /No client/)
})

it('a MaskinportenClient with an annotation that is not text is refused', async () => {
  const yaml = PROVIDER + clientWith('digdir.nais.io/delete: true')
  const message = 'annotations.digdir.nais.io/delete must be text, in quotes: "true"'
  await expect(mock.provision({ yaml })).rejects.toThrow(message)
})

it('a MaskinportenClient without an app in the same file has no effect and causes a warning', async () => {
  await provision(`${PROVIDER}${clientWith('digdir.nais.io/delete: "true"', 'another')}`)
  const message = expect.stringContaining('without an app in this file')
  expect(provider.warnings).toMatchObject([{ line: 29, message }])
  expect(provider.remove()).toMatchObject({ client: 'kept' })
})

it('an annotation on the Application has no effect, as in a cluster, and causes a warning', async () => {
  const annotated = 'metadata:\n  name: api\n  annotations: { digdir.nais.io/delete: "true" }'
  await provision(PROVIDER.replace('metadata:\n  name: api', annotated))
  const path = 'metadata.annotations.digdir.nais.io/delete'
  const message = expect.stringMatching(/no effect on the Application.*kubectl annotate maskinportenclient/)
  expect(provider.warnings).toMatchObject([{ line: 11, path, message }])
  expect(provider.remove()).toMatchObject({ client: 'kept' })
})

it.each<[string, object, RegExp]>([
  ['unknown', { 'digdir.nais.io/deleted': 'true' }, /no option `digdir.nais.io\/deleted`/],
  ['not text', { 'digdir.nais.io/delete': true }, /`digdir.nais.io\/delete` must be text/],
])('`remove` refuses an annotation that is %s', (_title, annotations, message) => {
  expect(() => provider.remove(annotations)).toThrow(typeError(message))
})
