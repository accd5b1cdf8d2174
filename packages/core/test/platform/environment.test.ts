import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMockMaskinporten } from '@portvakt/mock'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import {
  environmentVariables,
  naisVariables,
  PROXY_ADVICE,
  proxyIsUnused,
} from '../../src/platform/environment.js'
import { createTexasValidator } from '../../src/texas-validator.js'
import { createMaskinportenValidator } from '../../src/validator.js'
import { useCleanEnvironment } from '../clean-environment.js'

const ISSUER = 'MASKINPORTEN_ISSUER'
const MOUNTED = '/var/run/secrets/nais.io/maskinporten'

useCleanEnvironment()

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'portvakt-secrets-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true })
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})
const mount = (content: string) => writeFileSync(join(directory, ISSUER), content)

/** Simulates files in the directory where NAIS mounts them. */
function mountOnNais(files: Readonly<Record<string, string | undefined>>): void {
  const readFileSync = (path: string) => {
    const content = path.startsWith(`${MOUNTED}/`) ? files[path.slice(MOUNTED.length + 1)] : undefined
    if (content === undefined) throw new Error('ENOENT')
    return content
  }
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue({ readFileSync } as never)
}

it.each([
  ['https://x.no/', 'https://file.example/', 'https://x.no/'],
  ['', 'https://file.example/\r\n', 'https://file.example/'],
  [undefined, '\n', undefined],
])('a variable that is %j, with a file of %j, has the value %j', (variable, content, expected) => {
  vi.stubEnv(ISSUER, variable)
  mount(content)
  expect(naisVariables(directory).read(ISSUER)).toBe(expected)
})

it('a variable without a value and without a file is undefined', () => {
  expect(naisVariables(directory).read(ISSUER)).toBeUndefined()
})

it.each<[string, object | undefined]>([
  ['without a process', undefined],
  ['without built-in modules', { env: {} }],
  ['without a file system', { env: {}, getBuiltinModule: () => undefined }],
])('mounted files are not read on a platform %s', (_title, host) => {
  mount('https://x.no/')
  vi.stubGlobal('process', host)
  const found = naisVariables(directory).read(ISSUER)
  vi.unstubAllGlobals()
  expect(found).toBeUndefined()
})

it('a validator can be configured by mounted files alone', async () => {
  const mock = await createMockMaskinporten()
  mountOnNais(mock.env)
  const token = await mock.issueToken({ scope: 'nav:x.read' })
  const fetch = vi.fn(mock.fetch)
  await createMaskinportenValidator({ fetch }).verify(token, 'nav:x.read')
  expect(fetch.mock.calls.map(([url]) => url)).toEqual([mock.env['MASKINPORTEN_JWKS_URI']])
})

it('a validator with Texas reads the mounted files, and its error names the variable and their directory', () => {
  const issuer = { MASKINPORTEN_ISSUER: 'https://x.no/' }
  mountOnNais(issuer)
  expect(() => createTexasValidator()).toThrow(
    `NAIS_TOKEN_INTROSPECTION_ENDPOINT is not set, and ${MOUNTED} has no file of that name`,
  )
  mountOnNais({ ...issuer, NAIS_TOKEN_INTROSPECTION_ENDPOINT: 'http://127.0.0.1:7164/api/v1/introspect' })
  expect(() => createTexasValidator()).not.toThrow()
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

it.each([
  ['20.21.0', false],
  ['22.20.9', false],
  ['22.21.0', true],
  ['23.21.0', false],
  ['24.4.1', false],
  ['24.5.0', true],
  ['25.0.0', true],
])('Node %s can use a proxy, with NODE_USE_ENV_PROXY or --use-env-proxy: %s', (node, canUse) => {
  expect(inProcess({ node }, { ...PROXY, NODE_USE_ENV_PROXY: '1' })).toBe(!canUse)
  expect(inProcess({ node }, { ...PROXY, NODE_OPTIONS: '--use-env-proxy' })).toBe(!canUse)
  expect(inProcess({ node }, PROXY, KEYS, ['--use-env-proxy'])).toBe(!canUse)
})

it.each<[string, string[], boolean]>([
  ['--max-old-space-size=99 "--use-env-proxy"', [], true],
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

const denied = {
  get env(): never {
    throw new Error('NotCapable')
  },
}
it.each<[string, object | undefined, object]>([
  ['has variables', { env: { A: 'b' } }, { A: 'b' }],
  ['does not have a process', undefined, {}],
  ['does not have variables', {}, {}],
  ['denies access', denied, {}],
])('if the platform %s, environmentVariables returns those it has', (_title, host, variables) => {
  vi.stubGlobal('process', host)
  expect(environmentVariables()).toEqual(variables)
  expect(proxyIsUnused(KEYS)).toBe(false)
})
