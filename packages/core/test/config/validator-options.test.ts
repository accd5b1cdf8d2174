import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { readConfig } from '../../src/config/validator-options.js'
import { systemClock } from '../../src/platform/clock.js'
import { createMaskinportenValidator } from '../../src/validator.js'

const VARIABLES = ['MASKINPORTEN_ISSUER', 'MASKINPORTEN_JWKS_URI', 'MASKINPORTEN_WELL_KNOWN_URL']
const WELL_KNOWN = 'https://test.maskinporten.no/.well-known/oauth-authorization-server'

beforeEach(() => {
  for (const name of VARIABLES) delete process.env[name]
})
afterEach(() => {
  for (const name of VARIABLES) delete process.env[name]
})

/** Creates a validator and says where it looks for its first key. */
async function firstFetch(options: object, env: Record<string, string> = {}): Promise<string[]> {
  Object.assign(process.env, env)
  const urls: string[] = []
  const fetch = async (url: string) => {
    urls.push(url)
    throw new Error('offline')
  }
  const validator = createMaskinportenValidator({ ...options, fetch, keys: { timeout: 0.1 } })
  await expect(validator.ready()).rejects.toThrow('keys_unavailable')
  return urls
}

describe('the issuer comes from', () => {
  test.each<[string, object, Record<string, string>, string]>([
    [
      'an environment',
      { environment: 'prod' },
      {},
      'https://maskinporten.no/.well-known/oauth-authorization-server',
    ],
    ['the other environment', { environment: 'test' }, {}, WELL_KNOWN],
    [
      'an issuer of one’s own',
      { issuer: 'https://mp.example' },
      {},
      'https://mp.example/.well-known/oauth-authorization-server',
    ],
    [
      'an issuer and its key address',
      { issuer: 'https://mp.example/', jwksUri: 'https://keys.example/jwk' },
      {},
      'https://keys.example/jwk',
    ],
    [
      'an issuer and its metadata address',
      { issuer: 'https://mp.example/', metadataUrl: 'https://mp.example/meta' },
      {},
      'https://mp.example/meta',
    ],
    [
      'loopback',
      { issuer: 'http://127.0.0.1:8089/' },
      {},
      'http://127.0.0.1:8089/.well-known/oauth-authorization-server',
    ],
    [
      'one named host over http',
      { issuer: 'http://mock:8080/', insecureHttp: true },
      {},
      'http://mock:8080/.well-known/oauth-authorization-server',
    ],
    [
      'NAIS’s variables',
      {},
      {
        MASKINPORTEN_ISSUER: 'https://test.maskinporten.no/',
        MASKINPORTEN_JWKS_URI: 'https://test.maskinporten.no/jwk',
        MASKINPORTEN_WELL_KNOWN_URL: WELL_KNOWN,
      },
      'https://test.maskinporten.no/jwk',
    ],
    [
      'the issuer variable and the well-known one',
      {},
      { MASKINPORTEN_ISSUER: 'https://test.maskinporten.no/', MASKINPORTEN_WELL_KNOWN_URL: WELL_KNOWN },
      WELL_KNOWN,
    ],
    ['the issuer variable alone', {}, { MASKINPORTEN_ISSUER: 'https://test.maskinporten.no/' }, WELL_KNOWN],
    ['the well-known variable alone', {}, { MASKINPORTEN_WELL_KNOWN_URL: WELL_KNOWN }, WELL_KNOWN],
    [
      'the well-known variable as Digdir writes it',
      {},
      { MASKINPORTEN_WELL_KNOWN_URL: `${WELL_KNOWN}/` },
      `${WELL_KNOWN}/`,
    ],
    [
      'the well-known variable and the one of the keys',
      {},
      {
        MASKINPORTEN_WELL_KNOWN_URL: WELL_KNOWN,
        MASKINPORTEN_JWKS_URI: 'https://test.maskinporten.no/jwk',
      },
      WELL_KNOWN,
    ],
    [
      'explicit options, whatever the variables say',
      { environment: 'prod' },
      { MASKINPORTEN_ISSUER: 'https://evil.example/', MASKINPORTEN_JWKS_URI: 'https://evil.example/jwk' },
      'https://maskinporten.no/.well-known/oauth-authorization-server',
    ],
  ])('%s', async (_title, options, env, expected) => {
    expect((await firstFetch(options, env))[0]).toBe(expected)
  })
})

