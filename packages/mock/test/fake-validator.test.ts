import { createMaskinportenValidator, type MaskinportenReason } from '@portvakt/core'
import { afterEach, expect, it, vi } from 'vitest'
import { createMockMaskinporten, fakeValidator, fakeVerifiedToken } from '../src/index.js'

const READ = 'nav:x.read'

afterEach(() => void vi.unstubAllEnvs())

const token = fakeVerifiedToken({ scope: READ })
const validator = fakeValidator(token)

it('a fake validator with a token allows every request, whatever its credentials and the requirement', async () => {
  for (const requirement of [READ, 'nav:other.write', { scope: READ, authorize: () => false }]) {
    expect(await validator.decide(undefined, requirement)).toEqual({ allowed: true, token })
    expect(await validator.verify('x', requirement)).toBe(token)
    expect(await validator.explain('x', requirement)).toMatchObject({ verdict: 'allowed' })
  }
})

it('a fake validator with a token is ready without keys, and refuses a route without a requirement', async () => {
  await validator.ready()
  expect(validator.health()).toEqual({ usable: true, keys: 0 })
  expect(await validator.refuseUnguarded()).toMatchObject({ denial: { status: 403, reason: 'no_guard' } })
})

it('a fake validator with a reason refuses as a real validator does, and its challenge has the scopes of the route', async () => {
  const mock = await createMockMaskinporten()
  const real = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
  const fake = fakeValidator('insufficient_scope')
  const requirement = { scope: { allOf: [READ, 'nav:x.write'] } }
  const authorization = `Bearer ${await mock.issueToken({ scope: READ })}`
  expect(await fake.decide(undefined, requirement)).toEqual(await real.decide(authorization, requirement))
  const explained = { verdict: 'refused', reason: 'insufficient_scope' }
  expect(await fake.explain('x', requirement)).toMatchObject(explained)
})

it.each<[MaskinportenReason, number]>([
  ['no_credentials', 401],
  ['ambiguous_credentials', 400],
  ['expired', 401],
  ['consumer_not_allowed', 403],
  ['keys_unavailable', 503],
])('a fake validator with the reason %s refuses with status %i', async (reason, status) => {
  const fake = fakeValidator(reason)
  expect(await fake.decide(undefined, READ)).toMatchObject({ allowed: false, denial: { status, reason } })
  await expect(fake.verify('x', READ)).rejects.toMatchObject({ name: 'MaskinportenError', reason })
})

it.each([null, 7, {}, 'no_such_reason', 'toString'])('fakeValidator throws for the outcome %j', (outcome) => {
  expect(() => fakeValidator(outcome as never)).toThrow(/^fakeValidator takes what fakeVerifiedToken/)
})

it('fakeValidator throws when NODE_ENV is production', () => {
  vi.stubEnv('NODE_ENV', 'production')
  expect(() => fakeValidator('expired')).toThrow(/NODE_ENV=production.*unset NODE_ENV$/)
})

it.each([
  ['MASKINPORTEN_ISSUER', 'https://maskinporten.no/'],
  ['MASKINPORTEN_WELL_KNOWN_URL', 'https://maskinporten.no/.well-known/oauth-authorization-server'],
])('fakeValidator throws when %s names the production issuer', (name, value) => {
  vi.stubEnv(name, value)
  expect(() => fakeValidator('expired')).toThrow(`refused where ${name} names`)
  vi.stubEnv(name, value.replace('maskinporten', 'test.maskinporten'))
  expect(fakeValidator('expired')).toBeDefined()
})
