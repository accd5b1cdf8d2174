import { describe, expect, it } from 'vitest'
import {
  createMockMaskinporten,
  createTestClock,
  type MaskinportenClientAnnotations,
  type MockMaskinporten,
  type ProvisionedApp,
} from '../../src/index.js'
import { Grants } from '../maskinporten/grants.js'
import { consumerOf, PROVIDER, READ, WRITE } from './manifests.js'

const CALLER = '310385980'
const caller = { yaml: consumerOf(READ), organisationNumber: CALLER }
const clock = createTestClock()

const newMock = () => createMockMaskinporten({ clock, scopes: [] })
const grantsOf = (mock: MockMaskinporten, app: ProvisionedApp) =>
  new Grants(mock, clock, { clientId: app.clientId, jwk: app.jwk })

async function provisioned(
  mock: MockMaskinporten,
  yaml = PROVIDER,
): Promise<[ProvisionedApp, ProvisionedApp]> {
  const [provider, consumer] = await mock.provision([{ yaml }, caller])
  if (!consumer || !provider) return expect.unreachable()
  return [provider, consumer]
}

/** A MaskinportenClient for the provider. */
const clientWith = (annotation: string, name = 'api') => `---
apiVersion: nais.io/v1
kind: MaskinportenClient
metadata: { name: ${name}, namespace: team-a, annotations: { ${annotation} } }
`
const DELETE: MaskinportenClientAnnotations = { 'digdir.nais.io/delete': 'true' }
const PRESERVE: MaskinportenClientAnnotations = { 'digdir.nais.io/preserve': 'true' }

describe('removing an app without annotations', () => {
  it('keeps its client, which a returning app finds again', async () => {
    const mock = await newMock()
    const [, consumer] = await provisioned(mock)
    expect(consumer.remove()).toMatchObject({ client: 'kept' })
    await grantsOf(mock, consumer).earned({ scope: READ })
    const [returned] = await mock.provision(caller)
    expect([returned?.clientId, returned?.jwk]).toEqual([consumer.clientId, consumer.jwk])
  })

  it('warns that NAIS deletes the client today, and how to keep it', async () => {
    const [, consumer] = await provisioned(await newMock())
    expect(consumer.remove().warning).toMatch(/NAIS deletes this client today.*preserve: "true"/)
  })
})

describe('the annotation `preserve`', () => {
  it('keeps the client, and there is nothing to warn of', async () => {
    const mock = await newMock()
    const [, consumer] = await provisioned(mock)
    expect(consumer.remove(PRESERVE)).toEqual({ client: 'kept', keptScopes: [], warning: undefined })
    await grantsOf(mock, consumer).earned({ scope: READ })
  })

  it('wins over `delete`, as today, with a warning of the older platform', async () => {
    const mock = await newMock()
    const [, consumer] = await provisioned(mock)
    const removal = consumer.remove({ ...DELETE, ...PRESERVE })
    expect(removal).toMatchObject({ client: 'kept', warning: expect.stringContaining('older versions') })
    await grantsOf(mock, consumer).earned({ scope: READ })
  })
})

describe('the annotation `delete`', () => {
  it('deletes the client for good', async () => {
    const mock = await newMock()
    const [, consumer] = await provisioned(mock)
    expect(consumer.remove(DELETE)).toEqual({ client: 'deleted', keptScopes: [], warning: undefined })
    await grantsOf(mock, consumer).refused('MP-100', /No client/, { scope: READ })
    const [returned] = await mock.provision(caller)
    expect(returned?.clientId).not.toBe(consumer.clientId)
    expect(consumer.remove(DELETE)).toMatchObject({ client: 'deleted' })
    if (returned) await grantsOf(mock, returned).earned({ scope: READ })
  })

  it('keeps enabled scopes with their grants, and warns that older pages say otherwise', async () => {
    const mock = await newMock()
    const [provider, consumer] = await provisioned(mock)
    const removal = provider.remove(DELETE)
    expect(removal).toMatchObject({ client: 'deleted', keptScopes: [READ] })
    expect(removal.warning).toMatch(/older pages.*revoked/)
    await grantsOf(mock, consumer).earned({ scope: READ })
    const client = await mock.addClient({ organisationNumber: CALLER, scopes: [WRITE] })
    await new Grants(mock, clock, client).refused('MP-250', /No provider exposes/, { scope: WRITE })
  })

  it('of any other value than "true" keeps the client', async () => {
    const [, consumer] = await provisioned(await newMock())
    expect(consumer.remove({ 'digdir.nais.io/delete': 'false' })).toMatchObject({ client: 'kept' })
  })

  it('leaves the scopes to another app', async () => {
    const mock = await newMock()
    const other = { yaml: PROVIDER.replace('name: api', 'name: other') }
    const [provider] = await provisioned(mock)
    await expect(mock.provision(other)).rejects.toThrow(/which 889640782:team-a:api exposes/)
    provider.remove(DELETE)
    await mock.provision(other)
  })
})

