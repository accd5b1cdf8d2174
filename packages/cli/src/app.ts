import type { NaisManifest } from '@portvakt/mock'
import {
  type AnsweredClient,
  type NaisVariables,
  type RunningMock,
  RunningMockError,
} from '@portvakt/mock/internal'
import { Option } from 'commander'
import { note } from './output.js'

export const appOption = () => new Option('--app <name>', 'the app, if there are several')

/**
 * Returns NAIS's variables for one app of the manifests or, without manifests, for one app of the running
 * mock. Without manifests and without an app's name, returns the variables of the mock's default client.
 *
 * @throws {TypeError} unless exactly one app matches; the message lists the apps
 * @throws {RunningMockError} when no mock answers
 */
export async function variablesFor(
  mock: RunningMock,
  manifests: readonly NaisManifest[],
  app: string | undefined,
): Promise<NaisVariables> {
  const { variables } = await clientFor(mock, manifests, app)
  if (variables) return variables
  throw new RunningMockError(
    `The variables from ${mock.url} are not those of a Portvakt mock at that address. It can be another program, ` +
      'another version, or a mock whose `issuer` or `hostname` is another address',
  )
}

async function clientFor(
  mock: RunningMock,
  manifests: readonly NaisManifest[],
  app: string | undefined,
): Promise<AnsweredClient> {
  if (manifests.length > 0) {
    const apps = await mock.provision(manifests)
    noteConditions(apps)
    if (apps.length === 0) {
      const files = manifests.map(({ file }) => file).join(', ')
      throw new TypeError(`No app has spec.maskinporten enabled: set \`enabled: true\` in ${files}`)
    }
    return chooseApp(apps, app)
  }
  if (app !== undefined) return chooseApp(await mock.apps(), app)
  const identity = await mock.identity()
  if (identity) return identity
  throw new RunningMockError(`No mock answers at ${mock.url}: start one with \`portvakt serve\``)
}

export function noteConditions(apps: readonly Pick<AnsweredClient, 'name' | 'conditions'>[]): void {
  for (const { name, conditions } of apps)
    for (const { type, message } of conditions) note(`warning: ${name}: ${type}: ${message}`)
}

function chooseApp(apps: readonly AnsweredClient[], name: string | undefined): AnsweredClient {
  const [app, another] = name === undefined ? apps : apps.filter((one) => one.name === name)
  if (app && !another) return app
  const names = apps.map((one) => one.name).join(', ')
  if (apps.length === 0)
    throw new TypeError('No app has spec.maskinporten enabled: name its manifest with --nais')
  if (!app) throw new TypeError(`There is no app ${name}. The apps are ${names}`)
  throw new TypeError(`There are several apps: choose one with --app (${names})`)
}
