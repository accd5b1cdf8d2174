import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { DecisionEvent } from '../../src/decision/event.js'
import type { AccessRequirement } from '../../src/requirements/requirement.js'
import type { MaskinportenValidator } from '../../src/validator.js'
import {
  bearer,
  clock,
  events,
  lastEvent,
  mock,
  newMock,
  READ,
  readToken,
  stranger,
  texasValidator,
  useWorld,
  validator,
} from '../validator-world.js'

useWorld()

let shared: MaskinportenValidator
beforeEach(async () => {
  await newMock()
  shared = validator()
  await shared.ready()
})

/** Returns `verified` and `reason` of a decision's event. */
async function eventFor(
  authorization: string | undefined,
): Promise<Pick<DecisionEvent, 'verified'> & { reason: string }> {
  await shared.decide(authorization, READ)
  const { allowed, verified, reason } = lastEvent()
  return { verified, reason: allowed ? 'allowed' : String(reason) }
}

const keyId = () => mock.jwks().keys[0]?.kid ?? expect.unreachable('no key')
/** A token with the `kid` of Maskinporten's key, signed by another key. */
const forged = (options?: object) =>
  stranger.issueToken({ issuer: mock.issuer, scope: READ, header: { kid: keyId() }, ...options })

/** Seconds since the epoch, long after every time of the test clock. */
const FUTURE = 4_000_000_000

it.each<[string, object]>([
  ['allowed', {}],
  ['insufficient_scope', { scope: 'nav:other' }],
  ['expired', { expiresIn: -60 }],
  ['issued_in_future', { claims: { iat: FUTURE } }],
  ['malformed_claims', { claims: { consumer: 7 } }],
])('an event has `verified: true` for a token with a valid signature: %s', async (reason, options) => {
  expect(await eventFor(await bearer(options))).toEqual({ verified: true, reason })
})

it('an event has `verified: true` each time the same token is sent', async () => {
  const authorization = await bearer()
  for (let time = 0; time < 3; time++)
    expect(await eventFor(authorization)).toEqual({ verified: true, reason: 'allowed' })
})

it('an event has `verified: false` if the request has no token', async () => {
  expect(await eventFor(undefined)).toEqual({ verified: false, reason: 'no_credentials' })
  expect(await eventFor('Basic abc')).toEqual({ verified: false, reason: 'other_scheme' })
  expect(await eventFor('Bearer abc')).toEqual({ verified: false, reason: 'malformed_token' })
  await shared.refuseUnguarded()
  expect(lastEvent()).toMatchObject({ verified: false, reason: 'no_guard' })
})

it.each<[string, object]>([
  ['idporten_token', { issuer: 'https://idporten.no' }],
  ['wrong_environment', { issuer: 'https://maskinporten.no/' }],
  ['issued_in_future', { claims: { iat: FUTURE } }],
  ['not_yet_valid', { claims: { nbf: FUTURE } }],
  ['expired', { expiresIn: -60 }],
  ['unknown_key', {}],
])('when a token with an unknown key is refused as %s, `verified` is false', async (reason, options) => {
  const token = await forged({ header: { kid: 'unknown' }, ...options })
  await validator({ jwks: mock.jwks() }).decide(`Bearer ${token}`, READ)
  expect(lastEvent()).toMatchObject({ verified: false, reason })
})

it('an event has `verified: false` for a token with an invalid signature, whatever its claims', async () => {
  for (const options of [{}, { expiresIn: -60 }, { claims: { iat: 1e12 } }]) {
    const seen = await eventFor(`Bearer ${await forged(options)}`)
    expect(seen).toEqual({ verified: false, reason: 'bad_signature' })
  }
})

it('an event has `verified: false` for a token whose key is no longer published', async () => {
  const authorization = await bearer({ expiresIn: 3600 })
  for (let time = 0; time < 2; time++) expect(await eventFor(authorization)).toMatchObject({ verified: true })
  await mock.rotateKeys({ keepOld: false })
  clock.advance(661)
  await eventFor(await bearer())
  await shared.ready()
  expect(await eventFor(authorization)).toEqual({ verified: false, reason: 'unknown_key' })
})