describe('a wrong environment stops the start, and the message says what to set', () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ['nothing set', {}, /MASKINPORTEN_ISSUER is not set.*nais\.yaml.*environment: 'prod'/],
    ['an empty issuer', { MASKINPORTEN_ISSUER: '' }, /MASKINPORTEN_ISSUER is not set/],
    [
      'keys without an issuer',
      { MASKINPORTEN_JWKS_URI: 'https://x.no/jwk' },
      /MASKINPORTEN_ISSUER is not set/,
    ],
    [
      'an issuer that is not a URL',
      { MASKINPORTEN_ISSUER: 'maskinporten.no' },
      /^MASKINPORTEN_ISSUER must be an absolute URL/,
    ],
    [
      'an issuer over http',
      { MASKINPORTEN_ISSUER: 'http://maskinporten.no/' },
      /^MASKINPORTEN_ISSUER must be an https: URL/,
    ],
    [
      'keys over http',
      { MASKINPORTEN_ISSUER: 'https://x.no/', MASKINPORTEN_JWKS_URI: 'http://x.no/jwk' },
      /^MASKINPORTEN_JWKS_URI must be an https/,
    ],
    [
      'a well-known address of another kind',
      { MASKINPORTEN_WELL_KNOWN_URL: 'https://x.no/.well-known/jwks.json' },
      /MASKINPORTEN_WELL_KNOWN_URL must end with/,
    ],
  ])('%s', (_title, env, message) => {
    Object.assign(process.env, env)
    expect(() => createMaskinportenValidator()).toThrow(TypeError)
    expect(() => createMaskinportenValidator()).toThrow(message)
  })
})

describe('a bad option throws at construction and is named', () => {
  const bad: Record<string, unknown[]> = {
    environment: ['ver2', 'PROD', '', null, 1, '__proto__', 'constructor'],
    issuer: [
      '',
      'maskinporten.no',
      'http://maskinporten.no/',
      'ftp://x/',
      'file:///x',
      1,
      null,
      ['https://x.no/'],
      'https://u:p@x.no/',
    ],
    audience: ['', 'unspecified', 'api', [], [''], 1, null, {}, ['https://a.no', 1]],
    algorithms: [[], ['HS256'], ['none'], ['PS256'], 'rs256', null, 7, ['RS256', 'ES256']],
    clockTolerance: [-1, 301, Number.NaN, Number.POSITIVE_INFINITY, '10', null],
    maxTokenLifetime: [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '24h', null],
    maxTokenLength: [0, 100, 1e9, Number.NaN, '16k', null],
    realm: ['', 'a"b', 'a\\b', 'a\r\nb', 'å', 1, null],
    denialBody: [{}, 'x', null, 1],
    onDecision: [{}, 'x', null, 1],
    fetch: [{}, 'x', null, 1],
    random: [1, 'x', null],
    clock: [{}, null, 1, Date, { now: () => 0 }],
    insecureHttp: ['true', 1, null],
    metadataUrl: ['', 'x', 'http://x.no/', 1, null],
    jwksUri: ['', 'x', 'http://x.no/', 'http://keys.example/jwk', 1, null],
    jwks: [{}, { keys: [] }, { keys: [{ kty: 'oct' }] }, 'x', 1, null],
    keys: [1, 'x', [], { maxage: 1 }],
    'keys.maxAge': [0, -1, 86_401, Number.NaN, Number.POSITIVE_INFINITY, '10', null],
    'keys.staleWhileRevalidate': [-1, 604_201, Number.NaN, Number.POSITIVE_INFINITY, '300', null],
    'keys.staleIfError': [299, 604_201, Number.NaN, Number.POSITIVE_INFINITY, '85800', null],
    'keys.cooldown': [0, 86_401, Number.NaN],
    'keys.timeout': [0, 31, Number.NaN, Number.POSITIVE_INFINITY],
    tokenCache: [1, 'x', true, null, [], { maxtokens: 1 }],
    'tokenCache.maxTokens': [0, 1_000_001, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '10', null],
    'tokenCache.maxBytes': [65_535, 2 ** 36 + 1, 65_536.5, Number.NaN, '16k', null],
  }
  const cases = Object.entries(bad).flatMap(([option, values]) =>
    values.map((value) => [option, value] as const),
  )
  test.each(cases)('%s: %j', (option, value) => {
    const [group = '', member] = option.split('.')
    const base = option === 'environment' || option === 'issuer' ? {} : { issuer: 'https://x.no/' }
    const options = { ...base, [group]: member === undefined ? value : { [member]: value } }
    const named = /maxage|maxtokens/.exec(JSON.stringify(value))?.[0] ?? option
    expect(() => readConfig(options as never)).toThrow(TypeError)
    expect(() => readConfig(options as never)).toThrow(named)
  })

  test.each<[string, object, RegExp]>([
    ['unknown', { issuer: 'https://x.no/', audiance: 'https://a.no' }, /no option `audiance`.*audience/],
    [
      'given twice over',
      { environment: 'test', issuer: 'https://x.no/' },
      /`environment` or `issuer`, not both/,
    ],
    ['insecure in production', { environment: 'prod', insecureHttp: true }, /`insecureHttp` is refused/],
    ['keys of nobody', { jwksUri: 'https://x.no/jwk' }, /need an `issuer`/],
    [
      'http on a second host',
      { issuer: 'http://mock/', jwksUri: 'http://keys/jwk', insecureHttp: true },
      /`jwksUri` must be an https/,
    ],
  ])('%s', (_title, options, message) => {
    expect(() => readConfig(options as never)).toThrow(message)
  })

  it('options that are not an object throw', () => {
    for (const options of [null, 'prod', [], 7]) {
      expect(() => readConfig(options as never)).toThrow(
        new TypeError('createMaskinportenValidator takes an object of options'),
      )
    }
  })

  it('an unsupported algorithm throws, and the message names the supported ones', () => {
    for (const algorithms of [['ES256'], ['HS256'], 'HS256', ['RS256', 'none']]) {
      expect(() => readConfig({ environment: 'prod', algorithms: algorithms as never })).toThrow(
        new TypeError(
          '`algorithms` must be one or more of RS256, RS384, RS512, with which Maskinporten signs; leave it out to ' +
            'accept all three. HS256 and other algorithms are never accepted',
        ),
      )
    }
  })
})

