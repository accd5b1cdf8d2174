import { createMockMaskinporten } from '@portvakt/mock'
import { beforeEach, expect, it, vi } from 'vitest'
import type { IssuerOptions } from '../../src/config/issuer.js'
import { keySourceFor } from '../../src/config/validator-options.js'
import type { KeySource } from '../../src/keys/key-source.js'
import { systemClock } from '../../src/platform/clock.js'
import type { Fetch } from '../../src/platform/fetch-json.js'
import { setVariables, useCleanEnvironment } from '../clean-environment.js'

const TEST = 'https://test.maskinporten.no/'
const PROD = 'https://maskinporten.no/'
const KEYS = `${TEST}jwk`
const PATH = '.well-known/oauth-authorization-server'
const WELL_KNOWN = `${TEST}${PATH}`

useCleanEnvironment()

const fetch = vi.fn<Fetch>()
beforeEach(() => {
  fetch.mockReset().mockImplementation(async () => Response.json({ issuer: TEST, jwks_uri: KEYS }))
})

const sourceFor = (options: unknown = {}) =>
  keySourceFor(options as IssuerOptions, ['RS256'], systemClock, fetch)

const load = (source: KeySource) => source.fetch(new AbortController().signal)

/** Returns the first address that is fetched for the keys. */
async function firstFetch(options?: object): Promise<string | undefined> {
  await load(sourceFor(options)).catch(() => undefined)
  return fetch.mock.calls[0]?.[0]
}

it.each<[object, string]>([
  [{ environment: 'prod' }, `${PROD}${PATH}`],
  [{ environment: 'test', jwksUri: 'https://keys.example/jwk' }, 'https://keys.example/jwk'],
  [{ issuer: 'https://mp.example' }, `https://mp.example/${PATH}`],
  [{ issuer: 'https://mp.example/', metadataUrl: 'https://mp.example/meta' }, 'https://mp.example/meta'],
  [{ issuer: 'http://mock:8080/', insecureHttp: true }, `http://mock:8080/${PATH}`],
])('with the options %j, the first fetch for the keys is from %s', async (options, expected) => {
  expect(await firstFetch(options)).toBe(expected)
})

it.each<[Record<string, string>, string]>([
  [{ MASKINPORTEN_ISSUER: TEST, MASKINPORTEN_JWKS_URI: KEYS, MASKINPORTEN_WELL_KNOWN_URL: WELL_KNOWN }, KEYS],
  [{ MASKINPORTEN_ISSUER: TEST }, WELL_KNOWN],
  [{ MASKINPORTEN_WELL_KNOWN_URL: WELL_KNOWN, MASKINPORTEN_JWKS_URI: KEYS }, WELL_KNOWN],
])('with the variables %j, the first fetch for the keys is from %s', async (variables, expected) => {
  setVariables(variables)
  expect(await firstFetch()).toBe(expected)
})

it('the options of a validator override every environment variable', async () => {
  const evil = 'https://evil.example/'
  setVariables({ MASKINPORTEN_ISSUER: evil, MASKINPORTEN_JWKS_URI: `${evil}jwk` })
  expect(await firstFetch({ environment: 'prod' })).toBe(`${PROD}${PATH}`)
})

it.each(['jwksUri', 'metadataUrl'])('an address of another environment of Digdir throws: %s', (option) => {
  const message = `\`${option}\` is on test.maskinporten.no, but \`issuer\` is on maskinporten.no`
  for (const issuer of [{ environment: 'prod' }, { issuer: PROD }])
    expect(() => sourceFor({ ...issuer, [option]: KEYS })).toThrow(new TypeError(message))
  setVariables({ MASKINPORTEN_ISSUER: PROD, MASKINPORTEN_JWKS_URI: KEYS })
  expect(() => sourceFor()).toThrow(
    'MASKINPORTEN_JWKS_URI is on test.maskinporten.no, but MASKINPORTEN_ISSUER is on',
  )
})

