import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { beforeEach, expect, it } from 'vitest'
import { createMockMaskinporten, createTestClock, type MockMaskinporten } from '../../src/index.js'
import { Grants } from '../maskinporten/grants.js'
import { temporaryDirectory } from '../temporary-directory.js'
import { CALLER, consumerOf, PROVIDER, READ, WRITE } from './manifests.js'

const STRANGER = '313367002'
const clock = createTestClock()
const provider = { yaml: PROVIDER }
const caller = { yaml: consumerOf(READ), organisationNumber: CALLER }
/** Returns the provider with additional members in its first scope. */
const providerWith = (...members: string[]) => ({
  yaml: PROVIDER.replace('product: helse', ['product: helse', ...members].join('\n          ')),
})

const directory = await temporaryDirectory()
let mock: MockMaskinporten
beforeEach(async () => {
  mock = await createMockMaskinporten({ clock, scopes: [] })
})

/** Provisions manifests. Returns the first app. */
async function provision(...given: Parameters<MockMaskinporten['provision']>) {
  const [app] = await mock.provision(...given)
  return app ?? expect.unreachable('no app was provisioned')
}
const addStranger = async (...scopes: string[]) =>
  new Grants(mock, clock, await mock.addClient({ organisationNumber: STRANGER, scopes }))

it('provision registers a consumer and its provider in one call, even if the consumer comes first', async () => {
  const consumer = await provision([caller, provider])
  const [, api] = mock.apps
  expect(api).toMatchObject({ kind: 'Application', name: 'api', exposes: [READ, WRITE], consumes: [] })
  expect(consumer).toMatchObject({ kind: 'Naisjob', namespace: 'team-b', exposes: [], consumes: [READ] })
  expect(await new Grants(mock, clock, consumer).earned({ scope: READ })).toMatchObject({
    client_id: consumer.clientId,
    consumer: { ID: `0192:${CALLER}` },
    scope: READ,
  })
})

it('provision grants a scope only to the listed consumers, or to all with `accessibleForAll: true`', async () => {
  await mock.provision(provider)
  const stranger = await addStranger(READ, WRITE)
  await stranger.refused('MP-250', /has not granted the scope/, { scope: READ })
  await stranger.refused('MP-250', /No provider exposes/, { scope: WRITE })
  await mock.provision(providerWith('accessibleForAll: true'))
  await stranger.earned({ scope: READ })
})

it('provision takes the lifetime of tokens from the manifest, and uses 30 s by default', async () => {
  const grants = new Grants(mock, clock, await provision([caller, provider]))
  const lifetime = async () => {
    const { exp = 0, iat = 0 } = await grants.earned({ scope: READ })
    return exp - iat
  }
  expect(await lifetime()).toBe(30)
  await mock.provision(providerWith('atMaxAge: 680'))
  expect(await lifetime()).toBe(680)
})

it('provision allows delegation of a scope only when the manifest names a delegation source', async () => {
  await mock.provision(provider)
  const supplier = await addStranger(READ)
  mock.addDelegation({ consumer: CALLER, supplier: STRANGER, scopes: [READ] })
  const delegated = { scope: READ, consumer_org: CALLER }
  await supplier.refused('MP-251', /no delegation source/, delegated)
  await mock.provision(providerWith('delegationSource: altinn', 'separator: "/"'))
  const delegation_source = 'https://tt02.altinn.no/'
  expect(await supplier.earned(delegated)).toMatchObject({ delegation_source })
})

it('provision uses NAV’s organisation number and scope prefix unless its options name others', async () => {
  expect((await provision(provider)).organisationNumber).toBe('889640782')
  const yaml = PROVIDER.replace('310385980', STRANGER)
  const consumer = { yaml: consumerOf('other:helse/sykepenger/afp.read') }
  const owner = { organisationNumber: STRANGER, scopePrefix: 'other' }
  const apps = await mock.provision([{ yaml }, consumer], owner)
  expect(apps.map(({ organisationNumber }) => organisationNumber)).toEqual([STRANGER, STRANGER])
  expect(apps[0]?.exposes[0]).toBe('other:helse/sykepenger/afp.read')
})

it('provision refuses a consumer without a grant, and the error names the fix', async () => {
  const stranger = { ...caller, organisationNumber: STRANGER }
  await expect(mock.provision([stranger, provider])).rejects.toThrow(
    `nais.yaml:12: spec.maskinporten.scopes.consumes[0].name is ${READ}, which its provider has not granted to ${STRANGER}, the owner of this app: add { orgno: "${STRANGER}" } to the scope’s consumers, or name another owner with \`organisationNumber\` (on the command line \`--organisation\`)`,
  )
})

it('provision keeps the client of an app that is provisioned again, and replaces its scopes', async () => {
  mock.addScope({ name: 'skatt:x' })
  const first = await provision({ yaml: consumerOf('skatt:x') })
  const second = await provision({ yaml: consumerOf() })
  expect(second.clientId).toBe(first.clientId)
  const message = /for client, skatt:x. The scope is not registered/
  await new Grants(mock, clock, first).refused('MP-200', message, { scope: 'skatt:x' })
})

