import { isTlsFailure } from './connection-hint.js'

/** The members of Node's `process` that this file reads. Other platforms can lack some or all of them. */
interface NodeProcess {
  readonly env?: Variables
  readonly versions?: Variables
  readonly execArgv?: readonly string[]
  getBuiltinModule?(id: 'node:fs'): { readFileSync(path: string, encoding: 'utf8'): string }
}
type Variables = Readonly<Record<string, string | undefined>>

const nodeProcess = (): NodeProcess => (globalThis as { process?: NodeProcess }).process ?? {}

/** Returns an empty object if the runtime has no variables or denies access to them (Deno throws). */
export function environmentVariables(): Variables {
  try {
    return nodeProcess().env ?? {}
  } catch {
    return {}
  }
}

/** The directory where NAIS mounts the variables of Maskinporten as files, each named after its variable. */
const SECRETS_DIRECTORY = '/var/run/secrets/nais.io/maskinporten'

/** The variables that NAIS provides. */
export interface NaisVariables {
  /** The value of a variable; undefined if it is missing or empty. */
  read(name: string): string | undefined
  /** The start of an error message about a missing variable. */
  missing(name: string): string
}

/**
 * Returns a reader of NAIS's variables. It reads the environment first. If a variable is missing or empty in
 * the environment, it reads and trims the mounted file of that name. Files are read synchronously, and only
 * where `process.getBuiltinModule` exists (Node 20.16, 22.3 and newer).
 *
 * @see https://docs.nais.io/auth/maskinporten/reference/#variables-for-manually-validating-tokens
 */
export function naisVariables(directory: string = SECRETS_DIRECTORY): NaisVariables {
  const env = environmentVariables()
  return {
    read: (name) => env[name] || contentOf(`${directory}/${name}`),
    missing: (name) => `${name} is not set, and ${directory} has no file of that name`,
  }
}

function contentOf(path: string): string | undefined {
  try {
    // Loads `node:fs` on demand, because core also runs on platforms without a file system.
    return nodeProcess().getBuiltinModule?.('node:fs').readFileSync(path, 'utf8').trim() || undefined
  } catch {
    // The file is missing or cannot be read.
  }
  return undefined
}

export const PROXY_ADVICE =
  'HTTPS_PROXY is set but not used: set NODE_USE_ENV_PROXY=1 or start Node with --use-env-proxy (Node 22.21, 24.5 ' +
  'and newer; older versions ignore it), or pass a `fetch` that uses undici’s EnvHttpProxyAgent'

/**
 * Whether HTTPS_PROXY is set but the global `fetch` ignores it, as Node's does by default. Bun and Deno use
 * the proxy.
 *
 * @param code the system's error code for a failed request
 */
export function proxyIsUnused(url: string, code?: string): boolean {
  // A TLS failure means that the server was reached without the proxy.
  if (isTlsFailure(code)) return false
  const env = environmentVariables()
  const { versions, execArgv = [] } = nodeProcess()
  const node = versions?.['node']
  if (!node || versions['bun'] || versions['deno']) return false
  const isSet = Boolean(env['HTTPS_PROXY'] ?? env['https_proxy'])
  return isSet && url.startsWith('https:') && !(canUseEnvProxy(node) && usesEnvProxy(env, execArgv))
}

/** @see https://nodejs.org/api/cli.html#--use-env-proxy */
function canUseEnvProxy(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21)
}

/** Node's precedence: the command line overrides NODE_OPTIONS, which overrides NODE_USE_ENV_PROXY. */
function usesEnvProxy(env: Variables, execArgv: readonly string[]): boolean {
  const options = (env['NODE_OPTIONS'] ?? '').replaceAll('"', '').split(' ')
  let isUsed = env['NODE_USE_ENV_PROXY'] === '1'
  for (const option of [...options, ...execArgv].map((word) => word.replaceAll('_', '-'))) {
    if (option === '--use-env-proxy') isUsed = true
    if (option === '--no-use-env-proxy') isUsed = false
  }
  return isUsed
}