it('the option `jwks` is copied when the validator is created, and no keys are fetched', async () => {
  const jwks = structuredClone((await createMockMaskinporten()).jwks())
  const given = structuredClone(jwks)
  const source = sourceFor({ issuer: TEST, jwks: given })
  given.keys.length = 0
  expect(source.isStatic).toBe(true)
  expect(await load(source)).toEqual(jwks)
  expect(fetch).not.toHaveBeenCalled()
})

it('the options for keys require an issuer option, even when a variable names an issuer', () => {
  vi.stubEnv('MASKINPORTEN_ISSUER', TEST)
  const message = '`metadataUrl`, `jwksUri` and `jwks` also need an `issuer` or an `environment`'
  for (const options of [{ jwks: { keys: [] } }, { jwksUri: TEST }, { metadataUrl: TEST }])
    expect(() => sourceFor(options)).toThrow(new TypeError(message))
})

it('the error for a missing issuer names every way to configure the issuer', () => {
  const advice =
    /^MASKINPORTEN_ISSUER is not set, and \S+ has no file of that name\..*enabled: true.*nais\.yaml.*elsewhere set MASKINPORTEN_ISSUER \(and MASKINPORTEN_JWKS_URI\), or MASKINPORTEN_WELL_KNOWN_URL, or pass `environment: 'prod'` or `environment: 'test'` in code\. To try the application with a mock, start it with `npx .*portvakt\S* run …`$/
  expect(() => sourceFor()).toThrow(TypeError)
  expect(() => sourceFor()).toThrow(advice)
  vi.stubEnv('MASKINPORTEN_JWKS_URI', KEYS)
  expect(() => sourceFor()).toThrow(advice)
})

// Digdir documents the address with a trailing slash.
const ADDRESSES = [`${WELL_KNOWN}/`, `${TEST}.well-known/openid-configuration`]
it.each(ADDRESSES)('a metadata address alone allows its issuer, slash or not: %s', async (address) => {
  vi.stubEnv('MASKINPORTEN_WELL_KNOWN_URL', address)
  const source = sourceFor()
  expect(source.issuer()).toBeUndefined()
  expect([TEST, TEST.slice(0, -1)].map(source.mayHaveIssued)).toEqual([true, true])
  expect([address, `${TEST}/`, ''].map(source.mayHaveIssued)).toEqual([false, false, false])
  await load(source)
  expect(fetch).toHaveBeenNthCalledWith(1, address, expect.anything())
  expect(source.issuer()).toBe(TEST)
  expect(source.mayHaveIssued(TEST.slice(0, -1))).toBe(false)
})

it.each([
  TEST,
  `${WELL_KNOWN}x`,
  `${TEST}well-known/oauth-authorization-server`,
  'https://test.maskinporten.no.well-known/oauth-authorization-server',
])('a metadata address from which no issuer can be derived throws: %s', (address) => {
  vi.stubEnv('MASKINPORTEN_WELL_KNOWN_URL', address)
  const refusal = new TypeError(
    'MASKINPORTEN_WELL_KNOWN_URL must end with /.well-known/oauth-authorization-server or ' +
      '/.well-known/openid-configuration when MASKINPORTEN_ISSUER is not set',
  )
  expect(() => sourceFor()).toThrow(refusal)
})

it.each<[string, string, Record<string, string>, string]>([
  ['ISSUER', 'maskinporten.no', {}, 'an absolute URL, without white space and quotes'],
  ['WELL_KNOWN_URL', `\n${WELL_KNOWN}`, {}, 'an absolute URL, without white space and quotes'],
  ['WELL_KNOWN_URL', `http://x.no/${PATH}`, {}, 'an https: URL'],
  ['WELL_KNOWN_URL', 'http://x.no/meta', { MASKINPORTEN_ISSUER: TEST }, 'an https: URL'],
  ['JWKS_URI', 'http://x.no/jwk', { MASKINPORTEN_ISSUER: TEST }, 'an https: URL'],
])('the variable MASKINPORTEN_%s=%j, with %j, must be %s', (name, url, others, form) => {
  setVariables({ ...others, [`MASKINPORTEN_${name}`]: url })
  expect(() => sourceFor()).toThrow(TypeError)
  expect(() => sourceFor()).toThrow(new RegExp(`^MASKINPORTEN_${name} must be ${form}`))
})

