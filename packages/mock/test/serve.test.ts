import { execFile } from 'node:child_process'
import { request } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { maskinporten } from '@portvakt/mock/setup'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createMockMaskinporten, type ServedMockMaskinporten, startMockMaskinporten } from '../src/index.js'

let served: ServedMockMaskinporten | undefined
afterEach(async () => {
  vi.unstubAllEnvs()
  await served?.close()
  served = undefined
})

async function freePort(): Promise<number> {
  const mock = await startMockMaskinporten()
  await mock.close()
  return Number(new URL(mock.url).port)
}

/** The metadata, asked for by a name that need not resolve here. */
function getFrom(
  port: number,
  address: string,
  host: string,
): Promise<[status: number | undefined, text: string]> {
  const options = {
    hostname: address.replace(/^\[|\]$/g, ''),
    port,
    path: '/.well-known/oauth-authorization-server',
    agent: false,
    headers: { host },
  }
  return new Promise((resolve, reject) => {
    request(options, async (answer) => {
      resolve([answer.statusCode, (await answer.toArray()).join('')])
    })
      .on('error', reject)
      .end()
  })
}

describe('over HTTP', () => {
  it('is the issuer at its own address, on loopback', async () => {
    served = await startMockMaskinporten()
    expect(served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    expect(served.issuer).toBe(served.url)
    const metadata = await (await fetch(served.env['MASKINPORTEN_WELL_KNOWN_URL'] ?? '')).json()
    expect(metadata.issuer).toBe(served.url)
    expect(await (await fetch(metadata.jwks_uri)).json()).toEqual(served.jwks())
    const refused = await fetch(metadata.token_endpoint, { method: 'POST', body: new URLSearchParams() })
    expect(await refused.json()).toMatchObject({ error: 'invalid_request' })
  })

  it('leaves the process its own Request and Response', async () => {
    const app = `const own = [Request, Response]
      const { startMockMaskinporten } = await import('@portvakt/mock')
      const mock = await startMockMaskinporten()
      await (await fetch(mock.url + 'jwk')).json()
      console.log(own[0] === Request && own[1] === Response)
      await mock.close()`
    const { stdout } = await node('--input-type=module', '-e', app)
    expect(stdout).toBe('true\n')
  })

  it.each([
    ['before a connection is opened', 'mock.unref(); await ask()'],
    ['after it', 'await ask(); mock.unref()'],
  ])('lets the process end when it is unreferenced %s', async (_, order) => {
    const app = `import { Agent, get } from 'node:http'
      import { startMockMaskinporten } from '@portvakt/mock'
      const mock = await startMockMaskinporten()
      const agent = new Agent({ keepAlive: true })
      const ask = () => new Promise((done) => get(mock.url + 'jwk', { agent }, (r) => r.resume().on('end', done)))
      ${order}
      const unreferenced = performance.now()
      process.on('exit', () => console.log(performance.now() - unreferenced))`
    // A connection that holds the process does so for five seconds, the server's `keepAliveTimeout`.
    expect(Number((await node('--input-type=module', '-e', app)).stdout)).toBeLessThan(2500)
  })

  it('does not start with an option that is undefined', async () => {
    const started = startMockMaskinporten({ issuer: undefined } as object)
    await expect(started).rejects.toThrow('`issuer` is undefined: give it a value, or leave it out')
  })

  it('can claim another issuer, and still answers where it is', async () => {
    served = await startMockMaskinporten({ issuer: 'https://maskinporten.no/' })
    const metadata = await (await fetch(`${served.url}.well-known/oauth-authorization-server`)).json()
    expect(metadata).toMatchObject({ issuer: 'https://maskinporten.no/', jwks_uri: `${served.url}jwk` })
    expect(served.env).toMatchObject({
      MASKINPORTEN_ISSUER: 'https://maskinporten.no/',
      MASKINPORTEN_JWKS_URI: `${served.url}jwk`,
      MASKINPORTEN_TOKEN_ENDPOINT: `${served.url}token`,
    })
  })

  const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
    all?.some(({ address }) => address === '::1'),
  )
  it.each([['0.0.0.0', '127.0.0.1'], ['127.0.0.1', '127.0.0.1'], ...(hasIPv6 ? [['::', '[::1]']] : [])] as [
    string,
    string,
  ][])(
    'listening on %s, metadata and variables name its http: issuer, by which others reach it',
    async (hostname, loopback) => {
      const issuer = 'http://maskinporten:9000/'
      served = await startMockMaskinporten({ hostname, issuer })
      expect([served.url, served.issuer]).toEqual([issuer, issuer])
      expect(served.env).toMatchObject({
        MASKINPORTEN_ISSUER: issuer,
        MASKINPORTEN_JWKS_URI: `${issuer}jwk`,
        MASKINPORTEN_WELL_KNOWN_URL: `${issuer}.well-known/oauth-authorization-server`,
        MASKINPORTEN_TOKEN_ENDPOINT: `${issuer}token`,
      })
      await served.close()
      // Another machine's port may lead here: the name decides, and localhost at the port that is listened on.
      const port = await freePort()
      served = await startMockMaskinporten({ hostname, issuer, port })
      for (const host of ['maskinporten:9000', `localhost:${port}`, `${loopback}:${port}`]) {
        const [status, text] = await getFrom(port, loopback, host)
        expect([host, status]).toEqual([host, 200])
        expect(JSON.parse(text)).toMatchObject({
          issuer,
          jwks_uri: `${issuer}jwk`,
          token_endpoint: `${issuer}token`,
        })
      }
      expect((await getFrom(port, loopback, 'maskinporten:8089'))[0]).toBe(403)
    },
  )

  it.each([undefined, 'https://maskinporten.no/'])(
    'on every address with the issuer %s, metadata and variables name loopback',
    async (issuer) => {
      served = await startMockMaskinporten({ hostname: '0.0.0.0', ...(issuer !== undefined && { issuer }) })
      expect(served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
      expect(served.issuer).toBe(issuer ?? served.url)
      const metadata = await (await fetch(`${served.url}.well-known/oauth-authorization-server`)).json()
      expect(metadata).toMatchObject({ issuer: served.issuer, jwks_uri: `${served.url}jwk` })
    },
  )

  it('answers a request that comes as soon as the port is open', async () => {
    const first = await startMockMaskinporten()
    await first.close()
    const starting = startMockMaskinporten({ port: Number(new URL(first.url).port) })
    const refused = (): Promise<Response> =>
      new Promise(setImmediate).then(() => fetch(`${first.url}jwk`)).catch(refused)
    const response = await refused()
    served = await starting
    expect(await response.json()).toEqual(served.jwks())
  })

  describe('its own interface', () => {
    const post = (path: string, body: object, headers: Record<string, string> = {}) =>
      new Promise<[status: number | undefined, text: string]>((resolve, reject) => {
        const { hostname, port } = new URL(served?.url ?? '')
        const options = { hostname, port, method: 'POST', path: `/portvakt${path}`, agent: false }
        request(
          { ...options, headers: { 'content-type': 'application/json', ...headers } },
          async (answer) => {
            resolve([answer.statusCode, (await answer.toArray()).join('')])
          },
        )
          .on('error', reject)
          .end(JSON.stringify(body))
      })

    it('answers by the name of its issuer', async () => {
      served = await startMockMaskinporten({ issuer: 'https://mock.test.example.no/' })
      expect((await post('/tokens', { options: {} }, { host: 'mock.test.example.no' }))[0]).toBe(200)
    })

    it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/jsonp'])(
      'takes no body as %s, which a form can have',
      async (type) => {
        served = await startMockMaskinporten()
        for (const path of ['/tokens', '/scopes', '/apps'])
          expect(await post(path, {}, { 'content-type': type })).toEqual([
            400,
            expect.stringContaining('application/json'),
          ])
      },
    )

    it('reads no file for another process', async () => {
      served = await startMockMaskinporten()
      const yaml =
        'apiVersion: nais.io/v1alpha1\nkind: Application\nmetadata: { name: "{{name}}" }\nspec: {}\n'
      const own = fileURLToPath(new URL('../package.json', import.meta.url))
      for (const body of [
        { manifests: [{ yaml, varsFile: own }] },
        { manifests: [{ yaml }], options: { varsFile: own } },
        { manifests: [{ file: own }] },
        { manifests: [{ file: own, yaml: null }] },
        { manifests: own },
        { manifests: [own] },
        { manifests: [null] },
      ]) {
        expect(await post('/apps', body)).toEqual([400, expect.stringContaining('`yaml`')])
      }
      const [status] = await post('/apps', { manifests: [{ file: 'x', yaml, vars: { name: 'x' } }] })
      expect(status).toBe(200)
    })
  })

  it('closes at once, although a connection is kept open, and can be closed twice', async () => {
    served = await startMockMaskinporten()
    const { port } = new URL(served.url)
    const socket = connect(Number(port), '127.0.0.1')
    const ended = new Promise((resolve) => socket.on('close', resolve))
    await new Promise((resolve) => socket.on('connect', resolve))
    await fetch(`${served.url}jwk`)
    await served.close()
    await ended
    await served.close()
    await expect(fetch(`${served.url}jwk`)).rejects.toThrow()
  })

  it('is disposed of with its scope', async () => {
    let url: string
    {
      await using scoped = await startMockMaskinporten()
      url = `${scoped.url}jwk`
      expect((await fetch(url)).status).toBe(200)
    }
    await expect(fetch(url)).rejects.toThrow()
  })

  it('says which port is taken, and what to do', async () => {
    served = await startMockMaskinporten()
    const port = Number(new URL(served.url).port)
    await expect(startMockMaskinporten({ port })).rejects.toThrow(
      `The mock cannot listen on 127.0.0.1, port ${port} (EADDRINUSE): another program listens there, perhaps ` +
        'another mock. Stop it, or choose another port with `port` (`--port` on the command line); 0 is any free one',
    )
  })

  it('says which address is not of this machine', async () => {
    // TEST-NET-1 of RFC 5737, which no machine has.
    await expect(startMockMaskinporten({ hostname: '192.0.2.1' })).rejects.toThrow(
      /192\.0\.2\.1.*EADDRNOTAVAIL.*Correct `hostname`/,
    )
  })

  it('frees its port when an option is wrong', async () => {
    await expect(startMockMaskinporten({ isuer: 'x' } as never)).rejects.toThrow(/no option `isuer`/)
  })

  it('does not start in production, unless told to', async () => {
    vi.stubEnv('NODE_ENV', 'production')
    await expect(startMockMaskinporten()).rejects.toThrow(/NODE_ENV=production/)
    served = await startMockMaskinporten({ allowProduction: true })
  })
})

