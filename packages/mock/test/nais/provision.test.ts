import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createMockMaskinporten,
  createTestClock,
  type MockMaskinporten,
  type ProvisionedApp,
  type TestClock,
} from '../../src/index.js'
import { Grants } from '../maskinporten/grants.js'
import { consumerOf, PROVIDER, READ, WRITE } from './manifests.js'

const CALLER = '310385980'
const STRANGER = '313367002'

let clock: TestClock
let directory: string
beforeAll(async () => {
  clock = createTestClock()
  directory = await mkdtemp(join(tmpdir(), 'provision-'))
})
afterAll(() => rm(directory, { recursive: true }))

const newMock = () => createMockMaskinporten({ clock, scopes: [] })
const grantsOf = (mock: MockMaskinporten, app: ProvisionedApp) =>
  new Grants(mock, clock, { clientId: app.clientId, jwk: app.jwk })
const caller = { yaml: consumerOf(READ), organisationNumber: CALLER }

async function only(apps: Promise<readonly ProvisionedApp[]>): Promise<ProvisionedApp> {
  const [app] = await apps
  return app ?? expect.unreachable('no app was provisioned')
}

describe('a provider and a consumer', () => {
  it('are provisioned in one call, in any order, and the consumer earns a token', async () => {
    const mock = await newMock()
    const [consumer, provider] = await mock.provision([caller, { yaml: PROVIDER }])
    if (!consumer || !provider) return expect.unreachable()
    expect(provider).toMatchObject({ kind: 'Application', name: 'api', exposes: [READ, WRITE], consumes: [] })
    expect(consumer).toMatchObject({ kind: 'Naisjob', namespace: 'team-b', exposes: [], consumes: [READ] })
    expect(await grantsOf(mock, consumer).earned({ scope: READ })).toMatchObject({
      client_id: consumer.clientId,
      consumer: { ID: `0192:${CALLER}` },
      scope: READ,
    })
  })

  it('leave out everybody whom the manifest does not grant', async () => {
    const mock = await newMock()
    await mock.provision({ yaml: PROVIDER })
    const client = await mock.addClient({ organisationNumber: STRANGER, scopes: [READ, WRITE] })
    const stranger = new Grants(mock, clock, client)
    await stranger.refused('MP-250', /has not granted the scope/, { scope: READ })
    await stranger.refused('MP-250', /No provider exposes/, { scope: WRITE })
  })

  it('give tokens that live as long as the manifest says, 30 s unless it does', async () => {
    const mock = await newMock()
    const long = PROVIDER.replace('product: helse', 'product: helse\n          atMaxAge: 680')
    const [consumer] = await mock.provision([caller, { yaml: PROVIDER }])
    if (!consumer) return expect.unreachable()
    const lifetime = async () => {
      const { exp = 0, iat = 0 } = await grantsOf(mock, consumer).earned({ scope: READ })
      return exp - iat
    }
    expect(await lifetime()).toBe(30)
    await mock.provision({ yaml: long })
    expect(await lifetime()).toBe(680)
  })

  it('may be delegated only where the manifest names a delegation source', async () => {
    const mock = await newMock()
    const delegable = PROVIDER.replace(
      'product: helse',
      'product: helse\n          delegationSource: altinn\n          separator: "/"',
    )
    await mock.provision({ yaml: PROVIDER })
    const supplier = new Grants(
      mock,
      clock,
      await mock.addClient({ organisationNumber: STRANGER, scopes: [READ] }),
    )
    mock.addDelegation({ consumer: CALLER, supplier: STRANGER, scopes: [READ] })
    await supplier.refused('MP-251', /no delegation source/, { scope: READ, consumer_org: CALLER })
    await mock.provision({ yaml: delegable })
    expect(await supplier.earned({ scope: READ, consumer_org: CALLER })).toMatchObject({
      delegation_source: 'https://tt02.altinn.no/',
    })
  })

  it('are open to all with accessibleForAll', async () => {
    const mock = await newMock()
    const open = PROVIDER.replace('product: helse', 'product: helse\n          accessibleForAll: true')
    await mock.provision([{ yaml: open }, { yaml: consumerOf(READ), organisationNumber: STRANGER }])
  })

  it('belong to NAV unless told otherwise, in the call or for one manifest', async () => {
    const mock = await newMock()
    expect((await only(mock.provision({ yaml: PROVIDER }))).organisationNumber).toBe('889640782')
    const others = PROVIDER.replace('310385980', STRANGER)
    const [provider, consumer] = await mock.provision(
      [{ yaml: others }, { yaml: consumerOf('other:helse/sykepenger/afp.read') }],
      { organisationNumber: STRANGER, scopePrefix: 'other' },
    )
    expect([provider?.organisationNumber, consumer?.organisationNumber]).toEqual([STRANGER, STRANGER])
    expect(provider?.exposes[0]).toBe('other:helse/sykepenger/afp.read')
  })

  it('fail where the consumer is not granted the scope, and say why', async () => {
    const mock = await newMock()
    const stranger = { ...caller, organisationNumber: STRANGER }
    await expect(mock.provision([stranger, { yaml: PROVIDER }])).rejects.toThrow(
      `nais.yaml:12: spec.maskinporten.scopes.consumes[0].name is ${READ}, which its provider has not granted to ${STRANGER}: that takes { orgno: "${STRANGER}" } among the scope’s consumers`,
    )
  })
})

