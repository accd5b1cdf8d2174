import { generateKeyPairSync, sign as nodeSign } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMockMaskinporten, type MockMaskinporten } from '@portvakt/mock'
import { decodeProtectedHeader } from 'jose'
import { afterEach, beforeAll, beforeEach, describe, expect, it, test, vi } from 'vitest'
import {
  type ClientKey,
  createMaskinportenClient,
  type Fetch,
  type MaskinportenClientOptions,
} from '../src/index.js'

const SCOPE = 'nav:x.read'
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const jwk = { ...privateKey.export({ format: 'jwk' }), kid: 'k1' }

let mock: MockMaskinporten
let clientId: string
beforeAll(async () => {
  mock = await createMockMaskinporten({ scopes: [{ name: SCOPE }] })
  const registered = await mock.addClient({
    scopes: [SCOPE],
    jwk: { ...publicKey.export({ format: 'jwk' }), kid: 'k1' },
  })
  clientId = registered.clientId
})
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

describe('a key', () => {
  const keys: [string, ClientKey][] = [
    ['as a JWK', { jwk }],
    ['as the text of a JWK', { jwk: JSON.stringify(jwk) }],
    ['in PEM', { pem, keyId: 'k1' }],
    ['in PEM, for RS512', { pem, keyId: 'k1', algorithm: 'RS512' }],
    ['elsewhere', { sign: (data) => nodeSign('sha256', data, privateKey), keyId: 'k1' }],
    [
      'elsewhere, later, for RS384',
      { sign: async (data) => nodeSign('sha384', data, privateKey), keyId: 'k1', algorithm: 'RS384' },
    ],
  ]
  test.each(keys)('%s gets a token', async (_title, key) => {
    await expect(tokenWith({ issuer: mock.issuer, clientId, key, fetch: mock.fetch })).resolves.toBeDefined()
  })

  it('an assertion has kid and typ, as those of NAIS do', async () => {
    let assertion = ''
    const fetch: Fetch = async (_input, init) => {
      assertion = new URLSearchParams(String(init?.body)).get('assertion') ?? ''
      return answered()
    }
    await tokenWith({ ...explicit, fetch })
    expect(decodeProtectedHeader(assertion)).toEqual({ alg: 'RS256', kid: 'k1', typ: 'JWT' })
  })

  it('with a certificate sends the whole chain in standard base64, and no kid', async () => {
    let assertion = ''
    const fetch: Fetch = async (_input, init) => {
      assertion = new URLSearchParams(String(init?.body)).get('assertion') ?? ''
      return Response.json({ access_token: 'x', token_type: 'Bearer', expires_in: 60 })
    }
    const certificate = (body: string) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`
    const key = { pem, certificateChain: certificate('AAAA\nBB+/') + certificate('CCCC') }
    await tokenWith({ issuer: mock.issuer, tokenEndpoint: `${mock.issuer}token`, clientId, key, fetch })
    expect(decodeProtectedHeader(assertion)).toEqual({ alg: 'RS256', x5c: ['AAAABB+/', 'CCCC'] })
  })

  test.each<[string, unknown, RegExp]>([
    ['nothing', null, /`key` takes an object/],
    ['a text', 'hemmelig', /`key` takes an object/],
    ['a JWK of another kind', { jwk: { ...jwk, kty: 'EC' } }, /private RSA key/],
    ['a JWK without n', { jwk: { ...jwk, n: undefined } }, /private RSA key/],
    ['a JWK with an empty kid', { jwk: { ...jwk, kid: '' } }, /with kid/],
    [
      'a JWK of a class',
      { jwk: Object.assign(Object.create({ alg: 'hemmelig' }), jwk) },
      /^`key\.jwk` takes a plain/,
    ],
    ['an inherited JWK', Object.create({ jwk }), /^`key`: `jwk`.*Copy its members into a plain object/],
    ['JSON that is no object', { jwk: '7' }, /private RSA key/],
    ['PEM with an empty kid', { pem, keyId: '' }, /`key.keyId`/],
    ['PEM that is not text', { pem: 7, keyId: 'k1' }, /PKCS#8/],
    ['a chain that is not text', { pem, certificateChain: 7 }, /certificates in PEM/],
    ['malformed JSON', { jwk: '{"d":"hemmelig' }, /is not JSON/],
    ['a public JWK', { jwk: { ...jwk, d: undefined } }, /private RSA key/],
    ['a JWK without kid', { jwk: { ...jwk, kid: undefined } }, /with kid/],
    ['PEM without kid', { pem }, /`key.keyId`/],
    ['PEM of another kind', { pem: '-----BEGIN RSA PRIVATE KEY-----', keyId: 'k1' }, /PKCS#8/],
    ['an empty chain', { pem, certificateChain: '' }, /certificates in PEM/],
    [
      'a wrong algorithm',
      { pem, keyId: 'k1', algorithm: 'HS256' },
      /`key.algorithm` must be one of RS256, RS384, RS512$/,
    ],
    ['no function', { sign: 'x', keyId: 'k1' }, /`key.sign`/],
  ])('that is %s throws at construction, and is not repeated', (_title, key, message) => {
    const create = () =>
      createMaskinportenClient({ environment: 'test', clientId: 'x', key: key as ClientKey })
    expect(create).toThrow(TypeError)
    expect(create).toThrow(message)
    expect(create).not.toThrow(/hemmelig/)
  })
})

describe('on NAIS', () => {
  const variables = () => ({
    MASKINPORTEN_CLIENT_ID: clientId,
    MASKINPORTEN_CLIENT_JWK: JSON.stringify(jwk),
    MASKINPORTEN_SCOPES: `${SCOPE} nav:y`,
    MASKINPORTEN_ISSUER: mock.issuer,
    MASKINPORTEN_TOKEN_ENDPOINT: `${mock.issuer}token`,
  })

  it('the variables of NAIS suffice', async () => {
    for (const [name, value] of Object.entries(variables())) vi.stubEnv(name, value)
    await expect(tokenWith({ fetch: mock.fetch })).resolves.toBeDefined()
    await expect(
      createMaskinportenClient({ fetch: mock.fetch }).getToken({ scope: 'skatt:x' }),
    ).rejects.toMatchObject({ code: 'scope_not_registered' })
  })

  it('the well-known variable replaces issuer and endpoint', async () => {
    const { MASKINPORTEN_ISSUER: _issuer, MASKINPORTEN_TOKEN_ENDPOINT: _endpoint, ...others } = variables()
    for (const [name, value] of Object.entries(others)) vi.stubEnv(name, value)
    vi.stubEnv('MASKINPORTEN_WELL_KNOWN_URL', mock.env['MASKINPORTEN_WELL_KNOWN_URL'])
    await expect(tokenWith({ fetch: mock.fetch })).resolves.toBeDefined()
  })

  it('a missing variable is read from the mounted file of that name', async () => {
    const secretsDirectory = mkdtempSync(join(tmpdir(), 'portvakt-secrets-'))
    for (const [name, value] of Object.entries(variables()))
      writeFileSync(join(secretsDirectory, name), `${value}\n`)
    await expect(tokenWith({ secretsDirectory, fetch: mock.fetch })).resolves.toBeDefined()
    rmSync(secretsDirectory, { recursive: true })
  })

  it('Texas is used if the client has no key', async () => {
    vi.stubEnv('NAIS_TOKEN_ENDPOINT', 'http://127.0.0.1:1/api/v1/token')
    let sent: unknown
    const fetch: Fetch = async (input, init) => {
      sent = [String(input), new Headers(init?.headers).get('content-type'), JSON.parse(String(init?.body))]
      return Response.json({ access_token: 'x', token_type: 'Bearer', expires_in: 60 })
    }
    const client = createMaskinportenClient({ secretsDirectory: nowhere, fetch })
    expect(await client.getToken({ scope: SCOPE, resource: 'https://a.no/' })).toMatchObject({
      accessToken: 'x',
      scope: SCOPE,
    })
    expect(sent).toEqual([
      'http://127.0.0.1:1/api/v1/token',
      'application/json',
      { identity_provider: 'maskinporten', target: SCOPE, resource: 'https://a.no/' },
    ])
    await expect(client.for({ consumerOrg: '910076787' }).getToken({ scope: SCOPE })).rejects.toMatchObject({
      code: 'not_supported',
    })
    await expect(client.getToken({ scope: SCOPE, pid: '01010199999' })).rejects.toMatchObject({
      code: 'not_supported',
    })
  })

  it.each([
    ['MASKINPORTEN_CLIENT_ID', 'MASKINPORTEN_CLIENT_JWK'],
    ['MASKINPORTEN_CLIENT_JWK', 'MASKINPORTEN_CLIENT_ID'],
  ] as const)('a client that lacks %s alone is a mistake, also where Texas is', (missing, given) => {
    vi.stubEnv(given, variables()[given])
    vi.stubEnv('NAIS_TOKEN_ENDPOINT', 'http://127.0.0.1:1/api/v1/token')
    expect(() => createMaskinportenClient({ secretsDirectory: nowhere })).toThrow(`${missing} is not set`)
  })

  it.each([
    ['where its variable says', true, 'http://127.0.0.1:2/token'],
    ['where the application says', 'http://127.0.0.1:1/token', 'http://127.0.0.1:1/token'],
  ] as const)('Texas is asked %s', async (_title, texas, endpoint) => {
    vi.stubEnv('NAIS_TOKEN_ENDPOINT', 'http://127.0.0.1:2/token')
    const fetch = vi.fn<Fetch>(async () => answered())
    await tokenWith({ texas, fetch })
    expect(fetch).toHaveBeenCalledWith(endpoint, expect.anything())
  })

  it('a missing variable is named with the directory of its file, and with what to do', () => {
    expect(() => createMaskinportenClient()).toThrow(
      /^MASKINPORTEN_CLIENT_ID is not set, and \/var\/run\/secrets\/nais\.io\/maskinporten has no file of that name\..*consumes/,
    )
    expect(() => createMaskinportenClient({ texas: true, secretsDirectory: nowhere })).toThrow(
      `NAIS_TOKEN_ENDPOINT is not set, and ${nowhere} has no file of that name. On NAIS, Texas is there by default`,
    )
  })

  it('the error without variables names client id, key and issuer', () => {
    vi.stubEnv('MASKINPORTEN_CLIENT_ID', clientId)
    for (const missing of ['MASKINPORTEN_CLIENT_JWK', 'MASKINPORTEN_CLIENT_ID']) {
      expect(() => createMaskinportenClient({ secretsDirectory: nowhere })).toThrow(
        `${missing} is not set, and ${nowhere} has no file of that name. On NAIS, list the scopes under ` +
          'spec.maskinporten.scopes.consumes in nais.yaml. Elsewhere, set MASKINPORTEN_CLIENT_ID, ' +
          'MASKINPORTEN_CLIENT_JWK and MASKINPORTEN_WELL_KNOWN_URL (or MASKINPORTEN_ISSUER), or pass `clientId`, ' +
          "`key` and `environment: 'test'` or 'prod' (or an `issuer`)",
      )
      vi.stubEnv('MASKINPORTEN_CLIENT_ID', undefined)
    }
  })

  it('Texas on another host is used over http only with `insecureHttp`, and never in production', () => {
    const texas = 'http://texas:3000/api/v1/token'
    const create = (options: MaskinportenClientOptions) => () => createMaskinportenClient(options)
    expect(create({ texas })).toThrow('`texas` must be an https: URL')
    expect(create({ texas, insecureHttp: true })).not.toThrow()
    vi.stubEnv('NAIS_TOKEN_ENDPOINT', texas)
    expect(create({})).toThrow('NAIS_TOKEN_ENDPOINT must be an https: URL')
    expect(create({ insecureHttp: true })).not.toThrow()
    expect(create({ insecureHttp: 'yes' as never })).toThrow('`insecureHttp` must be true or false')
    vi.stubEnv('MASKINPORTEN_ISSUER', 'https://maskinporten.no/')
    for (const options of [{ texas }, {}])
      expect(create({ ...options, insecureHttp: true })).toThrow('`insecureHttp` is refused')
    vi.stubEnv('MASKINPORTEN_ISSUER', undefined)
    vi.stubEnv(
      'MASKINPORTEN_WELL_KNOWN_URL',
      'https://maskinporten.no/.well-known/oauth-authorization-server',
    )
    expect(create({ texas, insecureHttp: true })).toThrow('`insecureHttp` is refused')
  })
})
