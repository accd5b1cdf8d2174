import { afterEach, expect, it, vi } from 'vitest'
import { environmentVariables, PROXY_ADVICE, proxyIsUnused } from '../../src/platform/environment.js'

afterEach(() => {
  vi.unstubAllGlobals()
})

const NODE = { node: '22.21.0' }
const PROXY = { HTTPS_PROXY: 'http://webproxy.example:8088' }
const KEYS = 'https://maskinporten.no/jwk'

/** Returns the result of proxyIsUnused in a process with these versions and variables. */
function inProcess(versions: object | undefined, env: object, url = KEYS, execArgv?: string[]): boolean {
  vi.stubGlobal('process', { versions, env, ...(execArgv && { execArgv }) })
  const isUnused = proxyIsUnused(url)
  vi.unstubAllGlobals()
  return isUnused
}

it('Node ignores a configured proxy by default, with HTTPS_PROXY in upper or lower case', () => {
  expect(inProcess(NODE, PROXY)).toBe(true)
  expect(inProcess(NODE, { https_proxy: PROXY.HTTPS_PROXY })).toBe(true)
  expect(inProcess(NODE, { ...PROXY, NODE_USE_ENV_PROXY: '0' })).toBe(true)
})

it.each(['22.21.0', '22.23.3', '24.5.0', '24.21.0', '25.0.0', '26.10.0'])(
  'Node %s uses a proxy with NODE_USE_ENV_PROXY or --use-env-proxy',
  (node) => {
    expect(inProcess({ node }, { ...PROXY, NODE_USE_ENV_PROXY: '1' })).toBe(false)
    expect(inProcess({ node }, { ...PROXY, NODE_OPTIONS: '--use-env-proxy' })).toBe(false)
    expect(inProcess({ node }, PROXY, KEYS, ['--use-env-proxy'])).toBe(false)
    expect(inProcess({ node }, PROXY)).toBe(true)
  },
)

it.each(['20.19.0', '20.20.2', '20.21.0', '22.20.9', '23.11.0', '24.4.1'])(
  'Node %s does not use a proxy, even with NODE_USE_ENV_PROXY or --use-env-proxy',
  (node) => {
    const env = { ...PROXY, NODE_USE_ENV_PROXY: '1', NODE_OPTIONS: '--use-env-proxy' }
    expect(inProcess({ node }, env, KEYS, ['--use-env-proxy'])).toBe(true)
  },
)

it.each<[string, string[], boolean]>([
  ['--max-old-space-size=99 --use-env-proxy', [], true],
  ['"--use-env-proxy"', [], true],
  ['--use_env_proxy', [], true],
  ['--use-env-proxyx', [], false],
  ['--require=--use-env-proxy', [], false],
  ['', ['--no-warnings', '--use_env_proxy'], true],
  ['--use-env-proxy', ['--no-use-env-proxy'], false],
  ['--no-use-env-proxy', ['--use-env-proxy'], true],
])('Node’s last proxy option decides: NODE_OPTIONS %j, then arguments %j', (options, execArgv, isUsed) => {
  expect(inProcess(NODE, { ...PROXY, NODE_OPTIONS: options }, KEYS, execArgv)).toBe(!isUsed)
})

it('Node’s option --no-use-env-proxy overrides NODE_USE_ENV_PROXY=1', () => {
  const env = { ...PROXY, NODE_USE_ENV_PROXY: '1', NODE_OPTIONS: '--no-use-env-proxy' }
  expect(inProcess(NODE, env)).toBe(true)
})

it.each<[string, object | undefined]>([
  ['Bun', { ...NODE, bun: '1.3.0' }],
  ['Deno', { ...NODE, deno: '2.5.0' }],
  ['a platform that is not Node', {}],
  ['a platform without `process.versions`', undefined],
])('a proxy is never reported as unused on %s', (_title, versions) => {
  expect(inProcess(versions, PROXY)).toBe(false)
})

it('proxyIsUnused returns false for an http URL, without HTTPS_PROXY, and after a TLS failure without a proxy', () => {
  expect(inProcess(NODE, PROXY, 'http://127.0.0.1:8080/jwk')).toBe(false)
  expect(inProcess(NODE, {})).toBe(false)
  expect(inProcess(NODE, { HTTPS_PROXY: '' })).toBe(false)
  vi.stubGlobal('process', { versions: NODE, env: PROXY })
  expect(['ECONNREFUSED', 'CERT_HAS_EXPIRED'].map((code) => proxyIsUnused(KEYS, code))).toEqual([true, false])
})

it('PROXY_ADVICE names the unused variable, and every way to make Node use it', () => {
  expect(PROXY_ADVICE).toMatch(
    /^HTTPS_PROXY is set but not used: .*NODE_USE_ENV_PROXY=1.*--use-env-proxy.*EnvHttpProxyAgent$/,
  )
})

it('environmentVariables returns the variables of the process', () => {
  vi.stubGlobal('process', { env: { A: 'b' } })
  expect(environmentVariables()).toEqual({ A: 'b' })
})

const denied = {
  get env(): never {
    throw new Error('NotCapable')
  },
}
it.each<[string, object | undefined]>([
  ['the platform does not have a process', undefined],
  ['the process does not have variables', {}],
  ['the platform denies access', denied],
])('environmentVariables is empty, and no proxy is reported as unused, if %s', (_title, host) => {
  vi.stubGlobal('process', host)
  expect(environmentVariables()).toEqual({})
  expect(proxyIsUnused(KEYS)).toBe(false)
})
