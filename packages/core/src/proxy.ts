import { environmentVariables } from './process-env.js'

/**
 * What to do about a proxy that is not used.
 * @example
 * if (proxyIsUnused('https://maskinporten.no/')) console.warn(PROXY_ADVICE)
 */
export const PROXY_ADVICE =
  'HTTPS_PROXY is set but not used: set NODE_USE_ENV_PROXY=1 (Node 22.21, 24.5 and newer), or pass a `fetch` that ' +
  'uses undici’s EnvHttpProxyAgent'

/**
 * Whether a proxy is set that the global `fetch` passes by: Node's ignores it unless told, Bun's and Deno's do not.
 * @example
 * if (proxyIsUnused('https://maskinporten.no/')) console.warn(PROXY_ADVICE)
 */
export function proxyIsUnused(url: string): boolean {
  const env = environmentVariables()
  const versions = (globalThis as { process?: { versions?: Record<string, string | undefined> } }).process
    ?.versions
  if (!versions?.['node'] || versions['bun'] || versions['deno'] || env['NODE_USE_ENV_PROXY'] === '1')
    return false
  return url.startsWith('https:') && Boolean(env['HTTPS_PROXY'] ?? env['https_proxy'])
}
