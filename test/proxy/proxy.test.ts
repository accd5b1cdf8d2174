import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { getRequestListener } from '@hono/node-server'
import { createMockMaskinporten } from '@portvakt/mock'
import { Server as ProxyServer } from 'proxy-chain'
import { generate } from 'selfsigned'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'

/** Names that only the proxy can resolve, as from a network without a way out. */
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
/** Both hosts, behind the proxy: the proxy hands every connection to it. */
const origin = createServer(
  { key: certificate.private, cert: certificate.cert },
  getRequestListener(async (request) => {
    if (new URL(request.url).hostname === MASKINPORTEN) return mock.fetch(request)
    return new Response(`${request.headers.get('authorization')?.slice(0, 7)}${await request.text()}`)
  }),
)
const passed: string[] = []
const proxy = new ProxyServer({
  host: '127.0.0.1',
  port: 0,
  prepareRequestFunction: ({ hostname, port }) => {
    passed.push(`${hostname}:${port}`)
    return { customConnectServer: origin }
  },
})
await proxy.listen()
const directory = await mkdtemp(join(tmpdir(), 'portvakt-proxy-'))
await writeFile(join(directory, 'ca.pem'), certificate.cert)

afterAll(async () => {
  await proxy.close(true)
  origin.close()
  await rm(directory, { recursive: true })
})
beforeEach(() => void passed.splice(0))

const APP = fileURLToPath(new URL('app.mjs', import.meta.url))

async function run(way: string, env: Record<string, string> = {}) {
  const { stdout } = await promisify(execFile)(process.execPath, [APP, way], {
    env: {
      PATH: process.env['PATH'] ?? '',
      ...mock.env,
      HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
      NODE_EXTRA_CA_CERTS: join(directory, 'ca.pem'),
      ...env,
    },
  })
  return JSON.parse(stdout)
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const hasEnvProxy = major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21)

describe('behind a forward proxy', () => {
  const ways: [string, string, Record<string, string>, boolean][] = [
    ['undici’s fetch as an option', 'fetch', {}, true],
    ['undici’s dispatcher for the whole process', 'dispatcher', {}, true],
    ['NODE_USE_ENV_PROXY', 'environment', { NODE_USE_ENV_PROXY: '1' }, hasEnvProxy],
  ]
  for (const [title, way, env, isThere] of ways) {
    // Node has the last one from 22.21 and 24.5 on.
    it.runIf(isThere)(`tokens, calls and keys go through it, by ${title}`, async () => {
      expect(await run(way, env)).toEqual({ api: 'Bearer hei', consumer: '314330897' })
      expect(new Set(passed)).toEqual(new Set([`${MASKINPORTEN}:443`, `${API}:443`]))
      expect(mock.requests).toMatchObject({ token: expect.any(Number), jwk: expect.any(Number) })
    })
  }

  it('who does not use it is told so, by client and validator', async () => {
    expect(await run('none')).toEqual({
      client: { code: 'unavailable', hint: expect.stringContaining('HTTPS_PROXY is set but not used') },
      upstreamFailure: 'proxy_not_used',
    })
    expect(passed).toEqual([])
  })
})
