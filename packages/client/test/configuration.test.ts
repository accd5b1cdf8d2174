import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, test, vi } from 'vitest'
import { setVariables, useCleanEnvironment } from '../../core/test/clean-environment.js'
import { createMaskinportenClient, type Fetch, type MaskinportenClientOptions } from '../src/index.js'
import { createKit, issued, SCOPE } from './kit.js'

const kit = await createKit()
const { identity, network, env } = kit
const { issuer, ...client } = identity
const secretsDirectory = join(tmpdir(), 'portvakt-no-such-directory')

useCleanEnvironment()

const create = (options: object | null) => () =>
  createMaskinportenClient(options as MaskinportenClientOptions)
const tokenWith = (options: MaskinportenClientOptions) =>
  createMaskinportenClient(options).getToken({ scope: SCOPE })

const NO_TEXAS = `NAIS_TOKEN_ENDPOINT is not set, and ${secretsDirectory} has no file of that name. NAIS runs Te`
const NOTHING =
  /^MASKINPORTEN_CLIENT_ID is not set, and \/var\/run\/secrets\/nais\.io\/maskinporten has no .*consumes/
const mixed = { ...client, environment: 'prod', altinnPlatform: 'https://platform.tt02.altinn.no' }
test.each<[string, object | null, RegExp | string]>([
  ['null in place of options', null, /^createMaskinportenClient takes an object/],
  ['a client id without a key', { clientId: 'x' }, /belong together: give both, and `environment: 'test'`/],
  ['a key without a client id', { key: client.key }, /belong together/],
  ['a client without an issuer', client, /^Give `environment: 'prod'` or 'test', or an `issuer`$/],
  ['an environment without a client', { environment: 'prod' }, /`environment` needs `clientId` and `key`/],
  ['an issuer without a client', { issuer: 'https://x.no/' }, /`issuer` needs `clientId`/],
  ['an endpoint without a client', { tokenEndpoint: 'https://x.no/' }, /`tokenEndpoint` needs `clientId`/],
  ['Texas and a client id', { texas: true, clientId: 'x' }, /not both/],
  ['Texas and a key', { texas: true, key: client.key }, /not both/],
  ['Texas without an endpoint', { texas: true, secretsDirectory }, NO_TEXAS],
  ['no options, variables or files', {}, NOTHING],
  ['an Altinn platform of another environment', mixed, /use https:\/\/platform\.altinn\.no$/],
  ['scopes as a string', { ...identity, scopes: 'nav:x.read' }, /`scopes` must be a list/],
  ['an empty list of scopes', { ...identity, scopes: [] }, /`scopes` must name at least one scope/],
  ['a client id that is a number', { ...identity, clientId: 7 }, /`clientId` must be text/],
  ['a `secretsDirectory` that is a number', { secretsDirectory: 7 }, /`secretsDirectory` must be text/],
  ['a `fetch` that is a number', { ...identity, fetch: 1 }, /`fetch` must be a function/],
  ['a `random` that is a number', { ...identity, random: 0.5 }, /`random` must be a function/],
  ['a clock without functions', { ...identity, clock: {} }, /`clock.now` must be a function/],
])('createMaskinportenClient throws for %s', (_title, options, message) => {
  expect(create(options)).toThrow(message)
})

test.each([
  // Milliseconds, such as 5000 for 5 s, are out of range.
  ['attemptTimeout', 0.001, 600, ' seconds'],
  ['totalTimeout', 0.001, 600, ' seconds'],
  ['maxTokens', 1, 1_000_000, ''],
])('the option `%s` must be a number from %d to %d%s', (name, minimum, maximum, unit) => {
  for (const good of [minimum, 100, maximum]) expect(create({ ...identity, [name]: good })).not.toThrow()
  for (const bad of [0, -1, minimum / 2, maximum + 1, Number.NaN, Number.POSITIVE_INFINITY, '5', null])
    expect(create({ ...identity, [name]: bad })).toThrow(
      new RegExp(`^\`${name}\` must be a (whole )?number from ${minimum} to ${maximum}${unit}$`),
    )
})

it('the variables of NAIS configure the client id, the key, the scopes and the issuer', async () => {
  setVariables(env)
  await expect(tokenWith(network)).resolves.toBeDefined()
  const unregistered = createMaskinportenClient(network).getToken({ scope: 'skatt:x' })
  await expect(unregistered).rejects.toMatchObject({ code: 'scope_not_registered' })
})

it('a missing variable is read from the mounted file with its name', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'portvakt-secrets-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  for (const [name, value] of Object.entries(env)) writeFileSync(join(directory, name), `${value}\n`)
  await expect(tokenWith({ ...network, secretsDirectory: directory })).resolves.toBeDefined()
})

