import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { AccessRequirement } from '../../src/requirements/requirement.js'
import type { MaskinportenValidator } from '../../src/validator.js'
import { isDeeplyFrozen } from '../deeply-frozen.js'
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

const keyId = () => mock.jwks().keys[0]?.kid ?? expect.unreachable('no key')
/** A token with the `kid` of Maskinporten's key, signed by another key. */
const forged = (options?: object) =>
  stranger.issueToken({ issuer: mock.issuer, scope: READ, header: { kid: keyId() }, ...options })

const unknown = (options?: object) => forged({ header: { kid: 'unknown' }, ...options })

it.each<[string, boolean, string, () => Promise<string>]>([
  ['a valid token', true, 'allowed', () => readToken()],
  ['a token without the scope', true, 'insufficient_scope', () => readToken({ scope: 'nav:other' })],
  ['an expired token', true, 'expired', () => readToken({ expiresIn: -60 })],
  ['malformed claims', true, 'malformed_claims', () => readToken({ claims: { consumer: 7 } })],
  ['a malformed token', false, 'malformed_token', async () => 'abc'],
  ['an unknown key', false, 'wrong_environment', () => unknown({ issuer: 'https://maskinporten.no/' })],
  ['an unknown key', false, 'expired', () => unknown({ expiresIn: -60 })],
  ['an unknown key', false, 'unknown_key', unknown],
  ['an invalid signature', false, 'bad_signature', forged],
  ['an invalid signature', false, 'bad_signature', () => forged({ expiresIn: -60 })],
])(
  'every event for %s has `verified: %s`, here with the outcome %s',
  async (_title, verified, outcome, issue) => {
    const token = await issue()
    for (let time = 0; time < 3; time++) {
      await shared.decide(`Bearer ${token}`, READ)
      const { allowed, reason, ...event } = lastEvent()
      expect([event.verified, allowed ? 'allowed' : reason]).toEqual([verified, outcome])
    }
  },
)

it('the event for a request without a token has `verified: false`, and the scope of a known requirement', async () => {
  await shared.decide(undefined, READ)
  await shared.decide(undefined, async () => READ)
  await shared.refuseUnguarded()
  const reasons = ['no_credentials', 'no_credentials', 'no_guard']
  expect(events).toMatchObject(reasons.map((reason) => ({ verified: false, reason })))
  expect(events.map(({ requiredScope }) => requiredScope)).toEqual([READ, undefined, undefined])
})

it('an event has `verified: false` for a token whose key is no longer published', async () => {
  const authorization = await bearer({ expiresIn: 3600 })
  for (let time = 0; time < 2; time++) await shared.decide(authorization, READ)
  await mock.rotateKeys({ keepOld: false })
  clock.advance(661)
  await shared.decide(await bearer(), READ)
  await shared.ready()
  await shared.decide(authorization, READ)
  expect(lastEvent()).toMatchObject({ verified: false, reason: 'unknown_key' })
})

it('the event of a failed key fetch has `verified: false`, and no `upstreamFailureCode` without an error code', async () => {
  await validator({ fetch: () => Promise.reject(new TypeError('fetch failed')) }).decide(await bearer(), READ)
  expect(lastEvent()).toMatchObject({ verified: false, reason: 'keys_unavailable' })
  expect(lastEvent()).not.toHaveProperty('upstreamFailureCode')
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

  it.each<[string, string, AccessRequirement, object]>([
    ['a nested requirement', `${READ} nav:y`, BOTH, { reason: 'insufficient_scope', ...NESTED }],
    ['an allowed request', READ, READ, { allowed: true, requiredScope: READ, scopes: [READ] }],
    ['a computed requirement', READ, async () => 'nav:other', { requiredScope: 'nav:other', scopes: [READ] }],
  ])(
    'the event for %s has the required scope and the scopes of the token',
    async (_, scope, requirement, expected) => {
      await shared.decide(await bearer({ scope }), requirement)
      expect(lastEvent()).toMatchObject(expected)
    },
  )

  it('a listener cannot change an event, at any depth', async () => {
    await shared.decide(await bearer(), READ)
    expect(isDeeplyFrozen(lastEvent())).toBe(true)
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
  for (const token of [await readToken({ header: { alg: 'HS256' } }), `${header}.AAAA.${signature}`])
    expect(await keyIdOf(token)).toBeUndefined()
})