describe('a MaskinportenClient in the file', () => {
  it('gives the annotations, and those of the call win', async () => {
    const yaml = `${PROVIDER}${clientWith('digdir.nais.io/delete: "true"')}`
    const [provider] = await provisioned(await newMock(), yaml)
    expect(provider.warnings).toEqual([])
    expect(provider.remove(PRESERVE)).toMatchObject({ client: 'kept' })
    expect(provider.remove()).toMatchObject({ client: 'deleted' })
  })

  it('decides also when an app stops enabling Maskinporten', async () => {
    const mock = await newMock()
    const [provider] = await provisioned(mock)
    const off = PROVIDER.replace('enabled: true', 'enabled: false')
    expect(await mock.provision({ yaml: off })).toEqual([])
    await grantsOf(mock, provider).refused('MP-200', /is not registered on this client/)
    expect(await mock.provision({ yaml: `${off}${clientWith('digdir.nais.io/delete: "true"')}` })).toEqual([])
    await grantsOf(mock, provider).refused('MP-100', /No client/)
  })

  it.each([
    [
      'an annotation that is not text',
      clientWith('digdir.nais.io/delete: true'),
      'annotations.digdir.nais.io/delete must be text, in quotes: "true"',
    ],
    [
      'a version that it does not have',
      clientWith('a: b').replace('nais.io/v1', 'nais.io/v1alpha1'),
      'apiVersion is nais.io/v1alpha1, which has no MaskinportenClient: write nais.io/v1',
    ],
  ])('is refused with %s', async (_title, client, message) => {
    const mock = await newMock()
    await expect(mock.provision({ yaml: `${PROVIDER}${client}` })).rejects.toThrow(message)
  })

  it('is warned of when it belongs to no app of the file', async () => {
    const yaml = `${PROVIDER}${clientWith('digdir.nais.io/delete: "true"', 'another')}`
    const [provider] = await provisioned(await newMock(), yaml)
    expect(provider.warnings).toMatchObject([
      { line: 29, message: expect.stringContaining('without an app in this file') },
    ])
    expect(provider.remove()).toMatchObject({ client: 'kept' })
  })
})

it('an annotation on the Application is warned of and has no effect, as in a cluster', async () => {
  const yaml = PROVIDER.replace(
    'metadata:\n  name: api',
    'metadata:\n  name: api\n  annotations: { digdir.nais.io/delete: "true" }',
  )
  const [provider] = await provisioned(await newMock(), yaml)
  expect(provider.warnings).toMatchObject([
    {
      line: 11,
      path: 'metadata.annotations.digdir.nais.io/delete',
      message: expect.stringMatching(/no effect on the Application.*kubectl annotate maskinportenclient/),
    },
  ])
  expect(provider.remove()).toMatchObject({ client: 'kept' })
})

it.each<[string, object, RegExp]>([
  ['misspelt', { 'digdir.nais.io/deleted': 'true' }, /no option `digdir.nais.io\/deleted`/],
  ['not text', { 'digdir.nais.io/delete': true }, /`digdir.nais.io\/delete` must be text/],
])('an annotation in the call that is %s is named', async (_title, annotations, message) => {
  const [provider] = await provisioned(await newMock())
  expect(() => provider.remove(annotations)).toThrow(message)
  expect(() => provider.remove(annotations)).toThrow(TypeError)
})
