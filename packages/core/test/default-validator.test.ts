import { afterEach, expect, it, vi } from 'vitest'
import { defaultMaskinportenValidator } from '../src/guard.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

it('defaultMaskinportenValidator reads the environment only once, and always returns the same validator', () => {
  vi.stubEnv('MASKINPORTEN_ISSUER', '')
  expect(() => defaultMaskinportenValidator()).toThrow(/MASKINPORTEN_ISSUER is not set/)
  vi.stubEnv('MASKINPORTEN_ISSUER', 'https://test.maskinporten.no/')
  const validator = defaultMaskinportenValidator()
  vi.stubEnv('MASKINPORTEN_ISSUER', '')
  expect(defaultMaskinportenValidator()).toBe(validator)
  expect(validator.health()).toEqual({ usable: false, keys: 0 })
})