it('the error for a metadata address in place of the issuer names the option or variable for it', () => {
  setVariables({ MASKINPORTEN_ISSUER: WELL_KNOWN })
  const advice = (issuer: string, metadata: string) =>
    `${issuer} is the address of the metadata: give it as ${metadata}, and the issuer here`
  expect(() => sourceFor()).toThrow(advice('MASKINPORTEN_ISSUER', 'MASKINPORTEN_WELL_KNOWN_URL'))
  expect(() => sourceFor({ issuer: WELL_KNOWN })).toThrow(advice('`issuer`', '`metadataUrl`'))
})

it('`insecureHttp` throws if any option or variable names Maskinporten’s production issuer', () => {
  const refusal = '`insecureHttp` is refused'
  for (const issuer of [{ environment: 'prod' }, { issuer: PROD }, { issuer: 'http://maskinporten.no/' }])
    expect(() => sourceFor({ ...issuer, insecureHttp: true })).toThrow(refusal)
  for (const variables of [
    { MASKINPORTEN_WELL_KNOWN_URL: `${PROD}${PATH}` },
    { MASKINPORTEN_ISSUER: PROD },
  ]) {
    setVariables(variables)
    expect(() => sourceFor({ insecureHttp: true })).toThrow(refusal)
  }
  expect(sourceFor({ environment: 'test', insecureHttp: true }).issuer()).toBe(TEST)
})

it('`insecureHttp` allows http: for a metadata address that alone names the issuer', async () => {
  const address = `http://maskinporten:8080/${PATH}`
  vi.stubEnv('MASKINPORTEN_WELL_KNOWN_URL', address)
  expect(() => sourceFor()).toThrow('MASKINPORTEN_WELL_KNOWN_URL must be an https: URL')
  expect(await firstFetch({ insecureHttp: true })).toBe(address)
})

it('the keys of an https issuer are never fetched over http', () => {
  const options = { issuer: 'https://x.no/', insecureHttp: true }
  for (const address of [{ jwksUri: 'http://x.no/jwk' }, { metadataUrl: 'http://x.no/meta' }]) {
    expect(() => sourceFor({ ...options, ...address })).toThrow('must be an https: URL')
  }
})

it('with MASKINPORTEN_JWKS_URI, metadata that arrives after an abort of its fetch does not set the issuer', async () => {
  setVariables({ MASKINPORTEN_WELL_KNOWN_URL: WELL_KNOWN, MASKINPORTEN_JWKS_URI: KEYS })
  const controller = new AbortController()
  fetch.mockImplementationOnce(async () => {
    controller.abort()
    return Response.json({ issuer: TEST, jwks_uri: KEYS })
  })
  const source = sourceFor()
  await expect(source.fetch(controller.signal)).rejects.toMatchObject({ reason: 'timeout' })
  expect(source.issuer()).toBeUndefined()
})

it('an issuer of Digdir without its final slash throws, as option and as variable', () => {
  const issuer = 'https://maskinporten.no'
  const message = (name: string) => `${name} is "${issuer}", without its slash: did you mean "${issuer}/"?`
  expect(() => sourceFor({ issuer })).toThrow(new TypeError(message('`issuer`')))
  vi.stubEnv('MASKINPORTEN_ISSUER', issuer)
  expect(() => sourceFor()).toThrow(new TypeError(message('MASKINPORTEN_ISSUER')))
})
