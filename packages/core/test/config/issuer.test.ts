import { createMockMaskinporten } from '@portvakt/mock'
import { expect, it, vi } from 'vitest'
import type { IssuerOptions } from '../../src/config/issuer.js'
import { keySourceFor } from '../../src/config/validator-options.js'
import { systemClock } from '../../src/platform/clock.js'
import { setVariables, useCleanEnvironment } from '../clean-environment.js'

const TEST = 'https://test.maskinporten.no/'
const WELL_KNOWN = `${TEST}.well-known/oauth-authorization-server`

useCleanEnvironment()

const noFetch = async () => expect.unreachable('fetched')
const sourceFor = (options: unknown = {}) =>
  keySourceFor(options as IssuerOptions, ['RS256'], systemClock, noFetch)

it('the option `jwks` is copied when the validator is created, and no keys are fetched', async () => {
  const jwks = structuredClone((await createMockMaskinporten()).jwks())
  const given = structuredClone(jwks)
  const source = sourceFor({ issuer: TEST, jwks: given })
  given.keys.length = 0
  expect(source.isStatic).toBe(true)
  expect(await source.fetch(new AbortController().signal)).toEqual(jwks)
})

it('the option `jwks` requires an issuer option, even when a variable names an issuer', async () => {
  vi.stubEnv('MASKINPORTEN_ISSUER', TEST)
  for (const options of [{ jwks: { keys: [] } }, { jwksUri: TEST }, { metadataUrl: TEST }]) {
    expect(() => sourceFor(options)).toThrow(
      '`metadataUrl`, `jwksUri` and `jwks` also need an `issuer` or an `environment`',
    )
  }
})

it('the error for a missing issuer names every way to configure the issuer', () => {
  const advice =
    /^MASKINPORTEN_ISSUER is not set, and \S+ has no file of that name\..*enabled: true.*elsewhere set MASKINPORTEN_ISSUER \(and MASKINPORTEN_JWKS_URI\), or MASKINPORTEN_WELL_KNOWN_URL, or pass `environment: 'prod'` or `environment: 'test'` in code\. To try the application with a mock, start it with `portvakt run`$/
  expect(() => sourceFor()).toThrow(advice)
  vi.stubEnv('MASKINPORTEN_JWKS_URI', `${TEST}jwk`)
  expect(() => sourceFor()).toThrow(advice)
})

it.each([
  WELL_KNOWN,
  `${WELL_KNOWN}/`,
  `${TEST}.well-known/openid-configuration`,
  `${TEST}.well-known/openid-configuration/`,
])('the issuer is derived from a metadata address, which is fetched unchanged: %s', async (address) => {
  vi.stubEnv('MASKINPORTEN_WELL_KNOWN_URL', address)
  const fetch = vi.fn(async () => Response.json({ issuer: TEST, jwks_uri: `${TEST}jwk` }))
  const source = keySourceFor({}, ['RS256'], systemClock, fetch)
  expect([TEST, TEST.slice(0, -1)].map(source.mayHaveIssued)).toEqual([true, true])
  await source.fetch(new AbortController().signal)
  expect(fetch).toHaveBeenNthCalledWith(1, address, expect.anything())
  expect(source.issuer()).toBe(TEST)
  expect(source.mayHaveIssued(TEST.slice(0, -1))).toBe(false)
})

it.each([
  TEST,
  `${WELL_KNOWN}//`,
  `${WELL_KNOWN}/x`,
  `${WELL_KNOWN}?x`,
  `${TEST}.well-known/oauth-authorization-serverx`,
  `${TEST}well-known/oauth-authorization-server`,
  `${TEST}.well-known/jwks.json`,
  'https://test.maskinporten.no.well-known/oauth-authorization-server',
])('a metadata address from which no issuer can be derived throws: %s', (address) => {
  vi.stubEnv('MASKINPORTEN_WELL_KNOWN_URL', address)
  const refusal = new TypeError(
    'MASKINPORTEN_WELL_KNOWN_URL must end with /.well-known/oauth-authorization-server or ' +
      '/.well-known/openid-configuration when MASKINPORTEN_ISSUER is not set',
  )
  expect(() => sourceFor()).toThrow(refusal)
})

it('a metadata address alone allows only the issuer in the address, with or without a final slash', () => {
  vi.stubEnv('MASKINPORTEN_WELL_KNOWN_URL', WELL_KNOWN)
  const source = sourceFor()
  expect(source.issuer()).toBeUndefined()
  expect([TEST, TEST.slice(0, -1)].map((issuer) => source.mayHaveIssued(issuer))).toEqual([true, true])
  for (const other of [WELL_KNOWN, `${TEST}/`, TEST.slice(0, -2), 'h', '', TEST.slice(1)]) {
    expect(source.mayHaveIssued(other)).toBe(false)
  }
})

