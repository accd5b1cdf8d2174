import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { createMaskinportenClient, type MaskinportenClientError } from '@portvakt/client'
import { createMaskinportenValidator } from '@portvakt/core'
import { createMockMaskinporten, createTestClock, type ProvisionedApp } from '@portvakt/mock'
import { expect, it } from 'vitest'
import { temporaryDirectory } from '../temporary-directory.js'
import { CALLER, consumerOf, PROVIDER, READ } from './manifests.js'

const directory = await temporaryDirectory()
const clock = createTestClock()
const mock = await createMockMaskinporten({ clock, scopes: [] })

const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch, clock })

/** A client configured by the files that NAIS would mount for an app. */
async function clientOf(app: ProvisionedApp | undefined) {
  const secretsDirectory = await mkdtemp(join(directory, 'secrets-'))
  await app?.writeFiles(secretsDirectory)
  return createMaskinportenClient({ secretsDirectory, fetch: mock.fetch, clock })
}

it('a client configured by the files of a provisioned app gets a token that the validator accepts', async () => {
  const consumer = { yaml: consumerOf(READ), organisationNumber: CALLER }
  const [caller] = await mock.provision([consumer, { yaml: PROVIDER }])
  const { accessToken, expiresAt } = await (await clientOf(caller)).getToken({ scope: READ })
  expect(expiresAt).toBe(clock.now() / 1000 + 30)
  expect(await validator.verify(accessToken, { scope: READ, consumers: [CALLER] })).toMatchObject({
    clientId: caller?.clientId,
    consumer: { organisationNumber: CALLER },
  })
})

it.each([
  ['lists a scope that is not granted (MP-200)', 'skatt:x'],
  ['does not list the scope', 'skatt:y'],
])('the hint for a missing scope says what to do when `consumes` %s', async (_title, scope) => {
  const yaml = consumerOf('skatt:x', READ).replace('name: caller', 'name: other')
  const consumer = { yaml, organisationNumber: CALLER, ungranted: 'drop' } as const
  const [app] = await mock.provision([consumer, { yaml: PROVIDER }])
  const client = await clientOf(app)
  await client.getToken({ scope: READ })
  const hint = await client.getToken({ scope }).then(
    () => expect.unreachable(),
    (error: MaskinportenClientError) => error.hint.fix,
  )
  expect(hint).toContain('spec.maskinporten.scopes.consumes')
  expect(hint).toContain("kubectl get maskinportenclient NAME -o jsonpath='{.status.conditions}'")
  expect(hint).toMatch(/InvalidConsumedScopes means that the provider has to grant/)
  expect(hint.includes(`- name: "${scope}"`)).toBe(scope === 'skatt:y')
})
