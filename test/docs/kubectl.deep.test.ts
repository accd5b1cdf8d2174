import { execFile, spawnSync } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { serve } from '../contract/conformance/host.js'
import { read, TEXTS } from './blocks.js'

/** Debian's kubectl; undefined if this machine has none. Continuous integration requires one. */
const KUBECTL = ['/usr/bin/kubectl'].find((path) => spawnSync(path, ['version', '--client']).status === 0)
if (KUBECTL === undefined && process.env['PORTVAKT_REQUIRE_KUBECTL'])
  throw new Error('kubectl is not installed')

const NAME = 'sykepenger-api'

/** Every kubectl command in the texts, with the placeholder for the application's name filled in. */
const COMMANDS = TEXTS.flatMap((file) =>
  [...read(file).matchAll(/^(kubectl .*)$|`(kubectl [^`]+)`/gm)].map(([, line, span]) => line ?? span ?? ''),
).map((command) => command.replace(/\bNAME\b/, NAME))
const commandsWith = (verb: string) => COMMANDS.filter((command) => command.includes(` ${verb} `))

const resourcesOf = (version: string, kind: string) => ({
  kind: 'APIResourceList',
  groupVersion: `nais.io/${version}`,
  resources: [{ name: `${kind.toLowerCase()}s`, kind, namespaced: true, verbs: ['get', 'patch', 'delete'] }],
})
const versions = ['v1', 'v1alpha1'].map((version) => ({ groupVersion: `nais.io/${version}`, version }))
const groups = [{ name: 'nais.io', versions, preferredVersion: versions[0] }]
/** The resources that NAIS's API server lists. */
const LISTS: Readonly<Record<string, object>> = {
  '/api': { kind: 'APIVersions', versions: [] },
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups },
  '/apis/nais.io/v1': resourcesOf('v1', 'MaskinportenClient'),
  '/apis/nais.io/v1alpha1': resourcesOf('v1alpha1', 'Application'),
}
const STATUS = { clientID: 'a-client', conditions: [{ status: 'True', type: 'InvalidConsumedScopes' }] }

/** The annotations that the object of a command has before the command. */
let annotations: Readonly<Record<string, string>> = {}
/** The changes that a command makes: the method, the resource with its name, and the body. */
let changes: (readonly [method: string, object: string, body: string])[] = []
beforeEach(() => {
  changes = []
})

const server = await serve(async (request, response) => {
  const { method = '', url = '' } = request
  const { pathname } = new URL(url, 'http://localhost')
  const object = pathname.split('/').slice(-2).join('/')
  if (method !== 'GET') changes.push([method, object, await text(request)])
  const one = { apiVersion: 'nais.io/v1', kind: 'MaskinportenClient', metadata: { name: NAME, annotations } }
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(LISTS[pathname] ?? { ...one, status: STATUS }))
})
afterAll(() => server.close())

/** Runs a command in a shell, as a reader would, and returns its standard output. */
async function run(command: string): Promise<string> {
  const flags = `--server=http://127.0.0.1:${server.port} --kubeconfig=/dev/null --cache-dir=/dev/null`
  const script = command.replace(/^kubectl/, `${KUBECTL} ${flags}`)
  return (await promisify(execFile)('/bin/sh', ['-c', script])).stdout
}

describe.skipIf(KUBECTL === undefined)('the kubectl commands in the documentation', () => {
  it('the documentation has commands that read, annotate and delete', () => {
    const counts = ['get', 'annotate', 'delete'].map((verb) => commandsWith(verb).length)
    expect([counts.includes(0), counts.reduce((sum, count) => sum + count)]).toEqual([false, COMMANDS.length])
  })

  it.each(commandsWith('get'))('`%s` prints the status member that its jsonpath names', async (command) => {
    const [, member = ''] = /jsonpath='\{\.status\.(\w+)\}'/.exec(command) ?? []
    const value = STATUS[member as keyof typeof STATUS]
    expect(await run(command)).toBe(typeof value === 'string' ? value : JSON.stringify(value))
  })

  it.each(commandsWith('annotate'))('`%s` sets or removes the annotations that it names', async (command) => {
    const removed = [...command.matchAll(/(\S+\/\w+)- ?/g)].map(([, key = '']) => [key, null] as const)
    annotations = Object.fromEntries(removed.map(([key]) => [key, 'true']))
    await run(command)
    const set = [...command.matchAll(/(\S+)=(\w+)/g)].map(([, key = '', value = '']) => [key, value] as const)
    expect(set).not.toEqual([])
    const [[method, object, body] = expect.unreachable('nothing changes'), ...others] = changes
    expect([method, object, others]).toEqual(['PATCH', `maskinportenclients/${NAME}`, []])
    expect(JSON.parse(body).metadata.annotations).toEqual(Object.fromEntries([...set, ...removed]))
  })

  it.each(commandsWith('delete'))('`%s` deletes only the application', async (command) => {
    await run(command)
    expect(changes).toEqual([['DELETE', `applications/${NAME}`, expect.any(String)]])
  })
})
