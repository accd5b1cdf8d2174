import { createMockMaskinporten, createTestClock, type MockMaskinporten } from '@portvakt/mock'
import { beforeEach, describe, expect, it, test, vi } from 'vitest'
import type { DecisionEvent } from '../../src/decision/event.js'
import type { AccessRequirement } from '../../src/requirements/requirement.js'
import { createTexasValidator } from '../../src/texas-validator.js'
import { createMaskinportenValidator, type MaskinportenValidator } from '../../src/validator.js'

const READ = 'nav:x.read'

const clock = createTestClock()
let mock: MockMaskinporten
let stranger: MockMaskinporten
let events: DecisionEvent[]
let validator: MaskinportenValidator
beforeEach(async () => {
  mock = await createMockMaskinporten({ clock })
  stranger = await createMockMaskinporten({ clock })
  events = []
  validator = createMaskinportenValidator({ ...upstream(), onDecision: (event) => events.push(event) })
  await validator.ready()
})
const upstream = () => ({ issuer: mock.issuer, fetch: mock.fetch, clock })

/** What the event of a decision says about the token's proof, and the reason of a refusal. */
async function told(
  authorization: string | undefined,
): Promise<Pick<DecisionEvent, 'verified'> & { reason: string }> {
  await validator.decide(authorization, READ)
  const { allowed, verified, reason } = events.at(-1) ?? expect.unreachable('no event')
  return { verified, reason: allowed ? 'allowed' : String(reason) }
}

describe('an event says that the token is verified', () => {
  test.each<[string, string, (issuer: MockMaskinporten) => Promise<string>]>([
    ['for an allowed request', 'allowed', (own) => own.issueToken({ scope: READ })],
    ['for a missing scope', 'insufficient_scope', (own) => own.issueToken({ scope: 'nav:other' })],
    [
      'for a token that expired, once its key is known',
      'expired',
      (own) => own.issueToken({ scope: READ, expiresIn: -60 }),
    ],
    [
      'for a token from the future',
      'issued_in_future',
      (own) => own.issueToken({ scope: READ, claims: { iat: clock.now() / 1000 + 60 } }),
    ],
    [
      'for a token with a bad claim',
      'malformed_claims',
      (own) => own.issueToken({ scope: READ, claims: { consumer: 7 } }),
    ],
  ])('%s', async (_title, reason, issue) => {
    expect(await told(`Bearer ${await issue(mock)}`)).toEqual({ verified: true, reason })
  })

  it('`verified` is true for a repeated token', async () => {
    const authorization = `Bearer ${await mock.issueToken({ scope: READ })}`
    const seen = [await told(authorization), await told(authorization), await told(authorization)]
    expect(seen).toEqual(Array(3).fill({ verified: true, reason: 'allowed' }))
  })
})

describe('an event does not say that a token is verified', () => {
  it('`verified` is false without a token', async () => {
    expect(await told(undefined)).toEqual({ verified: false, reason: 'no_credentials' })
    expect(await told('Basic abc')).toEqual({ verified: false, reason: 'other_scheme' })
    expect(await told('Bearer abc')).toEqual({ verified: false, reason: 'malformed_token' })
    await validator.refuseUnguarded()
    expect(events.at(-1)).toMatchObject({ verified: false, reason: 'no_guard' })
  })

  test.each<[string, object]>([
    ['idporten_token', { issuer: 'https://idporten.no' }],
    ['wrong_environment', { issuer: 'https://maskinporten.no/' }],
    ['issued_in_future', { claims: { iat: clock.now() / 1000 + 60 } }],
    ['not_yet_valid', { claims: { nbf: clock.now() / 1000 + 60 } }],
    ['expired', { expiresIn: -60 }],
    ['unknown_key', {}],
  ])('`verified` is false when an unknown key signed the token: %s', async (reason, options) => {
    const issuer = 'https://test.maskinporten.no/'
    const own = createMaskinportenValidator({
      issuer,
      jwks: mock.jwks(),
      clock,
      onDecision: (event) => events.push(event),
    })
    const token = await stranger.issueToken({ issuer, scope: READ, header: { kid: 'unknown' }, ...options })
    await own.decide(`Bearer ${token}`, READ)
    expect(events.at(-1)).toMatchObject({ verified: false, reason })
  })

  it('`verified` is false when the signature is invalid, whatever the claims say', async () => {
    const { kid } = mock.jwks().keys[0] ?? expect.unreachable('no key')
    for (const options of [{}, { expiresIn: -60 }, { claims: { iat: 1e12 } }]) {
      const forged = await stranger.issueToken({ scope: READ, header: { kid }, ...options })
      expect(await told(`Bearer ${forged}`)).toEqual({ verified: false, reason: 'bad_signature' })
    }
  })

  it('`verified` is false when the key was removed, although the token was verified before', async () => {
    const authorization = `Bearer ${await mock.issueToken({ scope: READ, expiresIn: 3600 })}`
    for (let time = 0; time < 2; time++) expect(await told(authorization)).toMatchObject({ verified: true })
    await mock.rotateKeys({ keepOld: false })
    clock.advance(661)
    await told(`Bearer ${await mock.issueToken({ scope: READ })}`)
    await validator.ready()
    expect(await told(authorization)).toEqual({ verified: false, reason: 'unknown_key' })
  })

  it('`verified` is false when keys cannot be fetched', async () => {
    validator = createMaskinportenValidator({
      issuer: mock.issuer,
      fetch: () => Promise.reject(new TypeError('fetch failed')),
      clock,
      onDecision: (event) => events.push(event),
    })
    const token = await mock.issueToken({ scope: READ })
    expect(await told(`Bearer ${token}`)).toEqual({ verified: false, reason: 'keys_unavailable' })
  })
})

