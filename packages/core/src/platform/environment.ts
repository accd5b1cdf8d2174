import { isTlsFailure } from './connection-hint.js'

/** The process's environment variables, or none where a runtime has or allows none. */
export function environmentVariables(): Readonly<Record<string, string | undefined>> {
  try {
    const { process } = globalThis as unknown as {
      process: { env?: Record<string, string | undefined> }
    }
    return process.env ?? {}
  } catch {
    // There is no process, or it is Deno's, which throws where access is not granted: the same as not set.
    return {}
  }
}

/** Where NAIS mounts the variables of Maskinporten as files, each named after its variable. */
const SECRETS_DIRECTORY = '/var/run/secrets/nais.io/maskinporten'

/** The variables that NAIS provides, from the environment or from mounted files. */
export interface NaisVariables {
  /** The value of a variable; undefined when it has neither a value nor a file, or is empty. */
  read(name: string): string | undefined
  /** The beginning of an error message about a missing variable: its name, and where its file was looked for. */
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
    // An empty variable counts as missing: its value was never filled in.
    read: (name) => env[name] || contentOf(`${directory}/${name}`),
    missing: (name) => `${name} is not set, and ${directory} has no file of that name`,
  }
}

interface FileSystem {
  readFileSync(path: string, encoding: 'utf8'): string
}

/** Undefined when the file is missing, unreadable or empty. */
function contentOf(path: string): string | undefined {
  try {
    // Not an import: core also runs on platforms without a file system.
    const { process } = globalThis as unknown as {
      process: { getBuiltinModule(id: 'node:fs'): FileSystem }
    }
    return process.getBuiltinModule('node:fs').readFileSync(path, 'utf8').trim() || undefined
  } catch {
    return undefined
  }
}

/**
 * What to do about a proxy that is not used.
 * @example
 * if (proxyIsUnused('https://maskinporten.no/')) console.warn(PROXY_ADVICE)
 */
export const PROXY_ADVICE =
  'HTTPS_PROXY is set but not used: set NODE_USE_ENV_PROXY=1 or start Node with --use-env-proxy (Node 22.21, 24.5 ' +
  'and newer; older versions ignore it), or pass a `fetch` that uses undici’s EnvHttpProxyAgent'

/** The parts of Node's `process` that are read here; other platforms have some of them or none. */
interface NodeProcess {
  readonly versions?: Readonly<Record<string, string | undefined>>
  readonly execArgv?: readonly string[]
}

/**
 * Whether a proxy is set that the global `fetch` does not use: Node's ignores it unless told to use it, Bun's and
 * Deno's do not.
 *
 * @param code the platform's code of a failure: false if it says that the server was reached without the proxy
 * @example
 * if (proxyIsUnused('https://maskinporten.no/')) console.warn(PROXY_ADVICE)
 */
export function proxyIsUnused(url: string, code?: string): boolean {
  if (isTlsFailure(code)) return false
  const env = environmentVariables()
  const { versions, execArgv = [] } = (globalThis as { process?: NodeProcess }).process ?? {}
  const node = versions?.['node']
  if (!node || versions['bun'] || versions['deno']) return false
  const isSet = Boolean(env['HTTPS_PROXY'] ?? env['https_proxy'])
  return isSet && url.startsWith('https:') && !(canUseEnvProxy(node) && isToldToUseIt(env, execArgv))
}

/** @see https://nodejs.org/api/cli.html#--use-env-proxy */
function canUseEnvProxy(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21)
}

/** The order is Node's: the command line overrides NODE_OPTIONS, which overrides the variable. */
function isToldToUseIt(env: ReturnType<typeof environmentVariables>, execArgv: readonly string[]): boolean {
  const options = (env['NODE_OPTIONS'] ?? '').replaceAll('"', '').split(/\s+/)
  let isUsed = env['NODE_USE_ENV_PROXY'] === '1'
  for (const option of [...options, ...execArgv].map((word) => word.replaceAll('_', '-'))) {
    if (option === '--use-env-proxy') isUsed = true
    if (option === '--no-use-env-proxy') isUsed = false
  }
  return isUsed
}
