import { generateKeyPairSync } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestClock } from '@portvakt/mock'
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import { createMaskinportenClient, type Fetch, type MaskinportenClientOptions } from '../src/index.js'
import { SCOPE, settle } from './kit.js'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const jwk = { ...privateKey.export({ format: 'jwk' }), kid: 'k1' }
beforeEach(() => {
  for (const name of Object.keys(process.env)) {
    if (/^(MASKINPORTEN|NAIS)_/.test(name)) vi.stubEnv(name, undefined)
  }
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})

const nowhere = join(tmpdir(), 'portvakt-no-such-directory')
const tokenWith = (options: MaskinportenClientOptions) =>
  createMaskinportenClient(options).getToken({ scope: SCOPE })
const explicit: MaskinportenClientOptions = {
  issuer: 'https://x.no/',
  tokenEndpoint: 'https://x.no/token',
  clientId: 'x',
  key: { jwk },
}
const answered = () => Response.json({ access_token: 'x', token_type: 'Bearer', expires_in: 60 })

describe('a wrong option throws at construction', () => {
  test.each<[string, object | null, RegExp]>([
    ['unknown', { clientid: 'x' }, /createMaskinportenClient has no option `clientid`/],
    ['undefined', { clientId: undefined }, /`clientId` is undefined/],
    [
      'a client id without a key',
      { clientId: 'x' },
      /belong together: give both, and `environment: 'test'` or 'prod'/,
    ],
    [
      'a client without an issuer',
      { clientId: 'x', key: { jwk } },
      /^Give `environment: 'prod'` or 'test', or an `issuer`$/,
    ],
    [
      'an environment and an issuer',
      { clientId: 'x', key: { jwk }, environment: 'test', issuer: 'https://x.no/' },
      /not both/,
    ],
    ['another environment', { clientId: 'x', key: { jwk }, environment: 'ver2' }, /'prod' or 'test'/],
    ['in the clear', { clientId: 'x', key: { jwk }, issuer: 'http://x.no/' }, /https/],
    [
      'an endpoint in the clear',
      { clientId: 'x', key: { jwk }, environment: 'test', tokenEndpoint: 'http://x.no/token' },
      /https/,
    ],
    ['a key without a client id', { key: { jwk } }, /belong together/],
    [
      'an environment without a client',
      { environment: 'prod' },
      /`environment` goes with `clientId` and `key`/,
    ],
    ['an issuer without a client', { issuer: 'https://x.no/' }, /`issuer` goes with/],
    ['Texas and an endpoint', { texas: true, tokenEndpoint: 'https://x.no/' }, /`tokenEndpoint` goes with/],
    ['Texas and a client', { texas: true, clientId: 'x' }, /not both/],
    ['Texas and a key', { texas: true, key: { jwk } }, /not both/],
    ['Texas in the clear', { texas: 'http://x.no/token' }, /`texas` must be an https: URL/],
    ['Texas nowhere', { texas: true, secretsDirectory: nowhere }, /NAIS_TOKEN_ENDPOINT/],
    ['scopes as one text', { ...explicit, scopes: 'nav:x.read' }, /`scopes` must be a list/],
    ['no scopes', { ...explicit, scopes: [] }, /`scopes` must name at least one scope/],
    [
      'a scope as nais.yaml writes it',
      { ...explicit, scopes: ['x.read'] },
      /`scopes`: "x.read" is not a full scope/,
    ],
    ['a list of scopes with a hole', { ...explicit, scopes: new Array(1) }, /`scopes\[0\]` is undefined/],
    ['a client id that is not text', { ...explicit, clientId: 7 }, /`clientId` must be text/],
    ['a fetch that is not a function', { ...explicit, fetch: 1 }, /`fetch` must be a function/],
    ['a random that is not a function', { ...explicit, random: 0.5 }, /`random` must be a function/],
    ['no clock', { ...explicit, clock: null }, /`clock.now` must be a function/],
    ['a clock without functions', { ...explicit, clock: {} }, /`clock.now` must be a function/],
    ['a directory that is not text', { secretsDirectory: 7 }, /`secretsDirectory` must be text/],
    [
      'an issuer with white space',
      { ...explicit, issuer: 'https://x.no/\n' },
      /`issuer` must be an absolute URL/,
    ],
    ['no options', null, /takes an object of options/],
    ['no time', { clientId: 'x', key: { jwk }, environment: 'test', attemptTimeout: 0 }, /`attemptTimeout`/],
  ])('%s', (_title, options, message) => {
    expect(() => createMaskinportenClient(options as MaskinportenClientOptions)).toThrow(message)
  })
})

