import { createServer } from 'node:http'
import { type ServedMockMaskinporten, startMockMaskinporten } from '@portvakt/mock'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hasEnvProxy, runApp, startProxy } from './proxied.js'

let mock: ServedMockMaskinporten
let token: string
const body = 'by the proxy'
/** Answers requests that arrive through the proxy's tunnels. */
const behind = createServer((_request, response) => void response.end(body))
const proxy = await startProxy(({ isHttp }) =>
  isHttp ? { customResponseFunction: () => ({ body }) } : { customConnectServer: behind },
)
beforeAll(async () => {
  mock = await startMockMaskinporten({ scopes: [{ name: 'nav:x.read' }] })
  token = await mock.issueToken({ scope: 'nav:x.read', expiresIn: 3600 })
})
afterAll(async () => {
  await proxy.close()
  await mock.close()
})
beforeEach(() => void proxy.passed.splice(0))

const run = (way: string, env: Record<string, string> = {}) =>
  runApp('texas-app.mjs', way, {
    NAIS_TOKEN_ENDPOINT: mock.env['NAIS_TOKEN_ENDPOINT'] ?? '',
    NAIS_TOKEN_INTROSPECTION_ENDPOINT: mock.env['NAIS_TOKEN_INTROSPECTION_ENDPOINT'] ?? '',
    MASKINPORTEN_ISSUER: mock.issuer,
    JWKS: JSON.stringify(mock.jwks()),
    TOKEN: token,
    // Only the proxy can resolve this host name.
    OTHER_URL: 'http://other.test/',
    HTTP_PROXY: proxy.url,
    HTTPS_PROXY: proxy.url,
    // NAIS sets this value by default.
    NO_PROXY: 'localhost',
    ...env,
  })

describe('requests to Texas', () => {
  const answered = { decisions: ['allowed', 'allowed', 'allowed'], usable: true, token: 'nav:x.read' }
  const ways: [string, string, Record<string, string>, boolean][] = [
    ['undici’s global dispatcher', 'dispatcher', {}, true],
    ['NODE_USE_ENV_PROXY', 'environment', { NODE_USE_ENV_PROXY: '1' }, hasEnvProxy],
    ['--use-env-proxy', 'environment', { NODE_OPTIONS: '--use-env-proxy' }, hasEnvProxy],
  ]
  for (const [title, way, env, isSupported] of ways) {
    it.runIf(isSupported)(`with ${title}, all requests except those to Texas use the proxy`, async () => {
      expect(await run(way, env)).toEqual({ ...answered, other: 'by the proxy' })
      expect(proxy.passed).toEqual(['other.test:80'])
    })
  }

  it('requests to Texas bypass a proxy that is configured but not used', async () => {
    expect(await run('none')).toEqual({ ...answered, other: 'failed' })
    expect(proxy.passed).toEqual([])
  })
})