it('an event has `verified: false` when keys cannot be fetched', async () => {
  shared = validator({ fetch: () => Promise.reject(new TypeError('fetch failed')) })
  expect(await eventFor(await bearer())).toEqual({ verified: false, reason: 'keys_unavailable' })
})

it.each([
  [{ active: true }, { verified: true, allowed: true }],
  [{ active: false }, { verified: true, reason: 'inactive_token', scopes: [READ] }],
])('an event has `verified: true` for a signed token when Texas answers %j', async (answer, expected) => {
  const texas = texasValidator({ fetch: async () => Response.json(answer) })
  await texas.decide(await bearer(), READ)
  expect(lastEvent()).toMatchObject(expected)
})

describe('the scopes of an event', () => {
  const BOTH: AccessRequirement = { scope: { allOf: [READ, { anyOf: ['nav:x.write', 'nav:x.admin'] }] } }
  const NESTED = { requiredScope: 'nav:x.read and (nav:x.write or nav:x.admin)', scopes: [READ, 'nav:y'] }
  const CONSUMERS = { scope: READ, consumers: ['991825827'] }
  const REQUIRED = { requiredScope: READ, scopes: [READ] }

  it.each<[string, string, AccessRequirement, object]>([
    ['a missing scope', 'nav:other', READ, { requiredScope: READ, scopes: ['nav:other'] }],
    ['a nested requirement', `${READ} nav:y`, BOTH, NESTED],
    [
      'a scope by its name in nais.yaml',
      READ,
      'nav:y:x.read',
      { requiredScope: 'nav:y:x.read', scopes: [READ] },
    ],
    ['a refusal for another reason', READ, CONSUMERS, { reason: 'consumer_not_allowed', ...REQUIRED }],
    ['an allowed request', READ, READ, { allowed: true, ...REQUIRED }],
    ['a computed requirement', READ, async () => 'nav:other', { requiredScope: 'nav:other', scopes: [READ] }],
  ])(
    'the event for %s has the required scope and the scopes of the token',
    async (_, scope, requirement, expected) => {
      await shared.decide(await bearer({ scope }), requirement)
      expect(lastEvent()).toMatchObject(expected)
    },
  )

  it('an event has the scopes of a token only if the token is verified', async () => {
    await shared.decide(`Bearer ${await forged({ scope: 'nav:forged' })}`, READ)
    expect(lastEvent()).toMatchObject({ reason: 'bad_signature', requiredScope: READ })
    expect(lastEvent()).not.toHaveProperty('scopes')
  })

  it('an event has the required scope only when the requirement is known', async () => {
    await shared.decide(undefined, async () => READ)
    await shared.refuseUnguarded()
    for (const event of events) expect(event).not.toHaveProperty('requiredScope')
    expect(events.map(({ reason }) => reason)).toEqual(['no_credentials', 'no_guard'])
  })

  it('a listener cannot change the scopes of an event', async () => {
    await shared.decide(await bearer(), READ)
    expect(() => (lastEvent().scopes as string[]).push('nav:x.write')).toThrow(TypeError)
  })
})

it('`verify`, `decide` and `refuseUnguarded` pass the request of their context to the listener', async () => {
  const listener = vi.fn()
  const own = validator({ onDecision: listener })
  const request = { own: 'request' }
  const token = await readToken()
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

it('an event has the `keyId` of every well-formed token, and never of a malformed token', async () => {
  const keyIdOf = async (token: string) => {
    await shared.decide(`Bearer ${token}`, READ)
    return lastEvent().keyId
  }
  const good = await readToken()
  expect(await keyIdOf(good)).toBe(keyId())
  expect(await keyIdOf(await forged())).toBe(keyId())
  expect(await keyIdOf(await forged({ header: { kid: 'unknown' } }))).toBe('unknown')
  const [header, , signature] = good.split('.')
  const malformed = [
    await readToken({ header: { alg: 'HS256' } }),
    await readToken({ header: { kid: 'a b' } }),
    `${header}.AAAA.${signature}`,
    `${header}.${signature}`,
  ]
  for (const token of malformed) expect(await keyIdOf(token)).toBeUndefined()
})
