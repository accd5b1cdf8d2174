import { expect, it, vi } from 'vitest'
import { readConfig } from '../../src/config/validator-options.js'
import { systemClock } from '../../src/platform/clock.js'
import { casesOf } from '../cases.js'
import { withPollutedPrototype } from '../polluted-prototype.js'

const { NaN: NAN, POSITIVE_INFINITY: INFINITY } = Number
const SHORT_KEY = { kty: 'RSA', kid: 'k', e: 'AQAB', n: Buffer.alloc(128, 0xff).toString('base64url') }

// In other libraries, such values turned off a check: CVE-2020-15084, CVE-2022-23529, CVE-2022-23539,
// CVE-2022-23540, CVE-2022-23541, CVE-2026-35040, CVE-2026-35041, CVE-2026-107275 and CVE-2026-107721.
const bad: Record<string, unknown[]> = {
  environment: ['ver2', 'PROD', '', null, 1, '__proto__', 'constructor'],
  issuer: ['', 'maskinporten.no', 'http://maskinporten.no/', 1, null, ['https://x.no/'], /^(a+)+$/],
  audience: ['', 'unspecified', 'api', [], [''], 1, null, {}, ['https://a.no', 1], /api/g],
  algorithms: [[], ['HS256'], 'HS256', ['none'], 'rs256', null, undefined, 7, ['RS256', 'HS256']],
  clockTolerance: [-1, 301, NAN, INFINITY, '10', null],
  maxTokenLifetime: [0, -1, NAN, INFINITY, '24h', null],
  maxTokenLength: [0, 100, 1e9, NAN, '16k', null],
  realm: ['', 'a"b', 'a\\b', 'a\r\nb', 'å', 1, null],
  denialBody: [{}, 'x', null, 1],
  onDecision: [{}, 'x', null, 1],
  fetch: [{}, 'x', null, 1],
  random: [1, 'x', null],
  clock: [{}, null, 1, Date, { now: () => 0 }],
  insecureHttp: ['true', 1, null],
  metadataUrl: ['', 'x', 'http://x.no/', 1, null],
  jwksUri: ['', 'x', 'http://x.no/', 'http://keys.example/jwk', 1, null],
  jwks: [{}, { keys: [] }, { keys: [{ kty: 'oct' }] }, { keys: [SHORT_KEY] }, 'x', 1, null],
  keys: [1, 'x', [], { maxage: 1 }],
  'keys.maxAge': [0, -1, 86_401, NAN, INFINITY, '10', null],
  'keys.staleWhileRevalidate': [-1, 604_201, NAN, INFINITY, '300', null],
  'keys.staleIfError': [299, 604_201, NAN, INFINITY, '85800', null],
  'keys.cooldown': [0, 86_401, NAN],
  'keys.timeout': [0, 31, NAN, INFINITY],
  tokenCache: [1, 'x', true, null, [], { maxtokens: 1 }],
  'tokenCache.maxTokens': [0, 1_000_001, 1.5, NAN, INFINITY, '10', null],
  'tokenCache.maxBytes': [65_535, 2 ** 36 + 1, 65_536.5, NAN, '16k', null],
}
it.each(casesOf(bad))('readConfig throws for %s: %j, and the message names the option', (option, value) => {
  const [group = '', member] = option.split('.')
  const base = option === 'environment' || option === 'issuer' ? {} : { issuer: 'https://x.no/' }
  const options = { ...base, [group]: member === undefined ? value : { [member]: value } }
  const named = /maxage|maxtokens/.exec(JSON.stringify(value))?.[0] ?? option
  expect(() => readConfig(options as never)).toThrow(TypeError)
  expect(() => readConfig(options as never)).toThrow(named)
})

