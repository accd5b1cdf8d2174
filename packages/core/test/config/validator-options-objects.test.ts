import { describe, expect, it, test, vi } from 'vitest'
import { readConfig } from '../../src/config/validator-options.js'

describe('options whose members would be lost by copying throw at construction and are named', () => {
  class Settings {
    readonly issuer = 'https://x.no/'
    get audience() {
      return 'https://a.no'
    }
  }
  const nested = (members: object) => ({ issuer: 'https://x.no/', ...members })

  test.each<[string, object, RegExp]>([
    ['a getter of a config class', new Settings(), /`audience`.*Copy its members into a plain object/],
    [
      'an inherited member',
      Object.assign(Object.create({ audience: 'https://a.no' }), { issuer: 'https://x.no/' }),
      /`audience`.*Copy/,
    ],
    [
      'a member that is not enumerable',
      Object.defineProperty(nested({}), 'audience', { value: 'https://a.no' }),
      /`audience`.*Copy/,
    ],
    ['`keys` of a class', nested({ keys: Object.create({ timeout: 1 }) }), /^`keys`: `timeout`.*Copy/],
    [
      '`tokenCache` of a class',
      nested({ tokenCache: Object.create({ maxTokens: 1 }) }),
      /^`tokenCache`: `maxTokens`/,
    ],
    [
      '`jwks` of a class',
      nested({
        jwks: new (class Jwks {
          keys = []
        })(),
      }),
      /^`jwks` takes a plain object/,
    ],
    [
      'a key of a class',
      nested({ jwks: { keys: [Object.create({ kid: 'a' })] } }),
      /^`jwks\.keys\[0\]` takes a plain/,
    ],
    ['a list with a hole', nested({ audience: new Array(1) }), /^`audience\[0\]` is undefined/],
  ])('%s', (_title, options, message) => {
    expect(() => readConfig(options)).toThrow(TypeError)
    expect(() => readConfig(options)).toThrow(message)
  })
})

it('a clock and a fetch can be of any class', () => {
  class Clock {
    now = () => 0
    elapsed = () => 0
    after() {
      return () => {}
    }
  }
  const clock = new Clock()
  expect(readConfig({ environment: 'test', clock, fetch: async () => new Response() }).clock).toBe(clock)
})

it('a validator takes no option from a polluted Object.prototype', () => {
  const evil = 'https://evil.example/'
  const pollution = {
    audience: evil,
    clockTolerance: 300,
    issuer: evil,
    metadataUrl: evil,
    jwksUri: evil,
    insecureHttp: true,
  }
  for (const [name, value] of Object.entries(pollution)) {
    Object.defineProperty(Object.prototype, name, { value, configurable: true })
  }
  vi.stubEnv('MASKINPORTEN_ISSUER', 'https://test.maskinporten.no/')
  const { audience, clockTolerance, issuer } = readConfig({})
  let refusal: unknown
  try {
    readConfig({ issuer: 'http://evil.example/' })
  } catch (error) {
    refusal = error
  }
  for (const name of Object.keys(pollution)) Reflect.deleteProperty(Object.prototype, name)
  vi.unstubAllEnvs()
  expect([audience, clockTolerance]).toEqual([undefined, 10])
  expect(issuer.issuer()).toBe('https://test.maskinporten.no/')
  expect(refusal).toMatchObject({ message: expect.stringContaining('must be an https: URL') })
})
