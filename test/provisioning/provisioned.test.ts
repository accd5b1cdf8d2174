import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMaskinportenClient, type MaskinportenClientError } from '@portvakt/client'
import { createMaskinportenValidator } from '@portvakt/core'
import {
  createMockMaskinporten,
  createTestClock,
  type MockMaskinporten,
  type TestClock,
} from '@portvakt/mock'
import { beforeAll, describe, expect, it } from 'vitest'

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

it('a client gets a token with the files of its manifest, and the provider’s guard lets it in', async () => {
  const [caller] = await mock.provision([{ yaml: CONSUMER, organisationNumber: CALLER }, { yaml: PROVIDER }])
  const secretsDirectory = await mkdtemp(join(tmpdir(), 'maskinporten-'))
  await caller?.writeFiles(secretsDirectory)
  const client = createMaskinportenClient({ secretsDirectory, fetch: mock.fetch, clock })
  await rm(secretsDirectory, { recursive: true })
  const { accessToken, expiresAt } = await client.getToken({ scope: SCOPE })
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

describe('a client without a scope says whether nais.yaml lacks it, or the provider has not granted it', () => {
  const CONDITIONS = "kubectl get maskinportenclient NAME -o jsonpath='{.status.conditions}'"

  async function hintFor(scope: string): Promise<string> {
    const yaml = CONSUMER.replace('caller', 'other').replace(
      'consumes: [',
      'consumes: [{ name: "skatt:x" }, ',
    )
    const manifests = [{ yaml, organisationNumber: CALLER, ungranted: 'drop' } as const, { yaml: PROVIDER }]
    const [caller] = await mock.provision(manifests)
    const secretsDirectory = await mkdtemp(join(tmpdir(), 'maskinporten-'))
    await caller?.writeFiles(secretsDirectory)
    const client = createMaskinportenClient({ secretsDirectory, fetch: mock.fetch, clock })
    await rm(secretsDirectory, { recursive: true })
    await client.getToken({ scope: SCOPE })
    return client.getToken({ scope }).then(
      () => expect.unreachable(),
      ({ hint }: MaskinportenClientError) => `${hint.cause}: ${hint.fix}`,
    )
  }

  it.each([
    ['in `consumes` and not granted (MP-200)', 'skatt:x'],
    ['not in `consumes`', 'skatt:y'],
  ])('%s', async (_title, scope) => {
    const hint = await hintFor(scope)
    expect(hint).toContain('spec.maskinporten.scopes.consumes')
    expect(hint).toContain(CONDITIONS)
    expect(hint).toMatch(/InvalidConsumedScopes, (and )?the provider has to grant/)
    expect(hint.includes(`- name: "${scope}"`)).toBe(scope === 'skatt:y')
  })
})
