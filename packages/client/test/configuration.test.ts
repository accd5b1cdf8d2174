import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMockMaskinporten, type MockMaskinporten } from '@portvakt/mock'
import { afterEach, beforeAll, beforeEach, describe, expect, it, test, vi } from 'vitest'
import { createMaskinportenClient, type Fetch, type MaskinportenClientOptions } from '../src/index.js'
import { issued, SCOPE } from './kit.js'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const key = { jwk: { ...privateKey.export({ format: 'jwk' }), kid: 'k1' } }
const explicit = { issuer: 'https://x.no/', tokenEndpoint: 'https://x.no/token', clientId: 'x', key }
const secretsDirectory = join(tmpdir(), 'portvakt-no-such-directory')

beforeEach(() => {
  for (const name of Object.keys(process.env)) {
    if (/^(MASKINPORTEN|NAIS)_/.test(name)) vi.stubEnv(name, undefined)
  }
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})

const create = (options: object | null) => () =>
  createMaskinportenClient(options as MaskinportenClientOptions)
const tokenWith = (options: MaskinportenClientOptions) =>
  createMaskinportenClient(options).getToken({ scope: SCOPE })

describe('createMaskinportenClient', () => {
  const client = { clientId: 'x', key }
  test.each<[string, object | null, RegExp]>([
    ['null in place of options', null, /takes an object of options/],
    ['an unknown option', { clientid: 'x' }, /createMaskinportenClient has no option `clientid`/],
    ['an undefined option', { clientId: undefined }, /`clientId` is undefined/],
    ['a client id without a key', { clientId: 'x' }, /belong together: give both, and `environment: 'test'`/],
    ['a key without a client id', { key }, /belong together/],
    ['a client without an issuer', client, /^Give `environment: 'prod'` or 'test', or an `issuer`$/],
    ['an environment without a client', { environment: 'prod' }, /`environment` needs `clientId` and `key`/],
    ['an issuer without a client', { issuer: 'https://x.no/' }, /`issuer` needs `clientId`/],
    ['an issuer on plain http', { ...client, issuer: 'http://x.no/' }, /https/],
    [
      '`tokenEndpoint` together with Texas',
      { texas: true, tokenEndpoint: 'https://x.no/' },
      /`tokenEndpoint` needs `clientId`/,
    ],
    ['Texas and a client id', { texas: true, clientId: 'x' }, /not both/],
    ['Texas and a key', { texas: true, key }, /not both/],
    ['Texas without an endpoint', { texas: true, secretsDirectory }, /NAIS_TOKEN_ENDPOINT/],
    [
      'an Altinn platform of another environment',
      { ...client, environment: 'prod', altinnPlatform: 'https://platform.tt02.altinn.no' },
      /use https:\/\/platform\.altinn\.no$/,
    ],
    ['a path in the Altinn platform', { ...explicit, altinnPlatform: 'https://x.no/a' }, /without a path/],
    ['scopes as a string', { ...explicit, scopes: 'nav:x.read' }, /`scopes` must be a list/],
    ['an empty list of scopes', { ...explicit, scopes: [] }, /`scopes` must name at least one scope/],
    ['a scope without prefix', { ...explicit, scopes: ['x.read'] }, /`scopes`: "x.read" is not a full scope/],
    ['a sparse array of scopes', { ...explicit, scopes: new Array(1) }, /`scopes\[0\]` is undefined/],
    ['a client id that is a number', { ...explicit, clientId: 7 }, /`clientId` must be text/],
    ['a `secretsDirectory` that is a number', { secretsDirectory: 7 }, /`secretsDirectory` must be text/],
    ['a `fetch` that is a number', { ...explicit, fetch: 1 }, /`fetch` must be a function/],
    ['a `random` that is a number', { ...explicit, random: 0.5 }, /`random` must be a function/],
    ['a clock that is null', { ...explicit, clock: null }, /`clock.now` must be a function/],
    ['a clock without functions', { ...explicit, clock: {} }, /`clock.now` must be a function/],
  ])('createMaskinportenClient throws for %s', (_title, options, message) => {
    expect(create(options)).toThrow(message)
  })

  it('createMaskinportenClient accepts an environment in place of an issuer', () => {
    expect(create({ ...client, environment: 'test' })).not.toThrow()
  })

  test.each([
    ['attemptTimeout', 0.001],
    ['totalTimeout', 0.001],
    ['maxTokens', 1],
  ])('the option `%s` must be a number from %d to 1,000,000', (name, minimum) => {
    for (const good of [minimum, 100, 1e6]) expect(create({ ...explicit, [name]: good })).not.toThrow()
    for (const bad of [0, -1, minimum / 2, 1_000_001, Number.NaN, Number.POSITIVE_INFINITY, '5', null])
      expect(create({ ...explicit, [name]: bad })).toThrow(
        new RegExp(`^\`${name}\` must be a (whole )?number from ${minimum} to 1000000$`),
      )
  })

  it('the client reads the global `fetch` at each call', async () => {
    const client = createMaskinportenClient(explicit)
    vi.stubGlobal('fetch', async () => issued())
    expect(await client.getToken({ scope: SCOPE })).toMatchObject({ accessToken: 'x' })
  })
})

