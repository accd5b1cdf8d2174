import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMaskinportenClient, type MaskinportenClientError } from '@portvakt/client'
import { createMaskinportenValidator } from '@portvakt/core'
import {
  createMockMaskinporten,
  createTestClock,
  type MockMaskinporten,
  type ProvisionedApp,
  type TestClock,
} from '@portvakt/mock'
import { beforeAll, expect, it } from 'vitest'

const SCOPE = 'nav:helse/sykepenger/afp.read'
const CALLER = '310385980'

const PROVIDER = `apiVersion: nais.io/v1alpha1
kind: Application
metadata: { name: api, namespace: team-a }
spec:
  maskinporten:
    enabled: true
    scopes:
      exposes:
        - { name: sykepenger/afp.read, product: helse, enabled: true, consumers: [{ orgno: "${CALLER}" }] }
`
const CONSUMER = `apiVersion: nais.io/v1
kind: Naisjob
metadata: { name: caller, namespace: team-b }
spec: { maskinporten: { enabled: true, scopes: { consumes: [{ name: "${SCOPE}" }] } } }
`

let clock: TestClock
let mock: MockMaskinporten
beforeAll(async () => {
  clock = createTestClock()
  mock = await createMockMaskinporten({ clock, scopes: [] })
})

const verify = (token: string) =>
  createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch, clock }).verify(token, {
    scope: SCOPE,
    consumers: [CALLER],
  })

/** A client configured by the files that NAIS would mount for an app. */
async function clientOf(app: ProvisionedApp | undefined) {
  const secretsDirectory = await mkdtemp(join(tmpdir(), 'maskinporten-'))
  await app?.writeFiles(secretsDirectory)
  const client = createMaskinportenClient({ secretsDirectory, fetch: mock.fetch, clock })
  await rm(secretsDirectory, { recursive: true })
  return client
}

it('a client gets a token with the files provisioned for its manifest, and the provider’s guard accepts the token', async () => {
  const [caller] = await mock.provision([{ yaml: CONSUMER, organisationNumber: CALLER }, { yaml: PROVIDER }])
  const { accessToken, expiresAt } = await (await clientOf(caller)).getToken({ scope: SCOPE })
  expect(expiresAt).toBe(clock.now() / 1000 + 30)
  expect(await verify(accessToken)).toMatchObject({
    clientId: caller?.clientId,
    consumer: { organisationNumber: CALLER },
  })
})

it('a client gets a token with its enterprise certificate', async () => {
  await mock.provision({ yaml: PROVIDER })
  const { clientId } = await mock.addClient({
    organisationNumber: CALLER,
    scopes: [SCOPE],
    authentication: 'certificate',
  })
  const { pem, certificateChain } = await mock.issueCertificate({ organisationNumber: CALLER })
  const client = createMaskinportenClient({
    issuer: mock.issuer,
    tokenEndpoint: `${mock.issuer}token`,
    clientId,
    key: { pem, certificateChain },
    fetch: mock.fetch,
    clock,
  })
  const { accessToken } = await client.getToken({ scope: SCOPE })
  expect((await verify(accessToken)).clientAuthentication).toBe('virksomhetssertifikat')
})

const yaml = CONSUMER.replace('caller', 'other').replace('consumes: [', 'consumes: [{ name: "skatt:x" }, ')

it.each([
  ['lists a scope that is not granted (MP-200)', 'skatt:x'],
  ['does not list the scope', 'skatt:y'],
])('the hint for a missing scope says what to do when `consumes` %s', async (_title, scope) => {
  const manifests = [{ yaml, organisationNumber: CALLER, ungranted: 'drop' } as const, { yaml: PROVIDER }]
  const [caller] = await mock.provision(manifests)
  const client = await clientOf(caller)
  await client.getToken({ scope: SCOPE })
  const hint = await client.getToken({ scope }).then(
    () => expect.unreachable(),
    (error: MaskinportenClientError) => error.hint.fix,
  )
  expect(hint).toContain('spec.maskinporten.scopes.consumes')
  expect(hint).toContain("kubectl get maskinportenclient NAME -o jsonpath='{.status.conditions}'")
  expect(hint).toMatch(/InvalidConsumedScopes means that the provider has to grant/)
  expect(hint.includes(`- name: "${scope}"`)).toBe(scope === 'skatt:y')
})
