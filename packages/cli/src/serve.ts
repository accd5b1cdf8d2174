import type { ServedMockMaskinporten } from '@portvakt/mock'
import { describeApp } from '@portvakt/mock/internal'
import { Command, Option } from 'commander'
import { noteConditions } from './app.js'
import { checkScopes } from './check-scopes.js'
import {
  asCommandLineError,
  exposeOption,
  jsonOption,
  type ManifestOptions,
  manifestOptions,
  portOption,
  readManifests,
  withOptions,
} from './options.js'
import { print, printJson, table } from './output.js'
import { shellWord } from './shell-word.js'

interface ServeOptions extends ManifestOptions {
  readonly port: number
  readonly expose?: readonly string[]
  readonly hostname?: string
  readonly issuer?: string
  readonly allowProduction: boolean
  readonly json?: true
}

export function serveCommand(): Command {
  const command = new Command('serve').description('serve a mock Maskinporten until you stop it')
  const hostname = 'the address or name to listen on; 0.0.0.0 for every address (default: 127.0.0.1)'
  const all = [
    portOption(),
    new Option('--hostname <name>', hostname),
    new Option('--issuer <url>', 'the issuer; with http: also the address at which others reach the mock'),
    ...manifestOptions(),
    exposeOption(),
    jsonOption(),
  ]
  return withOptions(command, all).action(async (options: ServeOptions) => {
    await checkScopes(options.expose, '--expose')
    const mock = await serveMock(options)
    // The first process of a container ignores signals that it has no handler for.
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void mock.close())
    if (options.json)
      printJson({ url: mock.url, issuer: mock.issuer, env: mock.env, apps: mock.apps.map(describeApp) })
    else print(await guide(mock, options.expose ?? []))
  })
}

/** @throws {ManifestError} @throws {CommandLineError} */
export async function serveMock(options: Omit<ServeOptions, 'json'>): Promise<ServedMockMaskinporten> {
  const { DEFAULT_SCOPE, startMockMaskinporten } = await import('@portvakt/mock')
  const manifests = await readManifests(options)
  const { port, hostname, issuer, allowProduction, expose = [] } = options
  const scopes = [DEFAULT_SCOPE, ...expose].map((name) => ({ name }))
  const mock = await startMockMaskinporten({
    port,
    allowProduction,
    scopes,
    ...(hostname !== undefined && { hostname }),
    ...(issuer !== undefined && { issuer }),
  }).catch(asCommandLineError)
  try {
    if (manifests.length > 0) noteConditions(await mock.provision(manifests))
    return mock
  } catch (error) {
    await mock.close()
    throw error
  }
}

/**
 * Returns the mock's addresses, and commands to copy. Does not read `mock.env`, because reading it generates
 * the default client's key, which takes 0.1 s of CPU time.
 */
async function guide(mock: ServedMockMaskinporten, exposed: readonly string[]): Promise<string> {
  const { DEFAULT_SCOPE } = await import('@portvakt/mock')
  const [scope = DEFAULT_SCOPE] = exposed
  const ofApps = mock.apps.flatMap(({ exposes }) => exposes)
  const scopes = new Set([DEFAULT_SCOPE, ...exposed, ...ofApps])
  const apps = mock.apps.map(({ name, clientId, consumes }) => [
    name,
    clientId,
    consumes.length > 0 ? consumes.join(' ') : '(consumes no scopes)',
  ])
  return `Maskinporten (mock) ${mock.url}
issuer              ${mock.issuer}
exposed scopes      ${[...scopes].join(' ')}
${apps.length > 0 ? `\n${table([['app', 'client id', 'consumes'], ...apps])}\n` : ''}
# a token for ${scope}, from Texas
curl -s -d identity_provider=maskinporten -d target=${shellWord(scope)} ${mock.url}api/v1/token
# the keys, and the metadata
curl -s ${mock.url}jwk
curl -s ${mock.url}.well-known/oauth-authorization-server
# any token, by a form
${mock.url}
`
}
