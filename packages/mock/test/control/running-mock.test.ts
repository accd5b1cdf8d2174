import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RunningMock } from '../../src/control/running-mock.js'
import {
  BAD_TOKENS,
  createMockMaskinporten,
  type ServedMockMaskinporten,
  startMockMaskinporten,
} from '../../src/index.js'
import { writeVariables } from '../../src/nais/provisioned-app.js'
import { naisEntriesOf, variablesIn } from '../../src/nais/variables.js'
import { consumerOf, PROVIDER, READ } from '../nais/manifests.js'

describe('a genuine mock, asked over HTTP', () => {
  let served: ServedMockMaskinporten
  let running: RunningMock
  beforeAll(async () => {
    served = await startMockMaskinporten()
    running = new RunningMock(served.url)
  })
  afterAll(() => served.close())

  it('gives every kind of bad token, those for audiences and consumers too', async () => {
    const wanted = { scope: 'nav:x.read', audience: 'https://api.example/', consumer: '991825827' }
    for (const { name } of BAD_TOKENS)
      expect([name, typeof (await running.badToken(name, wanted))]).toEqual([name, 'string'])
  })

  it('gives the variables of its default client and of each app', async () => {
    const apps = await running.provision([
      { yaml: PROVIDER },
      { yaml: consumerOf(READ), organisationNumber: '310385980' },
    ])
    expect((await running.identity())?.variables).toEqual(served.env)
    expect(apps.map(({ variables }) => variables)).toEqual(served.apps.map(({ env }) => env))
    expect(await running.apps()).toEqual(apps)
  })

  it('gives them by every loopback name', async () => {
    const { port } = new URL(served.url)
    const identity = await new RunningMock(`http://localhost:${port}`).identity()
    expect(identity?.variables).toEqual(served.env)
  })

  it('says what is wrong with a manifest and with an option', async () => {
    await expect(running.provision([{ yaml: 'kind: Application' }])).rejects.toThrow(/nais\.yaml/)
    await expect(running.issueToken({ scopes: 'nav:x' } as object)).rejects.toThrow(/`scopes`/)
  })

  it('says by which names it answers when it is asked by another', async () => {
    const { port } = new URL(served.url)
    const byName = (url: unknown) =>
      new Promise<Response>((resolve) => {
        const { host, pathname } = new URL(String(url))
        get(new URL(pathname, served.url), { headers: { host } }, async (answer) => {
          resolve(new Response((await answer.toArray()).join(''), { status: answer.statusCode ?? 0 }))
        })
      })
    const foo = new RunningMock(`http://foo:${port}/`, byName)
    await expect(foo.identity()).rejects.toThrow(/foo:\d+\/ refuses with 403:\n.*`issuer`/)
  })
})

describe('variables', () => {
  const envAt = async (issuer: string, scope = 'nav:x') =>
    (await createMockMaskinporten({ issuer, scopes: [{ name: scope }] })).env

  it.each<[string, boolean, string, string]>([
    ['at the same address', true, 'http://127.0.0.1:8089/', 'http://127.0.0.1:8089/'],
    ['at another loopback name', true, 'http://[::1]:8089/', 'http://localhost:8089/'],
    [
      'of a mock that listens on every address, asked here',
      true,
      'http://0.0.0.0:8089/',
      'http://127.0.0.1:8089/',
    ],
    [
      'of a mock that listens on every address, asked elsewhere',
      false,
      'http://0.0.0.0:8089/',
      'http://10.0.0.2:8089/',
    ],
    ['by a name', true, 'http://mock:8089/', 'http://mock:8089/'],
    ['by another name', false, 'http://mock:8089/', 'http://127.0.0.1:8089/'],
    ['at another port', false, 'http://127.0.0.1:8090/', 'http://127.0.0.1:8089/'],
    ['over https', false, 'https://127.0.0.1:8089/', 'http://127.0.0.1:8089/'],
    ['of the real Maskinporten', false, 'https://maskinporten.no/', 'http://127.0.0.1:8089/'],
  ])('%s are accepted: %s', async (_title, isAccepted, issuer, asked) => {
    const env = await envAt(issuer)
    expect(variablesIn(env, asked)).toEqual(isAccepted ? env : undefined)
  })

  it.each([
    ['a scope of every character that NAIS allows', 'nav:sør/a.b-c_d:e'],
    ["a scope with a quote '", "nav:it's"],
  ])('with %s are accepted', async (_title, scope) => {
    const env = await envAt('http://127.0.0.1:8089/', scope)
    expect(variablesIn(env, 'http://127.0.0.1:8089/')).toEqual(env)
  })

  it.each([undefined, null, 'env', [], {}, Object.create(null)])('are not %j', (answer) => {
    expect(variablesIn(answer, 'http://127.0.0.1:8089/')).toBeUndefined()
  })

  it('are written to files of their own names and no other', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'variables-'))
    const files = join(directory, 'deep', 'files')
    const hostile = { 'MASKINPORTEN_/../../x': '', MASKINPORTEN_OTHER: '', NODE_OPTIONS: '' }
    await writeVariables(files, { ...hostile, MASKINPORTEN_SCOPES: 'nav:x' })
    expect((await readdir(directory, { recursive: true })).sort()).toEqual([
      'deep',
      'deep/files',
      'deep/files/MASKINPORTEN_SCOPES',
    ])
    await rm(directory, { recursive: true })
  })

  it('are all those that a mock has, by their names', async () => {
    const env = await envAt('http://127.0.0.1:8089/')
    expect(Object.fromEntries(naisEntriesOf({ ...env, NODE_OPTIONS: '--x' }))).toEqual(env)
  })
})
