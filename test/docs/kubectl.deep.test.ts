import { execFile, spawnSync } from 'node:child_process'
import type { IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
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

const RESOURCES = [
  { group: 'nais.io', version: 'v1', kind: 'MaskinportenClient', name: 'maskinportenclients' },
  { group: 'nais.io', version: 'v1alpha1', kind: 'Application', name: 'applications' },
]
const STATUS = { clientID: 'a-client', conditions: [{ status: 'True', type: 'InvalidConsumedScopes' }] }

/** The annotations of each object that exists, keyed by resource. */
let objects: Map<string, Record<string, string>>
beforeEach(() => {
  objects = new Map(RESOURCES.map(({ name }) => [name, {}]))
})

/**
 * Stands in for NAIS's API server: lists the kinds of resources, and reads, patches and deletes one object of
 * each kind.
 */
async function answer(request: IncomingMessage): Promise<object | undefined> {
  const [path = ''] = (request.url ?? '').split('?')
  if (path === '/api') return { kind: 'APIVersions', versions: [] }
  if (path === '/apis') {
    const groupVersions = RESOURCES.map(({ group, version }) => ({
      groupVersion: `${group}/${version}`,
      version,
    }))
    const groups = [{ name: 'nais.io', versions: groupVersions, preferredVersion: groupVersions[0] }]
    return { kind: 'APIGroupList', apiVersion: 'v1', groups }
  }
  const [, , group, version, , , name = ''] = path.split('/')
  const found = RESOURCES.filter((one) => one.group === group && one.version === version)
  if (path.split('/').length === 4) {
    const resources = found.map((one) => ({
      ...{ name: one.name, singularName: one.kind.toLowerCase(), namespaced: true, kind: one.kind },
      verbs: ['get', 'list', 'patch', 'delete'],
    }))
    return { kind: 'APIResourceList', groupVersion: `${group}/${version}`, resources }
  }
  const resource = found.find((one) => one.name === name)
  const annotations = objects.get(name)
  if (!resource || !annotations || !path.endsWith(`/${NAME}`)) return undefined
  if (request.method === 'PATCH') {
    const patch = (await json(request)) as { metadata: { annotations: Record<string, string | null> } }
    for (const [key, value] of Object.entries(patch.metadata.annotations)) {
      if (value === null) delete annotations[key]
      else annotations[key] = value
    }
  }
  if (request.method === 'DELETE') objects.delete(name)
  return {
    apiVersion: `${group}/${version}`,
    kind: resource.kind,
    metadata: { name: NAME, namespace: path.split('/')[5], annotations },
    status: STATUS,
  }
}

const server = await serve(async (request, response) => {
  const body = await answer(request)
  const notFound = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 }
  response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body ?? notFound))
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
    const verbs = COMMANDS.map((command) => /\b(?:get|annotate|delete) /.exec(command)?.[0].trim())
    expect(new Set(verbs)).toEqual(new Set(['get', 'annotate', 'delete']))
  })

  it.each(COMMANDS.filter((command) => / get /.test(command)))(
    '`%s` prints the status member that its jsonpath names',
    async (command) => {
      const [, member = ''] = /jsonpath='\{\.status\.(\w+)\}'/.exec(command) ?? []
      const value = STATUS[member as keyof typeof STATUS]
      expect(await run(command)).toBe(typeof value === 'string' ? value : JSON.stringify(value))
    },
  )

  it.each(COMMANDS.filter((command) => / annotate /.test(command)))(
    '`%s` sets or removes the annotations that it names',
    async (command) => {
      const removed = [...command.matchAll(/(\S+\/\w+)- ?/g)].map(([, key = '']) => key)
      objects.set('maskinportenclients', Object.fromEntries(removed.map((key) => [key, 'true'])))
      await run(command)
      const set = [...command.matchAll(/(\S+)=(\w+)/g)].map(([, key = '', value = '']) => [key, value])
      expect(set.length).toBeGreaterThan(0)
      expect(objects.get('maskinportenclients')).toEqual(Object.fromEntries(set))
    },
  )

  it.each(COMMANDS.filter((command) => / delete /.test(command)))(
    '`%s` deletes only the application',
    async (command) => {
      await run(command)
      expect([...objects.keys()]).toEqual(['maskinportenclients'])
    },
  )
})