it.each<[string, string, Record<string, string>]>([
  ['WELL_KNOWN_URL', 'http://x.no/.well-known/oauth-authorization-server', {}],
  ['WELL_KNOWN_URL', 'http://x.no/meta', { MASKINPORTEN_ISSUER: TEST }],
  ['JWKS_URI', 'http://x.no/jwk', { MASKINPORTEN_ISSUER: TEST }],
  ['JWKS_URI', 'http://x.no/jwk', { MASKINPORTEN_WELL_KNOWN_URL: WELL_KNOWN }],
])('keySourceFor rejects the http address MASKINPORTEN_%s=%s and names the variable', (name, url, others) => {
  setVariables({ ...others, [`MASKINPORTEN_${name}`]: url })
  expect(() => sourceFor()).toThrow(`MASKINPORTEN_${name} must be an https: URL`)
})

it('`insecureHttp` is allowed together with Digdir’s test environment', () => {
  expect(sourceFor({ environment: 'test', insecureHttp: true }).issuer()).toBe(TEST)
})

it('`insecureHttp` throws if any option or variable names Maskinporten’s production issuer', () => {
  const refusal = '`insecureHttp` is refused'
  expect(() => sourceFor({ environment: 'prod', insecureHttp: true })).toThrow(refusal)
  for (const issuer of ['https://maskinporten.no/', 'https://maskinporten.no', 'http://maskinporten.no/']) {
    expect(() => sourceFor({ issuer, insecureHttp: true })).toThrow(refusal)
  }
  vi.stubEnv('MASKINPORTEN_ISSUER', 'https://maskinporten.no/')
  expect(() => sourceFor({ insecureHttp: true })).toThrow(refusal)
  vi.unstubAllEnvs()
  vi.stubEnv('MASKINPORTEN_WELL_KNOWN_URL', 'https://maskinporten.no/.well-known/oauth-authorization-server')
  expect(() => sourceFor({ insecureHttp: true })).toThrow(refusal)
})

it('the keys of an https issuer are never fetched over http', () => {
  const options = { issuer: 'https://x.no/', insecureHttp: true }
  for (const address of [{ jwksUri: 'http://x.no/jwk' }, { metadataUrl: 'http://x.no/meta' }]) {
    expect(() => sourceFor({ ...options, ...address })).toThrow('must be an https: URL')
  }
})

it('a validator accepts only the exact configured issuer', () => {
  const source = sourceFor({ environment: 'test' })
  expect(source.issuer()).toBe(TEST)
  expect(source.mayHaveIssued(TEST)).toBe(true)
  for (const other of [TEST.slice(0, -1), 'https://maskinporten.no/', '', undefined]) {
    expect(source.mayHaveIssued(other)).toBe(false)
  }
})

it('a validator with a configured issuer and key address fetches only the keys, not metadata', async () => {
  const fetch = vi.fn(async () => Response.json({ keys: [] }))
  const options = { environment: 'test', jwksUri: `${TEST}jwk` } as const
  await keySourceFor(options, ['RS256'], systemClock, fetch).fetch(new AbortController().signal)
  expect(fetch).toHaveBeenCalledExactlyOnceWith(`${TEST}jwk`, expect.anything())
})

it.each([undefined, `${TEST}jwk`])(
  'with MASKINPORTEN_JWKS_URI=%s, metadata that arrives after an abort of its fetch does not set the issuer',
  async (jwksUri) => {
    vi.stubEnv('MASKINPORTEN_WELL_KNOWN_URL', WELL_KNOWN)
    vi.stubEnv('MASKINPORTEN_JWKS_URI', jwksUri)
    const controller = new AbortController()
    const source = keySourceFor({}, ['RS256'], systemClock, async () => {
      controller.abort()
      return Response.json({ issuer: TEST, jwks_uri: `${TEST}jwk` })
    })
    await expect(source.fetch(controller.signal)).rejects.toMatchObject({ reason: 'timeout' })
    expect(source.issuer()).toBeUndefined()
  },
)

it('a validator accepts an http issuer only with `insecureHttp`', () => {
  expect(() => sourceFor({ issuer: 'http://mock/' })).toThrow('`issuer` must be an https: URL')
  expect(sourceFor({ issuer: 'http://mock/', insecureHttp: true }).issuer()).toBe('http://mock/')
  expect(() => sourceFor({ issuer: 'http://mock/', insecureHttp: 'yes' as never })).toThrow(
    new TypeError('`insecureHttp` must be true or false'),
  )
})

it.each(['https://maskinporten.no', 'https://test.maskinporten.no'])(
  'keySourceFor throws for %s, an issuer without its final slash, as option and as variable',
  (issuer) => {
    const message = (name: string) => `${name} is "${issuer}", without its slash: did you mean "${issuer}/"?`
    expect(() => sourceFor({ issuer })).toThrow(new TypeError(message('`issuer`')))
    vi.stubEnv('MASKINPORTEN_ISSUER', issuer)
    expect(() => sourceFor({})).toThrow(new TypeError(message('MASKINPORTEN_ISSUER')))
    vi.unstubAllEnvs()
  },
)
