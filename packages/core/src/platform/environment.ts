import { isTlsFailure } from './connection-hint.js'

/** The parts of Node's `process` that are read here; other platforms have some of them, or no `process`. */
interface NodeProcess {
  readonly env?: Variables
  readonly versions?: Readonly<Record<string, string | undefined>>
  readonly execArgv?: readonly string[]
  getBuiltinModule?(id: 'node:fs'): { readFileSync(path: string, encoding: 'utf8'): string }
}
type Variables = Readonly<Record<string, string | undefined>>

const nodeProcess = (): NodeProcess => (globalThis as { process?: NodeProcess }).process ?? {}

/** The process's environment variables; empty where a runtime has none or allows none. */
export function environmentVariables(): Variables {
  try {
    return nodeProcess().env ?? {}
  } catch {
    // Deno throws without permission. The variables then count as not set.
    return {}
  }
}

/** Where NAIS mounts the variables of Maskinporten as files, each named after its variable. */
const SECRETS_DIRECTORY = '/var/run/secrets/nais.io/maskinporten'

/** The variables that NAIS provides, from the environment or from mounted files. */
export interface NaisVariables {
  /** The value of a variable; undefined when it is empty, or has neither a value nor a file. */
  read(name: string): string | undefined
  /** The start of an error message about a missing variable: its name, and the directory of its file. */
  missing(name: string): string
}

/**
 * Reads the variables that NAIS provides. The environment's value comes first if it is not empty, then the
 * mounted file of that name, without white space at its ends. Files are read synchronously on Node (20.16, 22.3
 * and newer) and on other platforms that have `process.getBuiltinModule`.
 *
 * @param directory where the files are mounted. Default `/var/run/secrets/nais.io/maskinporten`
 * @example
 * const issuer = naisVariables().read('MASKINPORTEN_ISSUER')
 * @see https://docs.nais.io/auth/maskinporten/reference/#variables-for-manually-validating-tokens
 */
export function naisVariables(directory: string = SECRETS_DIRECTORY): NaisVariables {
  const env = environmentVariables()
  return {
    // An empty variable counts as missing: no value was filled in.
    read: (name) => env[name] || contentOf(`${directory}/${name}`),
    missing: (name) => `${name} is not set, and ${directory} has no file of that name`,
  }
}

/** Undefined when the file is missing, unreadable or empty. */
function contentOf(path: string): string | undefined {
  try {
    // Not an import: core also runs on platforms without a file system.
    return nodeProcess().getBuiltinModule?.('node:fs').readFileSync(path, 'utf8').trim() || undefined
  } catch {
    return undefined
  }
}

/**
 * The remedy for a proxy that is set and not used.
 * @example
 * if (proxyIsUnused('https://maskinporten.no/')) console.warn(PROXY_ADVICE)
 */
export const PROXY_ADVICE =
  'HTTPS_PROXY is set but not used: set NODE_USE_ENV_PROXY=1 or start Node with --use-env-proxy (Node 22.21, 24.5 ' +
  'and newer; older versions ignore it), or pass a `fetch` that uses undici’s EnvHttpProxyAgent'

/**
 * Whether a proxy is set that the global `fetch` does not use: Node's ignores it by default, Bun's and Deno's do not.
 *
 * @param code the platform's code of a failure; a TLS failure means that the server was reached without the proxy
 * @example
 * if (proxyIsUnused('https://maskinporten.no/')) console.warn(PROXY_ADVICE)
 */
export function proxyIsUnused(url: string, code?: string): boolean {
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

/** The order is Node's: the command line overrides NODE_OPTIONS, which overrides the variable. */
function usesEnvProxy(env: Variables, execArgv: readonly string[]): boolean {
  const options = (env['NODE_OPTIONS'] ?? '').replaceAll('"', '').split(/\s+/)
  let isUsed = env['NODE_USE_ENV_PROXY'] === '1'
  for (const option of [...options, ...execArgv].map((word) => word.replaceAll('_', '-'))) {
    if (option === '--use-env-proxy') isUsed = true
    if (option === '--no-use-env-proxy') isUsed = false
  }
  return isUsed
}