describe('time and number', () => {
  test.each([
    ['attemptTimeout', 0.001],
    ['totalTimeout', 0.001],
    ['maxTokens', 1],
  ])('%s is a number from %d to 1,000,000', (name, minimum) => {
    const create = (value: unknown) => () => createMaskinportenClient({ ...explicit, [name]: value })
    for (const good of [minimum, 100, 1e6]) expect(create(good)).not.toThrow()
    for (const bad of [0, -1, minimum / 2, 1_000_001, Number.NaN, Number.POSITIVE_INFINITY, '5', null])
      expect(create(bad)).toThrow(
        new RegExp(`^\`${name}\` must be a (whole )?number from ${minimum} to 1000000$`),
      )
  })

  it('are counted in seconds, by the clock that is given', async () => {
    const clock = createTestClock()
    let fetches = 0
    let signal: AbortSignal | null | undefined
    const fetch: Fetch = (_input, init) => {
      fetches++
      signal = init?.signal
      return new Promise(() => undefined)
    }
    const given = { clock, random: () => 0.5, scopes: [SCOPE], attemptTimeout: 2, totalTimeout: 3, fetch }
    const failed = vi.fn()
    tokenWith({ ...explicit, ...given }).catch(failed)
    // Long enough for the key to be imported.
    while (fetches === 0) await settle()
    clock.advance(1.999)
    await settle()
    expect([fetches, failed.mock.calls.length, signal?.aborted]).toEqual([1, 0, false])
    clock.advance(0.001)
    await settle()
    expect(signal?.aborted).toBe(true)
    clock.advance(0.2)
    while (fetches === 1) await settle()
    clock.advance(2)
    await settle()
    expect(failed).toHaveBeenCalledWith(expect.objectContaining({ code: 'unavailable' }))
    expect(fetches).toBe(2)
  })
})

describe('the network', () => {
  it('the global fetch is read at each call', async () => {
    const client = createMaskinportenClient(explicit)
    vi.stubGlobal(
      'fetch',
      vi.fn(async () => answered()),
    )
    expect(await client.getToken({ scope: SCOPE })).toMatchObject({ accessToken: 'x' })
    vi.unstubAllGlobals()
  })

  it('the error names a proxy that is set and that the global fetch does not use', async () => {
    vi.stubEnv('HTTPS_PROXY', 'http://webproxy.example:8088')
    vi.stubEnv('NODE_USE_ENV_PROXY', undefined)
    const down = () => Promise.reject(new TypeError('fetch failed'))
    vi.stubGlobal('fetch', down)
    // The clock stands still, so that the first failure is the outcome however long the machine takes.
    const once = { ...explicit, clock: createTestClock(), totalTimeout: 0.01 }
    await expect(tokenWith(once)).rejects.toMatchObject({
      hint: { fix: expect.stringContaining('HTTPS_PROXY is set but not used') },
    })
    vi.unstubAllGlobals()
    await expect(tokenWith({ ...once, fetch: down })).rejects.toMatchObject({
      hint: {
        cause: 'it cannot be reached',
        fix: 'check outbound access, DNS and whether a proxy is needed',
      },
    })
  })
})