describe('the variables of an app', () => {
  it('are those of both of NAIS’s tables', async () => {
    const mock = await newMock()
    const [app] = await mock.provision([caller, { yaml: PROVIDER }])
    expect(app?.env).toEqual({
      MASKINPORTEN_CLIENT_ID: app?.clientId,
      MASKINPORTEN_CLIENT_JWK: JSON.stringify(app?.jwk),
      MASKINPORTEN_SCOPES: READ,
      MASKINPORTEN_WELL_KNOWN_URL: `${mock.issuer}.well-known/oauth-authorization-server`,
      MASKINPORTEN_ISSUER: mock.issuer,
      MASKINPORTEN_TOKEN_ENDPOINT: `${mock.issuer}token`,
      MASKINPORTEN_JWKS_URI: `${mock.issuer}jwk`,
      NAIS_TOKEN_ENDPOINT: `${mock.issuer}texas/${app?.clientId}/api/v1/token`,
      NAIS_TOKEN_EXCHANGE_ENDPOINT: `${mock.issuer}texas/${app?.clientId}/api/v1/token/exchange`,
      NAIS_TOKEN_INTROSPECTION_ENDPOINT: `${mock.issuer}texas/${app?.clientId}/api/v1/introspect`,
    })
  })

  it('come as a .env file, which Node reads back', async () => {
    const mock = await newMock()
    const app = await only(mock.provision({ yaml: PROVIDER }))
    const file = join(directory, '.env')
    await writeFile(file, app.dotenv)
    const script =
      'console.log(JSON.stringify(Object.fromEntries(Object.entries(process.env).filter(([n]) => /^(MASKINPORTEN|NAIS)_/.test(n)))))'
    const { stdout } = await promisify(execFile)(process.execPath, [`--env-file=${file}`, '-e', script])
    expect(JSON.parse(stdout)).toEqual(app.env)
  })

  it('are no .env file with a value that such a file cannot hold', async () => {
    const mock = await newMock()
    mock.addScope({ name: "nav:'$(id)" })
    const app = await only(mock.provision({ yaml: consumerOf("nav:'$(id)") }))
    expect(() => app.dotenv).toThrow(/MASKINPORTEN_SCOPES has a quote/)
  })

  it('come as the files that NAIS mounts, for their owner alone', async () => {
    const mock = await newMock()
    const app = await only(mock.provision({ yaml: PROVIDER }))
    const mounted = join(directory, 'secrets/maskinporten')
    await mkdir(mounted, { recursive: true })
    await writeFile(join(mounted, 'MASKINPORTEN_CLIENT_JWK'), 'of an earlier day', { mode: 0o644 })
    await app.writeFiles(mounted)
    const ofMaskinporten = Object.entries(app.env).filter(([name]) => name.startsWith('MASKINPORTEN_'))
    expect((await readdir(mounted)).sort()).toEqual(ofMaskinporten.map(([name]) => name).sort())
    for (const [name, value] of ofMaskinporten)
      expect(await readFile(join(mounted, name), 'utf8')).toBe(value)
    expect((await stat(join(mounted, 'MASKINPORTEN_CLIENT_JWK'))).mode & 0o077).toBe(0)
  })
})

it('an app that is provisioned again keeps its client and gets its new scopes', async () => {
  const mock = await newMock()
  mock.addScope({ name: 'skatt:x' })
  const first = await only(mock.provision({ yaml: consumerOf('skatt:x') }))
  const second = await only(mock.provision({ yaml: consumerOf() }))
  expect(second.clientId).toBe(first.clientId)
  await grantsOf(mock, first).refused('MP-200', /for client, skatt:x. The scope is not registered/, {
    scope: 'skatt:x',
  })
})

it('apps of one name in two namespaces, or of two organisations, have two clients', async () => {
  const mock = await newMock()
  const elsewhere = consumerOf().replace('team-b', 'team-c')
  const apps = await mock.provision([
    { yaml: consumerOf() },
    { yaml: elsewhere },
    { yaml: consumerOf(), organisationNumber: CALLER },
  ])
  expect(new Set(apps.map(({ clientId }) => clientId)).size).toBe(3)
})

it('manifests come from files, with variables from a file and from the call', async () => {
  const file = join(directory, 'nais.yaml')
  const varsFile = join(directory, 'vars.yaml')
  await writeFile(file, PROVIDER.replace('name: api', 'name: {{app}}-{{env}}'))
  await writeFile(varsFile, 'app: file\nenv: file\n')
  const mock = await newMock()
  const app = await only(mock.provision(file, { varsFile, vars: ['env=dev'] }))
  expect(app.name).toBe('file-dev')
})
