import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { maskinporten } from '@portvakt/mock/setup'
import { expect, it, onTestFinished, vi } from 'vitest'
import { freePort } from '../../../test/release/packaging/serving.mjs'
import { startMockMaskinporten } from '../src/index.js'
import { rawRequest } from './raw-request.js'

const METADATA = '.well-known/oauth-authorization-server'
const json = async (url: string) => (await fetch(url)).json()

const cwd = fileURLToPath(new URL('..', import.meta.url))
/** Runs Node in this package's folder, where `@portvakt/mock` is the built package. */
const node = async (...args: string[]) => (await promisify(execFile)(process.execPath, args, { cwd })).stdout
const runModule = (code: string) => node('--input-type=module', '-e', code)

it('by default, a served mock’s issuer is its loopback address, and its endpoints answer there', async () => {
  await using served = await startMockMaskinporten()
  expect(served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  expect(served.issuer).toBe(served.url)
  const metadata = await json(served.env['MASKINPORTEN_WELL_KNOWN_URL'] ?? '')
  expect(metadata.issuer).toBe(served.url)
  expect(await json(metadata.jwks_uri)).toEqual(served.jwks())
  const refused = await fetch(metadata.token_endpoint, { method: 'POST', body: new URLSearchParams() })
  expect(await refused.json()).toMatchObject({ error: 'invalid_request' })
})

it('a served mock does not replace the global Request and Response', async () => {
  const app = `const own = [Request, Response]
      const { startMockMaskinporten } = await import('@portvakt/mock')
      const mock = await startMockMaskinporten()
      await (await fetch(mock.url + 'jwk')).json()
      console.log(own[0] === Request && own[1] === Response)
      await mock.close()`
  expect(await runModule(app)).toBe('true\n')
})

it.each([
  ['before', 'mock.unref(); await ask()'],
  ['after', 'await ask(); mock.unref()'],
])(
  'a served mock lets the process end when `unref` is called %s a connection is opened',
  async (_, order) => {
    const app = `import { Agent, get } from 'node:http'
      import { startMockMaskinporten } from '@portvakt/mock'
      const mock = await startMockMaskinporten()
      const agent = new Agent({ keepAlive: true })
      const ask = () => new Promise((done) => get(mock.url + 'jwk', { agent }, (r) => r.resume().on('end', done)))
      ${order}
      const unreferenced = performance.now()
      process.on('exit', () => console.log(performance.now() - unreferenced))`
    // An open connection would keep the process alive for the five seconds of the server's
    // `keepAliveTimeout`.
    expect(Number(await runModule(app))).toBeLessThan(2500)
  },
)

const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
)
it.each([['0.0.0.0', '127.0.0.1'], ['127.0.0.1', '127.0.0.1'], ...(hasIPv6 ? [['::', '[::1]']] : [])])(
  'a served mock that listens on %s with an http issuer has the issuer’s address in metadata and variables',
  async (hostname, loopback) => {
    const issuer = 'http://maskinporten:9000/'
    const port = await freePort()
    await using served = await startMockMaskinporten({ hostname, issuer, port })
    expect([served.url, served.issuer]).toEqual([issuer, issuer])
    expect(served.env).toMatchObject({ MASKINPORTEN_ISSUER: issuer, MASKINPORTEN_JWKS_URI: `${issuer}jwk` })
    const headers = { host: 'maskinporten:9000' }
    const { text } = await rawRequest(`http://${loopback}:${port}/${METADATA}`, { headers })
    expect(JSON.parse(text)).toMatchObject({ issuer, jwks_uri: `${issuer}jwk` })
  },
)

const PRODUCTION = { issuer: 'https://maskinporten.no/' }
it.each([
  ['127.0.0.1', 'an https issuer', PRODUCTION],
  ['0.0.0.0', 'an https issuer', PRODUCTION],
  ['0.0.0.0', 'no issuer', {}],
])(
  'a served mock that listens on %s with %s has a loopback address in metadata and variables',
  async (hostname, _title, options: { issuer?: string }) => {
    await using served = await startMockMaskinporten({ hostname, ...options })
    const { url, env, issuer } = served
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    expect(issuer).toBe(options.issuer ?? url)
    expect(await json(`${url}${METADATA}`)).toMatchObject({ issuer, jwks_uri: `${url}jwk` })
    expect(env).toMatchObject({
      MASKINPORTEN_ISSUER: issuer,
      MASKINPORTEN_JWKS_URI: `${url}jwk`,
      MASKINPORTEN_TOKEN_ENDPOINT: `${url}token`,
    })
  },
)

