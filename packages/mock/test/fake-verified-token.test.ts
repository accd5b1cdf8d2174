import { createMaskinportenValidator, type VerifiedToken } from '@portvakt/core'
import { describe, expect, it, test } from 'vitest'
import {
  createMockMaskinporten,
  createTestClock,
  fakeVerifiedToken,
  type TokenContent,
} from '../src/index.js'

const DETAILS = [{ type: 'urn:altinn:other', party: 'x' }]

it.each<[string, TokenContent]>([
  ['as little as a token has', {}],
  ['a supplier', { supplier: '991825827' }],
  [
    'everything',
    {
      scope: ['nav:a', 'nav:b'],
      audience: 'https://a.no',
      pid: '05848998356',
      authorizationDetails: DETAILS,
    },
  ],
])('is just what a guard hands out, with %s', async (_title, content) => {
  const clock = createTestClock()
  const mock = await createMockMaskinporten({ clock })
  const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch, clock })
  const claims = { jti: 'the-same', iat: clock.now() / 1000, exp: clock.now() / 1000 + 120, client_id: 'c' }
  const same = { scope: 'nav:a', ...content, claims }
  const verified = await validator.verify(await mock.issueToken(same), 'nav:a')
  const fake = fakeVerifiedToken(same)
  expect(fake).toEqual(verified)
  // Accessors, which `toEqual` does not see.
  for (const name of ['pid', 'authorizationDetails', 'consents', 'claims'] as const)
    expect(fake[name]).toEqual(verified[name])
  expect(Object.keys(fake)).toEqual(Object.keys(verified))
  expect(JSON.stringify(fake)).toBe(JSON.stringify(verified))
})

it('shows no person when it is logged, and is frozen all the way down', () => {
  const fake = fakeVerifiedToken({ pid: '05848998356', authorizationDetails: DETAILS })
  expect(JSON.stringify(fake)).not.toContain('05848998356')
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    expect(Object.isFrozen(value)).toBe(true)
    for (const member of Object.values(value)) walk(member)
  }
  for (const value of [fake, fake.claims, fake.authorizationDetails, fake.consents]) walk(value)
})

describe('it is made for tests of services', () => {
  const nameOf = (token: VerifiedToken) => token.consumer.organisationNumber

  it('by the number of the organisation that calls', () => {
    expect(nameOf(fakeVerifiedToken({ consumer: '889640782' }))).toBe('889640782')
    expect(nameOf(fakeVerifiedToken())).toBe('314330897')
  })

  it('and keeps nothing of its caller’s', () => {
    const scope = ['nav:a']
    const fake = fakeVerifiedToken({ scope, authorizationDetails: DETAILS })
    scope.push('nav:b')
    expect(fake.scopes).toEqual(['nav:a'])
    expect(Object.isFrozen(DETAILS[0])).toBe(false)
  })
})

test.each<[string, object, RegExp]>([
  ['a misspelt option', { scopes: 'nav:a' }, /no option `scopes`/],
  ['a header, as it has none', { header: {} }, /no option `header`/],
  ['a person of ten digits', { pid: '0584899835' }, /refuses a token with these claims: malformed_claims/],
  ['a missing consumer', { claims: { consumer: undefined } }, /missing_claim/],
])('%s is a mistake', (_title, content, message) => {
  expect(() => fakeVerifiedToken(content)).toThrow(TypeError)
  expect(() => fakeVerifiedToken(content)).toThrow(message)
})
