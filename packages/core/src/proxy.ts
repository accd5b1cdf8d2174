import { isTlsFailure } from './connection-hint.js'
import { environmentVariables } from './process-env.js'

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