describe('an event has the scopes', () => {
  const BOTH: AccessRequirement = { scope: { allOf: [READ, { anyOf: ['nav:x.write', 'nav:x.admin'] }] } }
  const TEXT = 'nav:x.read and (nav:x.write or nav:x.admin)'

  test.each<[string, string, AccessRequirement, object]>([
    ['of a refusal for a missing scope', 'nav:other', READ, { requiredScope: READ, scopes: ['nav:other'] }],
    [
      'of a nested requirement, in full',
      `${READ} nav:y`,
      BOTH,
      { requiredScope: TEXT, scopes: [READ, 'nav:y'] },
    ],
    [
      'of a scope written as in nais.yaml',
      'nav:x.read',
      'nav:y:x.read',
      { requiredScope: 'nav:y:x.read', scopes: ['nav:x.read'] },
    ],
    [
      'of another refusal',
      READ,
      { scope: READ, consumers: ['991825827'] },
      { reason: 'consumer_not_allowed', requiredScope: READ, scopes: [READ] },
    ],
    ['of an allowed request', READ, READ, { allowed: true, requiredScope: READ, scopes: [READ] }],
    [
      'that a function of the request requires',
      READ,
      async () => 'nav:other',
      { requiredScope: 'nav:other', scopes: [READ] },
    ],
  ])('%s', async (_title, scope, requirement, expected) => {
    await validator.decide(`Bearer ${await mock.issueToken({ scope })}`, requirement)
    expect(events.at(-1)).toMatchObject(expected)
  })

  it('an event has the scopes of a token only once it is verified', async () => {
    const { kid } = mock.jwks().keys[0] ?? expect.unreachable('no key')
    const forged = await stranger.issueToken({ scope: 'nav:forged', header: { kid } })
    await validator.decide(`Bearer ${forged}`, READ)
    expect(events.at(-1)).toMatchObject({ reason: 'bad_signature', requiredScope: READ })
    expect(events.at(-1)).not.toHaveProperty('scopes')
  })

  it('an event has the required scopes only when the requirement is known', async () => {
    await validator.decide(undefined, async () => READ)
    await validator.refuseUnguarded()
    for (const event of events) expect(event).not.toHaveProperty('requiredScope')
    expect(events.map(({ reason }) => reason)).toEqual(['no_credentials', 'no_guard'])
  })

  it('an event has its scopes in a list that a listener cannot change', async () => {
    await validator.decide(`Bearer ${await mock.issueToken({ scope: READ })}`, READ)
    const { scopes } = events.at(-1) ?? expect.unreachable('no event')
    expect(() => (scopes as string[]).push('nav:x.write')).toThrow(TypeError)
  })
})

it('a listener gets the request of the context, from every method that decides', async () => {
  const listener = vi.fn()
  const own = createMaskinportenValidator({ ...upstream(), onDecision: listener })
  const request = { own: 'request' }
  const token = await mock.issueToken({ scope: READ })
  await own.decide(`Bearer ${token}`, READ, { request })
  await own.decide(undefined, READ, { request })
  await own.verify(token, READ, { request })
  await own.verify('x', READ, { request }).catch(() => undefined)
  await own.refuseUnguarded({ request })
  expect(listener.mock.calls.map(([{ allowed }]) => allowed)).toEqual([true, false, true, false, false])
  for (const call of listener.mock.calls) expect(call[1]).toBe(request)
  await own.verify(token, READ)
  expect(listener.mock.lastCall?.[1]).toBeUndefined()
  await own.explain(token, READ, { request })
  expect(listener).toHaveBeenCalledTimes(6)
})

it('an event names the key of every well-formed token, and of no other', async () => {
  const keyIdOf = async (token: string) => {
    await validator.decide(`Bearer ${token}`, READ)
    return events.at(-1)?.keyId
  }
  const { kid } = mock.jwks().keys[0] ?? expect.unreachable('no key')
  const good = await mock.issueToken({ scope: READ })
  expect(await keyIdOf(good)).toBe(kid)
  expect(await keyIdOf(await stranger.issueToken({ scope: READ, header: { kid } }))).toBe(kid)
  expect(await keyIdOf(await stranger.issueToken({ header: { kid: 'unknown' } }))).toBe('unknown')
  const [header, , signature] = good.split('.')
  const malformed = [
    await mock.issueToken({ header: { alg: 'HS256' } }),
    await mock.issueToken({ header: { kid: 'a b' } }),
    `${header}.AAAA.${signature}`,
    `${header}.${signature}`,
  ]
  for (const token of malformed) expect(await keyIdOf(token)).toBeUndefined()
})

describe('with Texas, an event of a signed token is verified and names the caller', () => {
  const answers: readonly (readonly [string, object, object])[] = [
    ['when Texas says that it is active', { active: true }, { verified: true, allowed: true }],
    [
      'when Texas says that it is not',
      { active: false },
      { verified: true, reason: 'inactive_token', scopes: [READ] },
    ],
  ]
  test.each(answers)('%s', async (_title, answer, expected) => {
    const token = await mock.issueToken({ scope: READ })
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    validator = createTexasValidator({
      issuer: mock.issuer,
      jwks: mock.jwks(),
      introspectionEndpoint: 'http://127.0.0.1:3000/introspect',
      fetch: async () => Response.json({ ...claims, ...answer }),
      clock,
      onDecision: (event) => events.push(event),
    })
    await validator.decide(`Bearer ${token}`, READ)
    expect(events.at(-1)).toMatchObject(expected)
  })
})