it('a served mock answers a request that arrives before its keys exist', async () => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/jwk`
  const starting = startMockMaskinporten({ port })
  const answer = (): Promise<Response> => new Promise(setImmediate).then(() => fetch(url)).catch(answer)
  const response = await answer()
  await using served = await starting
  expect(await response.json()).toEqual(served.jwks())
})

it.each([
  ['`close`', 'close'],
  ['the end of `await using`', Symbol.asyncDispose],
] as const)('a served mock ends its open connections at %s', async (_title, name) => {
  const served = await startMockMaskinporten()
  const socket = connect(Number(new URL(served.url).port), '127.0.0.1')
  const ended = once(socket, 'close')
  await once(socket, 'connect')
  await served[name]()
  await ended
  await served[name]()
  await expect(fetch(`${served.url}jwk`)).rejects.toThrow()
})

function post(url: string, body: object, type = 'application/json') {
  const init = { method: 'POST', headers: { 'content-type': type } }
  return rawRequest(url, init, JSON.stringify(body))
}

it('the mock’s interface for commands refuses every content type except application/json', async () => {
  await using served = await startMockMaskinporten()
  const refusal = { status: 400, text: expect.stringContaining('application/json') }
  for (const path of ['tokens', 'scopes', 'apps'])
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp'])
      expect(await post(`${served.url}portvakt/${path}`, {}, type)).toEqual(refusal)
})

it('the mock’s interface for commands does not read files that a request names', async () => {
  await using served = await startMockMaskinporten()
  const yaml = 'apiVersion: nais.io/v1alpha1\nkind: Application\nmetadata: { name: "{{name}}" }\nspec: {}\n'
  const file = fileURLToPath(new URL('../package.json', import.meta.url))
  const url = `${served.url}portvakt/apps`
  for (const body of [
    { manifests: [{ yaml, varsFile: file }] },
    { manifests: [{ yaml }], options: { varsFile: file } },
    ...[[{ file }], [{ file, yaml: null }], file, [file], [null]].map((manifests) => ({ manifests })),
  ])
    expect(await post(url, body)).toEqual({ status: 400, text: expect.stringContaining('`yaml`') })
  const { status } = await post(url, { manifests: [{ file: 'x', yaml, vars: { name: 'x' } }] })
  expect(status).toBe(200)
})

it.each<[string, object, RegExp]>([
  ['an unknown option', { isuer: 'x' }, /no option `isuer`/],
  ['an undefined option', { issuer: undefined }, /`issuer` is undefined: give it a value, or leave it out/],
  ['a port that is a string', { port: '8089' }, /`port` must be a whole number from 0 to 65535/],
  ['a host name that is a number', { hostname: 127 }, /`hostname` must be a string/],
  // Node listens on every address for it.
  ['the host name 0x0', { hostname: '0x0' }, /`hostname` is "0x0", which means every address.*`--hostname`/],
  // TEST-NET-1 (RFC 5737): no machine has an address in this range.
  ['another machine’s address', { hostname: '192.0.2.1' }, /192\.0\.2\.1.*EADDRNOTAVAIL.*Correct `hostname`/],
])('startMockMaskinporten refuses %s', async (_title, options, message) => {
  await expect(startMockMaskinporten(options)).rejects.toThrow(message)
})

it('when the port is taken, the error of startMockMaskinporten names the port and the fix', async () => {
  await using served = await startMockMaskinporten()
  const port = Number(new URL(served.url).port)
  await expect(startMockMaskinporten({ port })).rejects.toThrow(
    `The mock cannot listen on 127.0.0.1, port ${port} (EADDRINUSE): another program listens there, perhaps ` +
      'another mock. Stop it, or choose another port with `port` (`--port` on the command line); 0 selects a free port',
  )
})

it.each<[string, object, RegExp]>([
  ['a scope is invalid', { scopes: [{ name: 'x' }] }, /no prefix/],
  ['the host name is empty', { hostname: '' }, /`hostname`/],
])('startMockMaskinporten frees its port when %s', async (_title, options, message) => {
  const port = await freePort()
  await expect(startMockMaskinporten({ port, ...options })).rejects.toThrow(message)
  await (await startMockMaskinporten({ port })).close()
})

const isRoot = process.getuid?.() === 0
it.runIf(isRoot)('on port 80, the issuer of a mock has no port, as in its metadata', async () => {
  await using served = await startMockMaskinporten({ port: 80 })
  expect([served.url, served.issuer]).toEqual(['http://127.0.0.1/', 'http://127.0.0.1/'])
  expect((await fetch(served.env['MASKINPORTEN_JWKS_URI'] ?? '')).status).toBe(200)
})

it('startMockMaskinporten refuses NODE_ENV=production without `allowProduction`', async () => {
  onTestFinished(() => void vi.unstubAllEnvs())
  vi.stubEnv('NODE_ENV', 'production')
  for (const options of [{}, { allowProduction: 'false' as never }])
    await expect(startMockMaskinporten(options)).rejects.toThrow(/NODE_ENV=production/)
  await (await startMockMaskinporten({ allowProduction: true })).close()
})

it('the set-up file sets the environment variables and exports the mock', async () => {
  expect(process.env).toMatchObject(maskinporten.env)
  expect((await fetch(process.env['MASKINPORTEN_JWKS_URI'] ?? '')).status).toBe(200)
})

it('the set-up file exports an async function to Jest, which loads it with `require`', async () => {
  const app = `const setUp = require('./setup.cjs'); setUp().then(() =>
      console.log(process.env.MASKINPORTEN_ISSUER === setUp.maskinporten.issuer))`
  expect(await node('-e', app)).toBe('true\n')
})

it('a CommonJS test that requires the set-up file gets the mock that `node --import` started', async () => {
  const app = `console.log(require('@portvakt/mock/setup').maskinporten.url === process.env.MASKINPORTEN_ISSUER)`
  expect(await node('--import', '@portvakt/mock/setup', '-e', app)).toBe('true\n')
})

it('the set-up file throws an error with the fix when it is loaded by `require` and no mock is running', async () => {
  await expect(node('-e', `require('@portvakt/mock/setup').maskinporten`)).rejects.toThrow(/`setupFiles`/)
})

it('the set-up file shares one mock between the test files of a process', async () => {
  const app = `const [a, b] = [await import('./dist/setup.js?1'), await import('./dist/setup.js?2')]
      console.log(a.maskinporten === b.maskinporten, process.env.MASKINPORTEN_ISSUER === a.maskinporten.url)`
  expect(await runModule(app)).toBe('true true\n')
})