it.each([
  ['is not JSON, and not base64 of JSON', 'hemmelig'],
  ['must be a private RSA key, with `kty` "RSA"', '{}'],
])('the error for a bad key in MASKINPORTEN_CLIENT_JWK names the variable: it %s', (problem, jwk) => {
  setVariables({ ...env, MASKINPORTEN_CLIENT_JWK: jwk })
  expect(create({})).toThrow(`MASKINPORTEN_CLIENT_JWK ${problem}`)
})

it.each([
  ['MASKINPORTEN_CLIENT_ID', 'MASKINPORTEN_CLIENT_JWK'],
  ['MASKINPORTEN_CLIENT_JWK', 'MASKINPORTEN_CLIENT_ID'],
] as const)('creating a client without %s but with %s throws, even with Texas', (missing, given) => {
  setVariables({ [given]: env[given], NAIS_TOKEN_ENDPOINT: 'http://127.0.0.1:1/api/v1/token' })
  expect(create({ secretsDirectory })).toThrow(
    `${missing} is not set, and ${secretsDirectory} has no file of that name. On NAIS, list the scopes under ` +
      'spec.maskinporten.scopes.consumes in nais.yaml. Elsewhere, set MASKINPORTEN_CLIENT_ID, ' +
      'MASKINPORTEN_CLIENT_JWK and MASKINPORTEN_WELL_KNOWN_URL (or MASKINPORTEN_ISSUER), or pass `clientId`, ' +
      "`key` and `environment: 'test'` or 'prod' (or an `issuer`)",
  )
})

describe('a client configured for Texas', () => {
  const endpoint = 'http://127.0.0.1:2/token'

  it.each<[string, MaskinportenClientOptions, string]>([
    ['NAIS_TOKEN_ENDPOINT, if the client has no key', { secretsDirectory }, endpoint],
    ['NAIS_TOKEN_ENDPOINT, with `texas: true`', { texas: true }, endpoint],
    ['the endpoint of the option `texas`', { texas: 'http://127.0.0.1:1/token' }, 'http://127.0.0.1:1/token'],
  ])('a client sends its token requests to %s', async (_title, options, url) => {
    vi.stubEnv('NAIS_TOKEN_ENDPOINT', endpoint)
    const fetch = vi.fn<Fetch>(async () => issued())
    expect(await tokenWith({ ...options, fetch })).toMatchObject({ accessToken: 'x', scope: SCOPE })
    expect(fetch).toHaveBeenCalledWith(url, expect.anything())
  })

  it('tokens of Texas are exchanged at the Altinn platform of the environment that NAIS’s variables name', async () => {
    vi.stubEnv('MASKINPORTEN_WELL_KNOWN_URL', 'https://maskinporten.no/.well-known/x')
    const fetch = vi.fn<Fetch>(async () => new Response('', { status: 404 }))
    fetch.mockResolvedValueOnce(issued())
    const token = createMaskinportenClient({ texas: endpoint, fetch }).getToken({
      scope: SCOPE,
      altinn: true,
    })
    await expect(token).rejects.toMatchObject({ server: 'altinn', status: 404 })
    const exchange = 'https://platform.altinn.no/authentication/api/v1/exchange/maskinporten'
    expect(fetch).toHaveBeenLastCalledWith(exchange, expect.anything())
  })

  it('exchanging a token of Texas at an http: issuer on another host requires `insecureHttp`', () => {
    vi.stubEnv('NAIS_TOKEN_ENDPOINT', 'http://127.0.0.1:1/api/v1/token')
    vi.stubEnv('MASKINPORTEN_ISSUER', 'http://mock:8089/')
    const exchange = (options: object) => () =>
      createMaskinportenClient(options).fetch({ scope: SCOPE, altinn: true })
    expect(exchange({})).toThrow('`altinn` needs the address of Altinn’s platform')
    expect(exchange({ insecureHttp: true })).not.toThrow()
  })

  it('http to Texas on another host requires `insecureHttp`, and is never allowed in production', () => {
    const texas = 'http://texas:3000/api/v1/token'
    expect(create({ texas })).toThrow('`texas` must be an https: URL')
    expect(create({ texas, insecureHttp: true })).not.toThrow()
    vi.stubEnv('NAIS_TOKEN_ENDPOINT', texas)
    expect(create({})).toThrow('NAIS_TOKEN_ENDPOINT must be an https: URL')
    expect(create({ insecureHttp: true })).not.toThrow()
    expect(create({ insecureHttp: 'yes' })).toThrow('`insecureHttp` must be true or false')
    vi.stubEnv('MASKINPORTEN_ISSUER', 'https://maskinporten.no/')
    for (const options of [{ texas }, {}])
      expect(create({ ...options, insecureHttp: true })).toThrow('`insecureHttp` is refused')
  })
})
