import { createTestClock } from '@portvakt/mock'
import { expect, it } from 'vitest'
import { createMaskinportenValidator } from '../../src/validator.js'
import { setVariables, useCleanEnvironment } from '../clean-environment.js'

const TEST = 'https://test.maskinporten.no/'
const KEYS = `${TEST}jwk`
const PATH = '.well-known/oauth-authorization-server'
const WELL_KNOWN = `${TEST}${PATH}`
const PROD_WELL_KNOWN = `https://maskinporten.no/${PATH}`

useCleanEnvironment()

/** Returns the first address that a new validator fetches. */
async function firstFetch(options: object): Promise<string | undefined> {
  const urls: string[] = []
  const fetch = async (url: string) => {
    urls.push(url)
    throw new Error('offline')
  }
  const validator = createMaskinportenValidator({
    ...options,
    fetch,
    clock: createTestClock(),
    keys: { timeout: 0.1 },
  })
  await expect(validator.ready()).rejects.toThrow('keys_unavailable')
  return urls[0]
}

it.each<[object, string]>([
  [{ environment: 'prod' }, PROD_WELL_KNOWN],
  [{ environment: 'test' }, WELL_KNOWN],
  [{ issuer: 'https://mp.example' }, `https://mp.example/${PATH}`],
  [{ issuer: 'https://mp.example/', jwksUri: 'https://keys.example/jwk' }, 'https://keys.example/jwk'],
  [{ issuer: 'https://mp.example/', metadataUrl: 'https://mp.example/meta' }, 'https://mp.example/meta'],
  [{ issuer: 'http://127.0.0.1:8089/' }, `http://127.0.0.1:8089/${PATH}`],
  [{ issuer: 'http://mock:8080/', insecureHttp: true }, `http://mock:8080/${PATH}`],
])('a validator with the options %j makes its first fetch from %s', async (options, expected) => {
  expect(await firstFetch(options)).toBe(expected)
})

it.each<[Record<string, string>, string]>([
  [{ MASKINPORTEN_ISSUER: TEST, MASKINPORTEN_JWKS_URI: KEYS, MASKINPORTEN_WELL_KNOWN_URL: WELL_KNOWN }, KEYS],
  [{ MASKINPORTEN_ISSUER: TEST, MASKINPORTEN_WELL_KNOWN_URL: WELL_KNOWN }, WELL_KNOWN],
  [{ MASKINPORTEN_ISSUER: TEST }, WELL_KNOWN],
  [{ MASKINPORTEN_WELL_KNOWN_URL: WELL_KNOWN }, WELL_KNOWN],
  // Digdir documents the address with a trailing slash.
  [{ MASKINPORTEN_WELL_KNOWN_URL: `${WELL_KNOWN}/` }, `${WELL_KNOWN}/`],
  [{ MASKINPORTEN_WELL_KNOWN_URL: WELL_KNOWN, MASKINPORTEN_JWKS_URI: KEYS }, WELL_KNOWN],
])('a validator with the variables %j makes its first fetch from %s', async (variables, expected) => {
  setVariables(variables)
  expect(await firstFetch({})).toBe(expected)
})

it('the options of a validator override every environment variable', async () => {
  const evil = 'https://evil.example/'
  setVariables({ MASKINPORTEN_ISSUER: evil, MASKINPORTEN_JWKS_URI: `${evil}jwk` })
  expect(await firstFetch({ environment: 'prod' })).toBe(PROD_WELL_KNOWN)
})

it.each<[Record<string, string>, RegExp]>([
  [{}, /MASKINPORTEN_ISSUER is not set.*nais\.yaml.*environment: 'prod'/],
  [{ MASKINPORTEN_ISSUER: '' }, /MASKINPORTEN_ISSUER is not set/],
  [{ MASKINPORTEN_JWKS_URI: 'https://x.no/jwk' }, /MASKINPORTEN_ISSUER is not set/],
  [{ MASKINPORTEN_ISSUER: 'maskinporten.no' }, /^MASKINPORTEN_ISSUER must be an absolute URL/],
  [{ MASKINPORTEN_ISSUER: 'http://maskinporten.no/' }, /^MASKINPORTEN_ISSUER must be an https: URL/],
  [
    { MASKINPORTEN_ISSUER: 'https://x.no/', MASKINPORTEN_JWKS_URI: 'http://x.no/jwk' },
    /^MASKINPORTEN_JWKS_URI must be an https/,
  ],
  [
    { MASKINPORTEN_WELL_KNOWN_URL: 'https://x.no/.well-known/jwks.json' },
    /MASKINPORTEN_WELL_KNOWN_URL must end with/,
  ],
  [
    { MASKINPORTEN_WELL_KNOWN_URL: '\nhttps://x.no/.well-known/oauth-authorization-server' },
    /MASKINPORTEN_WELL_KNOWN_URL must be an absolute URL, without white space/,
  ],
])(
  'createMaskinportenValidator throws for the variables %j, and the message says what to do',
  (variables, message) => {
    setVariables(variables)
    expect(() => createMaskinportenValidator()).toThrow(TypeError)
    expect(() => createMaskinportenValidator()).toThrow(message)
  },
)

it('a validator can be created without a network and before keys are loaded', () => {
  const fetch = () => Promise.reject(new Error())
  const validator = createMaskinportenValidator({ issuer: 'https://192.0.2.1/', fetch })
  expect(validator.health()).toEqual({ usable: false, keys: 0 })
})

it('`insecureHttp` allows http: for a metadata address that alone names the issuer', async () => {
  const metadata = `http://maskinporten:8080/${PATH}`
  setVariables({ MASKINPORTEN_WELL_KNOWN_URL: metadata })
  expect(() => createMaskinportenValidator()).toThrow('MASKINPORTEN_WELL_KNOWN_URL must be an https: URL')
  expect(await firstFetch({ insecureHttp: true })).toBe(metadata)
})
