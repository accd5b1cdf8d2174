import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { identityIn } from '../../src/control/mock-answers.js'
import { RunningMock } from '../../src/control/running-mock.js'
import { BAD_TOKENS, createMockMaskinporten, startMockMaskinporten } from '../../src/index.js'
import { writeVariables } from '../../src/nais/provisioned-app.js'
import { variablesIn } from '../../src/nais/variables.js'
import { consumerOf, PROVIDER, READ } from '../nais/manifests.js'
import { temporaryDirectory } from '../temporary-directory.js'

const served = await startMockMaskinporten()
afterAll(() => served.close())
const running = new RunningMock(served.url)
/** The address of a mock that these tests do not start. */
const SELF = 'http://127.0.0.1:8089/'

it('a running mock issues every kind of bad token', async () => {
  const wanted = { scope: 'nav:x.read', audience: 'https://api.example/', consumer: '991825827' }
  for (const { name } of BAD_TOKENS)
    expect([name, typeof (await running.badToken(name, wanted))]).toEqual([name, 'string'])
})

it('a running mock returns the variables of its default client and of each app', async () => {
  const caller = { yaml: consumerOf(READ), organisationNumber: '310385980' }
  const apps = await running.provision([{ yaml: PROVIDER }, caller])
  expect((await running.identity())?.variables).toEqual(served.env)
  expect(apps.map(({ variables }) => variables)).toEqual(served.apps.map(({ env }) => env))
  expect(await running.apps()).toEqual(apps)
})

it('RunningMock rejects an invalid manifest and an unknown option, and the error says where the mistake is', async () => {
  await expect(running.provision([{ yaml: 'kind: Application' }])).rejects.toThrow(/nais\.yaml/)
  await expect(running.issueToken({ scopes: 'nav:x' } as object)).rejects.toThrow(/`scopes`/)
})

it.each([
  ['tokens', { scope: READ }],
  ['tokens', { kind: 'expired', options: {} }],
  ['apps', { manifests: [], namespace: 'team-a' }],
  ['started', { ports: 1 }],
  ['tokens', null],
])('POST /portvakt/%s answers 400 to %j', async (path, body) => {
  const headers = { 'content-type': 'application/json' }
  const request = { method: 'POST', headers, body: JSON.stringify(body) }
  const answer = await fetch(`${served.url}portvakt/${path}`, request)
  expect([answer.status, await answer.json()]).toEqual([400, { error: expect.stringMatching(/option/) }])
})

it('RunningMock passes on the words of a mock that refuses its request', async () => {
  const refusal = { error: 'access_denied', error_description: 'Set `issuer`' }
  const foreign = new RunningMock(SELF, async () => Response.json(refusal, { status: 403 }))
  await expect(foreign.identity()).rejects.toThrow(`${SELF} refuses with 403:\nSet \`issuer\``)
})

it('if the connection is refused, RunningMock.identity returns undefined and issueToken rejects', async () => {
  const none = new RunningMock(SELF, () => Promise.reject(new TypeError('fetch failed')))
  expect(await none.identity()).toBeUndefined()
  await expect(none.issueToken()).rejects.toThrow(/No mock answers/)
})

it('RunningMock.identity rejects if the mock does not answer in time', async () => {
  const late = new DOMException('', 'TimeoutError')
  const slow = new RunningMock(SELF, () => Promise.reject(late))
  await expect(slow.identity()).rejects.toThrow(/did not answer within 30 s/)
  const body = () => new ReadableStream({ pull: (controller) => controller.error(late) })
  const stalled = new RunningMock(SELF, async () => new Response(body()))
  await expect(stalled.identity()).rejects.toThrow(/did not answer within 30 s/)
})

const envAt = async (issuer: string, scope = 'nav:x') =>
  (await createMockMaskinporten({ issuer, scopes: [{ name: scope }] })).env

it.each([
  ['accepted', 'the mock’s address', SELF, SELF],
  ['accepted', 'the mock’s host name', 'http://mock:8089/', 'http://mock:8089/'],
  ['accepted', 'another loopback name', 'http://[::1]:8089/', 'http://localhost:8089/'],
  ['accepted', '0.0.0.0, reached on loopback', 'http://0.0.0.0:8089/', SELF],
  ['refused', '0.0.0.0, reached from another machine', 'http://0.0.0.0:8089/', 'http://10.0.0.2:8089/'],
  ['refused', 'at another host name', 'http://mock:8089/', SELF],
  ['refused', 'at another port', 'http://127.0.0.1:8090/', SELF],
  ['refused', 'an https address', 'https://127.0.0.1:8089/', SELF],
  ['refused', 'the real Maskinporten', 'https://maskinporten.no/', SELF],
])('the variables in a mock’s answer are %s if the issuer is %s', async (verb, _title, issuer, asked) => {
  const env = await envAt(issuer, 'nav:sør/a.b-c_d:e')
  expect(variablesIn(env, asked)).toEqual(verb === 'accepted' ? env : undefined)
})

it.each([
  [2048, true],
  [2049, false],
])('an address of %i characters in a mock’s answer is accepted: %j', async (length, isAccepted) => {
  const issuer = SELF.padEnd(length, 'a')
  const env = { ...(await envAt(SELF)), MASKINPORTEN_ISSUER: issuer }
  expect(variablesIn(env, SELF) !== undefined).toBe(isAccepted)
  expect(identityIn({ name: '@portvakt/mock', issuer, env }, SELF) !== undefined).toBe(isAccepted)
})

it.each([null, 'env', [], {}])('the variables in a mock’s answer are refused when they are %j', (answer) => {
  expect(variablesIn(answer, SELF)).toBeUndefined()
})

const directory = await temporaryDirectory()
it('writeVariables writes only variables that have the name of a NAIS variable', async () => {
  const files = join(directory, 'deep', 'files')
  const hostile = { 'MASKINPORTEN_/../../x': '', MASKINPORTEN_OTHER: '', NODE_OPTIONS: '' }
  await writeVariables(files, { ...hostile, MASKINPORTEN_SCOPES: 'nav:x' })
  const written = ['deep', 'deep/files', 'deep/files/MASKINPORTEN_SCOPES']
  expect((await readdir(directory, { recursive: true })).sort()).toEqual(written)
})