it('provision registers a separate client for each namespace and organisation of an app', async () => {
  const yaml = consumerOf()
  const elsewhere = { yaml: yaml.replace('team-b', 'team-c') }
  const apps = await mock.provision([{ yaml }, elsewhere, { yaml, organisationNumber: CALLER }])
  expect(new Set(apps.map(({ clientId }) => clientId)).size).toBe(3)
})

it('provision reads manifests and variables from files, and variables in the call override those in the file', async () => {
  const [file, varsFile] = [join(directory, 'nais.yaml'), join(directory, 'vars.yaml')]
  await writeFile(file, PROVIDER.replace('name: api', 'name: {{app}}-{{env}}'))
  await writeFile(varsFile, 'app: file\nenv: file\n')
  expect((await provision(file, { varsFile, vars: ['env=dev'] })).name).toBe('file-dev')
})

it('the variables of an app are the mock’s own with the client id, the key and the scopes of the app', async () => {
  const { env, clientId, jwk } = await provision([caller, provider])
  const { MASKINPORTEN_CLIENT_ID: defaultId = '' } = mock.env
  expect(env).toEqual({
    ...JSON.parse(JSON.stringify(mock.env).replaceAll(defaultId, clientId)),
    ...{ MASKINPORTEN_CLIENT_JWK: JSON.stringify(jwk), MASKINPORTEN_SCOPES: READ },
  })
})

it('the variables of an app are available as a .env file for Node, unless a value contains a quote', async () => {
  const app = await provision(provider)
  expect(parseEnv(app.dotenv)).toEqual(app.env)
  mock.addScope({ name: "nav:'$(id)" })
  const quoted = await provision({ yaml: consumerOf("nav:'$(id)") })
  expect(() => quoted.dotenv).toThrow(/MASKINPORTEN_SCOPES has a quote/)
})

it('the variables of an app are written to the files that NAIS mounts, which only their owner can read', async () => {
  const app = await provision(provider)
  const mounted = join(directory, 'secrets/maskinporten')
  await mkdir(mounted, { recursive: true })
  await writeFile(join(mounted, 'MASKINPORTEN_CLIENT_JWK'), 'an older key', { mode: 0o644 })
  await app.writeFiles(mounted)
  const written = Object.entries(app.env).filter(([name]) => name.startsWith('MASKINPORTEN_'))
  expect((await readdir(mounted)).sort()).toEqual(written.map(([name]) => name).sort())
  for (const [name, value] of written) expect(await readFile(join(mounted, name), 'utf8')).toBe(value)
  expect((await stat(join(mounted, 'MASKINPORTEN_CLIENT_JWK'))).mode & 0o077).toBe(0)
})

const dropping = (...scopes: string[]) => ({
  yaml: consumerOf(...scopes),
  organisationNumber: CALLER,
  ungranted: 'drop' as const,
})

it('with `ungranted: drop`, the client of an app lacks the ungranted scopes, and a condition names those scopes', async () => {
  const app = await provision([dropping(READ, WRITE, 'skatt:x'), provider])
  const message = `Organization has no access to scopes: [${WRITE}, skatt:x]`
  expect(app.conditions).toEqual([
    { type: 'InvalidConsumedScopes', status: 'True', reason: 'Failed', message },
  ])
  const grants = new Grants(mock, clock, app)
  await grants.earned({ scope: READ })
  await grants.refused('MP-200', /The scope is not registered on this client/, { scope: WRITE })
  // The variable also contains the scopes that are not granted, as in a cluster.
  expect(app.env).toMatchObject({ MASKINPORTEN_SCOPES: `${READ} ${WRITE} skatt:x` })
  expect(app.consumes).toEqual([READ, WRITE, 'skatt:x'])
})

it('once a dropped scope is granted, provisioning its app again adds the scope and removes the condition', async () => {
  await mock.provision([provider, dropping(READ, 'skatt:x')])
  mock.addScope({ name: 'skatt:x', consumers: [CALLER] })
  const app = await provision(dropping(READ, 'skatt:x'))
  expect([app.conditions, mock.apps.map(({ conditions }) => conditions)]).toEqual([[], [[], []]])
  await new Grants(mock, clock, app).earned({ scope: 'skatt:x' })
})

it('an ungranted scope is refused if no consumed scope is granted, or if the manifest’s own option is `fail`', async () => {
  await expect(mock.provision([provider, dropping(WRITE, 'skatt:x')])).rejects.toThrow(
    /12: .*has not enabled; the client needs at least one scope[\s\S]*13: .*skatt:x.*the client needs at least one scope/,
  )
  const strict = { ...dropping(READ, WRITE), ungranted: 'fail' as const }
  await expect(mock.provision([provider, strict], { ungranted: 'drop' })).rejects.toThrow(/has not enabled/)
  expect(mock.apps).toEqual([])
})
