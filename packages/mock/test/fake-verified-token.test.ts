import { createMaskinportenValidator } from '@portvakt/core'
import { expect, it } from 'vitest'
import { createMockMaskinporten, createTestClock, fakeVerifiedToken } from '../src/index.js'
import { typeError } from './type-error.js'

const DETAILS = [{ type: 'urn:altinn:other', party: 'x' }]
const PERSONAL = { pid: '05848998356', authorizationDetails: DETAILS }

it.each([
  ['only defaults', {}],
  ['a consumer and a supplier', { consumer: '889640782', supplier: '991825827' }],
  ['every member', { scope: ['nav:a', 'nav:b'], audience: 'https://a.no', ...PERSONAL }],
])('for content with %s, fakeVerifiedToken returns the same token as a guard', async (_title, content) => {
  const clock = createTestClock()
  const mock = await createMockMaskinporten({ clock })
  const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch, clock })
  const claims = { jti: 'the-same', iat: clock.now() / 1000, exp: clock.now() / 1000 + 120, client_id: 'c' }
  const same = { scope: 'nav:a', ...content, claims }
  const verified = await validator.verify(await mock.issueToken(same), 'nav:a')
  const fake = fakeVerifiedToken(same)
  expect(fake).toEqual(verified)
  // These members are accessors, which `toEqual` does not compare.
  for (const name of ['pid', 'authorizationDetails', 'consents', 'claims'] as const)
    expect(fake[name]).toEqual(verified[name])
  expect(Object.keys(fake)).toEqual(Object.keys(verified))
  expect(JSON.stringify(fake)).toBe(JSON.stringify(verified))
})

it('a fake token is deeply frozen, and its JSON identifies no person', () => {
  const fake = fakeVerifiedToken(PERSONAL)
  expect(JSON.stringify(fake)).not.toContain('05848998356')
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    expect(Object.isFrozen(value)).toBe(true)
    for (const member of Object.values(value)) walk(member)
  }
  for (const value of [fake, fake.claims, fake.authorizationDetails, fake.consents]) walk(value)
})

it('a fake token does not change when the caller changes the given objects', () => {
  const scope = ['nav:a']
  const fake = fakeVerifiedToken({ scope, authorizationDetails: DETAILS })
  scope.push('nav:b')
  expect(fake.scopes).toEqual(['nav:a'])
  expect(Object.isFrozen(DETAILS[0])).toBe(false)
})

it.each<[string, object, RegExp]>([
  ['an unknown option', { scopes: 'nav:a' }, /no option `scopes`/],
  ['a header', { header: {} }, /no option `header`/],
  ['a pid of ten digits', { pid: '0584899835' }, /refuses a token with these claims: malformed_claims/],
  ['a missing consumer', { claims: { consumer: undefined } }, /missing_claim/],
])('fakeVerifiedToken refuses %s', (_title, content, message) => {
  expect(() => fakeVerifiedToken(content)).toThrow(typeError(message))
})