describe('a client configured by variables', () => {
  let mock: MockMaskinporten
  let variables: Record<string, string>
  beforeAll(async () => {
    mock = await createMockMaskinporten({ scopes: [{ name: SCOPE }] })
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k1' }
    const { clientId } = await mock.addClient({ scopes: [SCOPE], jwk })
    variables = {
      MASKINPORTEN_CLIENT_ID: clientId,
      MASKINPORTEN_CLIENT_JWK: JSON.stringify(key.jwk),
      MASKINPORTEN_SCOPES: `${SCOPE} nav:y`,
      MASKINPORTEN_ISSUER: mock.issuer,
      MASKINPORTEN_TOKEN_ENDPOINT: `${mock.issuer}token`,
    }
  })
  const stub = (given: Readonly<Record<string, string | undefined>>) => {
    for (const [name, value] of Object.entries(given)) vi.stubEnv(name, value)
  }

  it('the variables of NAIS configure the client id, the key and the scopes', async () => {
    stub(variables)
    const client = createMaskinportenClient({ fetch: mock.fetch })
    await expect(client.getToken({ scope: SCOPE })).resolves.toBeDefined()
    await expect(client.getToken({ scope: 'skatt:x' })).rejects.toMatchObject({
      code: 'scope_not_registered',
    })
  })

  it('MASKINPORTEN_WELL_KNOWN_URL can be set instead of the variables of the issuer and the endpoint', async () => {
    stub({ ...variables, MASKINPORTEN_ISSUER: undefined, MASKINPORTEN_TOKEN_ENDPOINT: undefined })
    stub({ MASKINPORTEN_WELL_KNOWN_URL: mock.env['MASKINPORTEN_WELL_KNOWN_URL'] })
    await expect(tokenWith({ fetch: mock.fetch })).resolves.toBeDefined()
  })

  it('a missing variable is read from the mounted file with its name', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'portvakt-secrets-'))
    for (const [name, value] of Object.entries(variables)) writeFileSync(join(directory, name), `${value}\n`)
    await expect(tokenWith({ secretsDirectory: directory, fetch: mock.fetch })).resolves.toBeDefined()
    rmSync(directory, { recursive: true })
  })

  it.each([
    ['MASKINPORTEN_CLIENT_ID', 'MASKINPORTEN_CLIENT_JWK'],
    ['MASKINPORTEN_CLIENT_JWK', 'MASKINPORTEN_CLIENT_ID'],
  ] as const)('creating a client without %s but with %s throws, even with Texas', (missing, given) => {
    stub({ [given]: variables[given], NAIS_TOKEN_ENDPOINT: 'http://127.0.0.1:1/api/v1/token' })
    expect(create({ secretsDirectory })).toThrow(
      `${missing} is not set, and ${secretsDirectory} has no file of that name. On NAIS, list the scopes under ` +
        'spec.maskinporten.scopes.consumes in nais.yaml. Elsewhere, set MASKINPORTEN_CLIENT_ID, ' +
        'MASKINPORTEN_CLIENT_JWK and MASKINPORTEN_WELL_KNOWN_URL (or MASKINPORTEN_ISSUER), or pass `clientId`, ' +
        "`key` and `environment: 'test'` or 'prod' (or an `issuer`)",
    )
  })

  it('without options, variables or files, the client’s error names MASKINPORTEN_CLIENT_ID and NAIS’s directory', () => {
    expect(create({})).toThrow(
      /^MASKINPORTEN_CLIENT_ID is not set, and \/var\/run\/secrets\/nais\.io\/maskinporten has no file of that name\..*consumes/,
    )
  })
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

  it.each<[string, string | undefined, string]>([
    ['MASKINPORTEN_ISSUER', 'https://maskinporten.no/', 'https://platform.altinn.no'],
    [
      'MASKINPORTEN_WELL_KNOWN_URL',
      'https://test.maskinporten.no/.well-known/x',
      'https://platform.tt02.altinn.no',
    ],
  ])(
    'tokens of Texas are exchanged at the Altinn platform of the environment that %s names',
    async (name, value, platform) => {
      vi.stubEnv(name, value)
      const fetch = vi.fn<Fetch>(async (input) =>
        String(input) === endpoint ? issued() : new Response('', { status: 404 }),
      )
      const client = createMaskinportenClient({ texas: endpoint, fetch })
      const request = { scope: SCOPE, altinn: true }
      await expect(client.getToken(request)).rejects.toMatchObject({ server: 'altinn', status: 404 })
      const exchange = `${platform}/authentication/api/v1/exchange/maskinporten`
      expect(fetch).toHaveBeenLastCalledWith(exchange, expect.anything())
    },
  )

  it('with `texas: true` but no endpoint, the error names NAIS_TOKEN_ENDPOINT and the `secretsDirectory`', () => {
    expect(create({ texas: true, secretsDirectory })).toThrow(
      `NAIS_TOKEN_ENDPOINT is not set, and ${secretsDirectory} has no file of that name. NAIS runs Texas by default`,
    )
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
    const production = { MASKINPORTEN_ISSUER: 'https://maskinporten.no/' }
    const wellKnown = `${production.MASKINPORTEN_ISSUER}.well-known/oauth-authorization-server`
    for (const [name, url] of Object.entries({ ...production, MASKINPORTEN_WELL_KNOWN_URL: wellKnown })) {
      vi.stubEnv(name, url)
      for (const options of [{ texas }, {}])
        expect(create({ ...options, insecureHttp: true })).toThrow('`insecureHttp` is refused')
      vi.stubEnv(name, undefined)
    }
  })
})
