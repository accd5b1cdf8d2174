import { afterEach, expect, it, vi } from 'vitest'
import type { VerifiedToken } from '../src/claims/verified-token.js'
import { AdapterContext, createGuard, defaultMaskinportenValidator, requireToken } from '../src/guard.js'
import { PreparedRequirement } from '../src/requirements/requirement.js'
import { createMaskinportenValidator } from '../src/validator.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

it('guards without a `validator` option share a validator that the first guard creates from the environment', () => {
  vi.stubEnv('MASKINPORTEN_ISSUER', '')
  expect(() => createGuard('nav:x.read')).toThrow(/MASKINPORTEN_ISSUER is not set/)
  vi.stubEnv('MASKINPORTEN_ISSUER', 'https://test.maskinporten.no/')
  createGuard('nav:x.read')
  const shared = defaultMaskinportenValidator()
  vi.stubEnv('MASKINPORTEN_ISSUER', '')
  createGuard('nav:x.write')
  expect(defaultMaskinportenValidator()).toBe(shared)
})

it('a guard passes the Authorization header, its prepared requirement and the context to its validator', async () => {
  const decide = vi.fn(async () => 'a decision')
  const guard = createGuard('nav:x.read', { validator: { decide } as never })
  expect(await guard('Bearer x', { request: 'a request' })).toBe('a decision')
  const prepared = expect.any(PreparedRequirement)
  expect(decide.mock.calls).toEqual([['Bearer x', prepared, { request: 'a request' }]])
})

it.each([null, { decide: true }])('createGuard throws for the `validator` %j', (validator) => {
  expect(() => createGuard('nav:x.read', { validator: validator as never })).toThrow(
    new TypeError('`validator` must come from createMaskinportenValidator or createTexasValidator'),
  )
})

it('createGuard throws for a validator that another copy of core made, and says how to find the copies', async () => {
  vi.resetModules()
  const other = await import('../src/validator.js')
  const validator = other.createMaskinportenValidator({ environment: 'test' })
  expect(() => createGuard('nav:x.read', { validator })).toThrow(
    /comes from another copy of @portvakt\/core .* `npm ls @portvakt\/core`/,
  )
  // A validator of an application's own can add to a real one.
  const own = { ...createMaskinportenValidator({ environment: 'test' }), ready: async () => undefined }
  expect(() => createGuard('nav:x.read', { validator: own })).not.toThrow()
})

it('createGuard throws for a validator or null in place of the options, and says what it takes', () => {
  const validator = createMaskinportenValidator({ environment: 'test' })
  expect(() => createGuard('nav:x.read', validator as never)).toThrow(
    'requireMaskinportenScope takes a validator as an option: write { validator }',
  )
  const message = 'requireMaskinportenScope takes an object of options'
  expect(() => createGuard('nav:x.read', null as never)).toThrow(new TypeError(message))
})

it('requireToken throws for a route without a guard, and says how to add a guard', () => {
  const token = {} as VerifiedToken
  expect(requireToken(token, 'add a guard')).toBe(token)
  expect(() => requireToken(undefined, 'add a guard')).toThrow(
    /^No Maskinporten guard ran for this route: add a guard$/,
  )
})

it('an AdapterContext calls its `waitUntil` getter only when `waitUntil` is read', () => {
  const waitUntil = () => undefined
  const read = vi.fn(() => waitUntil)
  const context = new AdapterContext('request', read)
  expect([context.request, read.mock.calls.length]).toEqual(['request', 0])
  expect(context.waitUntil).toBe(waitUntil)
})
