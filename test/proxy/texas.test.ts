import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type ServedMockMaskinporten, startMockMaskinporten } from '@portvakt/mock'
import { Server as ProxyServer } from 'proxy-chain'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

let mock: ServedMockMaskinporten
let token: string
const passed: string[] = []
/** Where the proxy hands the connections of a tunnel. */
const behind = createServer((_request, response) => void response.end('by the proxy'))
const proxy = new ProxyServer({
  host: '127.0.0.1',
  port: 0,
  prepareRequestFunction({ hostname, port, isHttp }) {
    passed.push(`${hostname}:${port}`)
    const body = 'by the proxy'
    return isHttp ? { customResponseFunction: () => ({ body }) } : { customConnectServer: behind }
  },
})
beforeAll(async () => {
  await proxy.listen()
  mock = await startMockMaskinporten({ scopes: [{ name: 'nav:x.read' }] })
  token = await mock.issueToken({ scope: 'nav:x.read' })
})
afterAll(async () => {
  await proxy.close(true)
  await mock.close()
})
beforeEach(() => void passed.splice(0))

const APP = fileURLToPath(new URL('texas-app.mjs', import.meta.url))

/** Resolves when the process has ended, which it does by itself. */
async function run(way: string, env: Record<string, string> = {}) {
  const address = `http://127.0.0.1:${proxy.port}`
  const { stdout } = await promisify(execFile)(process.execPath, [APP, way], {
    timeout: 30_000,
    env: {
      PATH: process.env['PATH'] ?? '',
      NAIS_TOKEN_ENDPOINT: mock.env['NAIS_TOKEN_ENDPOINT'] ?? '',
      NAIS_TOKEN_INTROSPECTION_ENDPOINT: mock.env['NAIS_TOKEN_INTROSPECTION_ENDPOINT'] ?? '',
      MASKINPORTEN_ISSUER: mock.issuer,
      JWKS: JSON.stringify(mock.jwks()),
      TOKEN: token,
      // Only the proxy knows the name.
      OTHER_URL: 'http://other.test/',
      HTTP_PROXY: address,
      HTTPS_PROXY: address,
      // NAIS's default.
      NO_PROXY: 'localhost',
      ...env,
    },
  })
  return JSON.parse(stdout)
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const hasEnvProxy = major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21)

describe('validator and client ask Texas without the proxy, and the process ends by itself', () => {
  const answered = { decisions: ['allowed', 'allowed', 'allowed'], usable: true, token: 'nav:x.read' }
  const ways: [string, string, Record<string, string>, boolean][] = [
    ['undici’s dispatcher for the whole process', 'dispatcher', {}, true],
    ['NODE_USE_ENV_PROXY', 'environment', { NODE_USE_ENV_PROXY: '1' }, hasEnvProxy],
    ['--use-env-proxy', 'environment', { NODE_OPTIONS: '--use-env-proxy' }, hasEnvProxy],
  ]
  for (const [title, way, env, isThere] of ways) {
    it.runIf(isThere)(`while other requests go through it, by ${title}`, async () => {
      expect(await run(way, env)).toEqual({ ...answered, other: 'by the proxy' })
      expect(passed).toEqual(['other.test:80'])
    })
  }

  it('where the proxy is only set', async () => {
    expect(await run('none')).toEqual({ ...answered, other: 'failed' })
    expect(passed).toEqual([])
  })
})
