import { expect, it, vi } from 'vitest'
import { readConfig } from '../../src/config/validator-options.js'

class Settings {
  readonly issuer = 'https://x.no/'
  get audience() {
    return 'https://a.no'
  }
}
class Jwks {
  keys = []
}
const issuer = 'https://x.no/'
const inherited = Object.assign(Object.create({ audience: 'https://a.no' }), { issuer })
const inheritedLimit = Object.create({ maxTokens: 1 })
const inheritedKid = { keys: [Object.create({ kid: 'a' })] }
const hidden = Object.defineProperty({ issuer }, 'audience', { value: 'https://a.no' })

it.each<[string, object, RegExp]>([
  ['a getter of a class', new Settings(), /`audience`.*Copy its members/],
  ['an inherited member', inherited, /`audience`.*Copy/],
  ['a member that is not enumerable', hidden, /`audience`.*Copy/],
  ['inherited `timeout`', { issuer, keys: Object.create({ timeout: 1 }) }, /^`keys`: `timeout`.*Copy/],
  ['inherited `maxTokens`', { issuer, tokenCache: inheritedLimit }, /^`tokenCache`: `maxTokens`/],
  ['`jwks` of a class', { issuer, jwks: new Jwks() }, /^`jwks` takes a plain object/],
  ['inherited `kid`', { issuer, jwks: inheritedKid }, /^`jwks\.keys\[0\]` takes a plain/],
  ['a list with a hole', { issuer, audience: new Array(1) }, /^`audience\[0\]` is undefined/],
])('readConfig throws for a member that copying would lose: %s', (_title, options, message) => {
  expect(() => readConfig(options)).toThrow(TypeError)
  expect(() => readConfig(options)).toThrow(message)
})

it('readConfig accepts an instance of any class as the `clock`', () => {
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

it('readConfig ignores options on a polluted Object.prototype', () => {
  const evil = 'https://evil.example/'
  const addresses = { issuer: evil, metadataUrl: evil, jwksUri: evil }
  const pollution = { ...addresses, audience: evil, clockTolerance: 300, insecureHttp: true }
  for (const [name, value] of Object.entries(pollution)) {
    Object.defineProperty(Object.prototype, name, { value, configurable: true })
  }
  vi.stubEnv('MASKINPORTEN_ISSUER', 'https://test.maskinporten.no/')
  const { audience, clockTolerance, issuer: rule } = readConfig({})
  let refusal: unknown
  try {
    readConfig({ issuer: 'http://evil.example/' })
  } catch (error) {
    refusal = error
  }
  for (const name of Object.keys(pollution)) Reflect.deleteProperty(Object.prototype, name)
  vi.unstubAllEnvs()
  expect([audience, clockTolerance]).toEqual([undefined, 10])
  expect(rule.issuer()).toBe('https://test.maskinporten.no/')
  expect(refusal).toMatchObject({ message: expect.stringContaining('must be an https: URL') })
})