class Jwks {
  keys = []
}
const issuer = 'https://x.no/'
const environment = 'test'
const late = { staleWhileRevalidate: 600, staleIfError: 599 }
const inheritedLimit = Object.create({ maxTokens: 1 })
const inheritedKid = { keys: [Object.create({ kid: 'a' })] }
const ALGORITHMS = /RS256, RS384, RS512, with which .* HS256 and other algorithms are never accepted$/
it.each<[string, unknown, RegExp]>([
  // CVE-2026-110024: an unknown option was ignored.
  ['an unknown option', { issuer, audiance: 'https://a.no' }, /no option `audiance`.*audience/],
  ['text', 'prod', /^createMaskinportenValidator takes an object of options$/],
  ['two issuers', { environment, issuer }, /`environment` or `issuer`, not both/],
  ['milliseconds', { issuer, keys: { timeout: 5000 } }, /`keys.timeout` must be .* 0\.1 to 30 seconds$/],
  ['a short `staleIfError`', { issuer, keys: late }, /must not be less than `keys.staleWhileRevalidate`$/],
  ['an unsupported algorithm', { environment, algorithms: ['ES256'] }, ALGORITHMS],
  // The message must not repeat the password in a URL.
  ['a password', { issuer: 'https://user:hemmelig@x.no/' }, /^(?!.*hemmelig)/],
  ['inherited `audience`', Object.create({ audience: 'https://a.no' }), /`audience`.*Copy/],
  ['inherited `timeout`', { issuer, keys: Object.create({ timeout: 1 }) }, /^`keys`: `timeout`.*Copy/],
  ['inherited `maxTokens`', { issuer, tokenCache: inheritedLimit }, /^`tokenCache`: `maxTokens`/],
  ['`jwks` of a class', { issuer, jwks: new Jwks() }, /^`jwks` takes a plain object/],
  ['inherited `kid`', { issuer, jwks: inheritedKid }, /^`jwks\.keys\[0\]` takes a plain/],
  ['a list with a hole', { issuer, audience: new Array(1) }, /^`audience\[0\]` is undefined/],
])('readConfig throws for %s, and the message says what is wrong', (_title, options, message) => {
  expect(() => readConfig(options as never)).toThrow(TypeError)
  expect(() => readConfig(options as never)).toThrow(message)
})

it('readConfig returns the documented defaults', () => {
  expect(readConfig({ environment: 'prod' })).toMatchObject({
    algorithms: ['RS256', 'RS384', 'RS512'],
    clockTolerance: 10,
    maxTokenLifetime: 86_400,
    maxTokenLength: 16_384,
    realm: 'maskinporten',
    keyOptions: { maxAge: 600, staleWhileRevalidate: 300, staleIfError: 85_800, cooldown: 30, timeout: 5 },
    tokenCache: { maxTokens: 1000, maxBytes: 16_777_216 },
    audience: undefined,
    listeners: [],
    clock: systemClock,
    random: Math.random,
  })
})

it('readConfig returns `onDecision` as the only listener, unless NODE_DEBUG adds one that prints refusals', () => {
  const onDecision = () => undefined
  const { listeners } = readConfig({ environment: 'prod', onDecision })
  expect(listeners).toEqual([onDecision])
  expect(Object.isFrozen(listeners)).toBe(true)
  vi.stubEnv('NODE_DEBUG', 'portvakt')
  expect(readConfig({ environment: 'prod', onDecision }).listeners).toEqual([
    onDecision,
    expect.any(Function),
  ])
  vi.unstubAllEnvs()
})

it.each<[object, number[]]>([
  [{}, [600, 900, 86_400]],
  [{ maxAge: 3600 }, [3600, 3600, 86_400]],
  [{ staleWhileRevalidate: 100_000 }, [600, 100_600, 100_600]],
  [{ maxAge: 600, staleWhileRevalidate: 0, staleIfError: 0 }, [600, 600, 600]],
  [{ maxAge: 86_400, staleIfError: 518_400 }, [86_400, 86_400, 604_800]],
])('with `keys: %j`, keys become stale, overdue and expired at the ages %j, in seconds', (keys, expected) => {
  const { maxAge, staleWhileRevalidate, staleIfError } = readConfig({ environment: 'prod', keys }).keyOptions
  expect([maxAge, maxAge + staleWhileRevalidate, maxAge + staleIfError]).toEqual(expected)
})

it('each limit of the token cache can be set alone, and `false` turns the cache off', () => {
  const limits = (tokenCache: object | false) => readConfig({ environment: 'prod', tokenCache }).tokenCache
  expect(limits({ maxTokens: 1 })).toEqual({ maxTokens: 1, maxBytes: 16_777_216 })
  expect(limits({ maxBytes: 65_536 })).toEqual({ maxTokens: 1000, maxBytes: 65_536 })
  expect(limits(false)).toBeUndefined()
})

it('readConfig accepts an instance of any class as the `clock`', () => {
  const clock = Object.create(systemClock)
  expect(readConfig({ environment, clock, fetch: async () => new Response() }).clock).toBe(clock)
})

it('readConfig ignores options on a polluted Object.prototype', async () => {
  const evil = 'https://evil.example/'
  const addresses = { issuer: evil, metadataUrl: evil, jwksUri: evil }
  const members = { ...addresses, audience: evil, clockTolerance: 300, insecureHttp: true }
  vi.stubEnv('MASKINPORTEN_ISSUER', 'https://test.maskinporten.no/')
  const config = await withPollutedPrototype(members, () => readConfig({}))
  vi.unstubAllEnvs()
  expect([config.audience, config.clockTolerance]).toEqual([undefined, 10])
  expect(config.issuer.issuer()).toBe('https://test.maskinporten.no/')
  const refused = withPollutedPrototype(members, () => readConfig({ issuer: 'http://evil.example/' }))
  await expect(refused).rejects.toThrow('must be an https: URL')
})