/** Node in this package's folder, where its name leads to what was built. */
const node = (...args: string[]) =>
  promisify(execFile)(process.execPath, args, { cwd: fileURLToPath(new URL('..', import.meta.url)) })

describe('the set-up file', () => {
  it('sets the variables and hands out the mock', async () => {
    expect(process.env).toMatchObject(maskinporten.env)
    expect((await fetch(process.env['MASKINPORTEN_JWKS_URI'] ?? '')).status).toBe(200)
  })

  it('does the same for node --import, and the process ends by itself', async () => {
    const setup = fileURLToPath(new URL('../dist/setup.js', import.meta.url))
    const app =
      'console.log(process.env.MASKINPORTEN_ISSUER, (await fetch(process.env.MASKINPORTEN_JWKS_URI)).status)'
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--import',
      setup,
      '--input-type=module',
      '-e',
      app,
    ])
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/ 200\n$/)
  })

  it('is a function to await for Jest, which loads it with a require of its own', async () => {
    const setup = fileURLToPath(new URL('../setup.cjs', import.meta.url))
    const app = `const setUp = require(${JSON.stringify(setup)}); setUp().then(() => console.log(process.env.MASKINPORTEN_ISSUER === setUp.maskinporten.issuer))`
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', app])
    expect(stdout).toBe('true\n')
  })

  it('gives the mock of node --import to a CommonJS test that requires it', async () => {
    const app = `console.log(require('@portvakt/mock/setup').maskinporten.url === process.env.MASKINPORTEN_ISSUER)`
    const { stdout } = await node('--import', '@portvakt/mock/setup', '-e', app)
    expect(stdout).toBe('true\n')
  })

  it('says what to do when nothing has started it', async () => {
    await expect(node('-e', `require('@portvakt/mock/setup').maskinporten`)).rejects.toThrow(/`setupFiles`/)
  })
})

it('test files that share a process share the mock, however often the set-up file runs', async () => {
  const app = `const [a, b] = [await import('./dist/setup.js?1'), await import('./dist/setup.js?2')]
    console.log(a.maskinporten === b.maskinporten, process.env.MASKINPORTEN_ISSUER === a.maskinporten.url)`
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', app], { cwd })
  expect(stdout).toBe('true true\n')
})

it('a served mock is a mock', async () => {
  served = await startMockMaskinporten()
  expect(Object.keys(served)).toEqual(expect.arrayContaining(Object.keys(await createMockMaskinporten())))
})
