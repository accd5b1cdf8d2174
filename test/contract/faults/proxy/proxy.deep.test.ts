import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { createMockMaskinporten } from '@portvakt/mock'
import { generate } from 'selfsigned'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { hasEnvProxy, runApp, startProxy } from './proxied.js'

/** Names that only the proxy can resolve. */
const MASKINPORTEN = 'maskinporten.test'
const API = 'api.maskinporten.test'

const mock = await createMockMaskinporten({
  issuer: `https://${MASKINPORTEN}/`,
  scopes: [{ name: 'nav:x.read' }],
})
const certificate = await generate([{ name: 'commonName', value: MASKINPORTEN }], {
  keySize: 2048,
  extensions: [
    { name: 'basicConstraints', cA: true },
    {
      name: 'subjectAltName',
      altNames: [
        { type: 2, value: MASKINPORTEN },
        { type: 2, value: API },
      ],
    },
  ],
})
/** Serves Maskinporten and the API. The proxy passes every connection to this server. */
const origin = createServer(
  { key: certificate.private, cert: certificate.cert },
  getRequestListener(async (request) => {
    if (new URL(request.url).hostname === MASKINPORTEN) return mock.fetch(request)
    return new Response(`${request.headers.get('authorization')?.slice(0, 7)}${await request.text()}`)
  }),
)
const proxy = await startProxy(() => ({ customConnectServer: origin }))
const directory = await mkdtemp(join(tmpdir(), 'portvakt-proxy-'))
await writeFile(join(directory, 'ca.pem'), certificate.cert)

afterAll(async () => {
  await proxy.close()
  origin.close()
  await rm(directory, { recursive: true })
})
beforeEach(() => void proxy.passed.splice(0))

const run = (way: string, env: Record<string, string> = {}) =>
  runApp('app.mjs', way, {
    ...mock.env,
    HTTPS_PROXY: proxy.url,
    NODE_EXTRA_CA_CERTS: join(directory, 'ca.pem'),
    ...env,
  })

describe('behind a forward proxy', () => {
  const ways: [string, string, Record<string, string>, boolean][] = [
    ['undici’s fetch as an option', 'fetch', {}, true],
    ['undici’s dispatcher for the whole process', 'dispatcher', {}, true],
    ['NODE_USE_ENV_PROXY', 'environment', { NODE_USE_ENV_PROXY: '1' }, hasEnvProxy],
  ]
  for (const [title, way, env, isSupported] of ways) {
    it.runIf(isSupported)(`with ${title}, token, API and key requests go through the proxy`, async () => {
      expect(await run(way, env)).toEqual({ api: 'Bearer hei', consumer: '314330897' })
      expect(new Set(proxy.passed)).toEqual(new Set([`${MASKINPORTEN}:443`, `${API}:443`]))
      expect(mock.requests).toMatchObject({ token: expect.any(Number), jwk: expect.any(Number) })
    })
  }

  it('client and validator report a proxy that is configured but not used', async () => {
    expect(await run('none')).toEqual({
      client: { code: 'unavailable', fix: expect.stringContaining('HTTPS_PROXY is set but not used') },
      upstreamFailure: 'proxy_not_used',
    })
    expect(proxy.passed).toEqual([])
  })
})