it('an error never repeats a password in a URL', () => {
  expect(() => readConfig({ issuer: 'https://user:hemmelig@x.no/' })).toThrow(/^(?!.*hemmelig)/)
})

it('a validator has the documented defaults', () => {
  expect(readConfig({ environment: 'prod' })).toMatchObject({
    algorithms: ['RS256', 'RS384', 'RS512'],
    clockTolerance: 10,
    maxTokenLifetime: 86_400,
    maxTokenLength: 16_384,
    realm: 'maskinporten',
    keyOptions: {
      maxAge: 600,
      staleWhileRevalidate: 300,
      staleIfError: 85_800,
      cooldown: 30,
      timeout: 5,
    },
    tokenCache: { maxTokens: 1000, maxBytes: 16_777_216 },
    audience: undefined,
    clock: systemClock,
    random: Math.random,
  })
})

describe('the options of keys', () => {
  const ages = (keys: object) => {
    const { maxAge, staleWhileRevalidate, staleIfError } = readConfig({
      environment: 'prod',
      keys,
    }).keyOptions
    return [maxAge, maxAge + staleWhileRevalidate, maxAge + staleIfError]
  }

  test.each<[object, number[]]>([
    [{}, [600, 900, 86_400]],
    [{ maxAge: 60 }, [60, 900, 86_400]],
    [{ maxAge: 3600 }, [3600, 3600, 86_400]],
    [{ maxAge: 86_400 }, [86_400, 86_400, 86_400]],
    [{ staleWhileRevalidate: 0 }, [600, 600, 86_400]],
    [{ staleWhileRevalidate: 100_000 }, [600, 100_600, 100_600]],
    [{ maxAge: 600, staleWhileRevalidate: 0, staleIfError: 0 }, [600, 600, 600]],
    [{ maxAge: 86_400, staleIfError: 518_400 }, [86_400, 86_400, 604_800]],
  ])('`keys` of %j refresh, wait and expire at the ages %j', (keys, expected) => {
    expect(ages(keys)).toEqual(expected)
  })

  it('keys serve in an outage for at least as long as during a refresh', () => {
    expect(() => ages({ staleWhileRevalidate: 600, staleIfError: 599 })).toThrow(
      new TypeError('`keys.staleIfError` must not be less than `keys.staleWhileRevalidate`'),
    )
  })
})

describe('the limits of the token cache', () => {
  it('each limit of the token cache can be set alone, and the other keeps its default', () => {
    const limits = (tokenCache: object) => readConfig({ environment: 'prod', tokenCache }).tokenCache
    expect(limits({ maxTokens: 1 })).toEqual({ maxTokens: 1, maxBytes: 16_777_216 })
    expect(limits({ maxBytes: 65_536 })).toEqual({ maxTokens: 1000, maxBytes: 65_536 })
  })

  it('`tokenCache: false` turns the cache off', () => {
    expect(readConfig({ environment: 'prod', tokenCache: false }).tokenCache).toBeUndefined()
  })
})

it('a validator starts without network and keys', async () => {
  const validator = createMaskinportenValidator({
    issuer: 'https://192.0.2.1/',
    fetch: () => Promise.reject(new Error()),
  })
  expect(validator.health()).toEqual({ usable: false, keys: 0 })
})
