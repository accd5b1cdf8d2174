import { createTexasValidator, type DecisionEvent } from '@portvakt/core'
import { createTestClock, type TestClock } from '@portvakt/mock'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ISSUER, NOW } from '../security/forge.js'
import { outcomeOf, TexasServer } from './texas-server.js'
import { forge, until } from './world.js'

const GOOD = forge.token({ exp: NOW + 3600 })
/** A token signed by a published key that Texas has not fetched. */
const OF_UNSEEN_KEY = forge.signedBy(forge.bystander, { exp: NOW + 3600 })

let texas: TexasServer
let clock: TestClock
let events: DecisionEvent[]
let validator: ReturnType<typeof createTexasValidator>
beforeEach(async () => {
  texas = new TexasServer([forge.known.jwk.kid])
  clock = createTestClock(NOW * 1000)
  events = []
  validator = createTexasValidator({
    issuer: ISSUER,
    jwks: { keys: [forge.known.jwk, forge.bystander.jwk] },
    introspectionEndpoint: await texas.listen(),
    clock,
    onDecision: (event) => events.push(event),
  })
  await validator.ready()
})
afterEach(() => texas.close())

const present = (token: string) => outcomeOf(validator, token)

it('forged and expired tokens leave the health of a Texas validator unchanged', async () => {
  const before = validator.health()
  expect(before).toMatchObject({ usable: true, keys: 2 })
  expect(await present(forge.forged())).toBe('401 bad_signature')
  expect(await present(forge.token({ exp: NOW - 60, iat: NOW - 100 }))).toBe('401 expired')
  expect(validator.health()).toEqual(before)
  expect(texas.shown).toEqual([])
})

it('a token signed by a key that Texas does not have gets 503 at the timeout, and the instance stays usable', async () => {
  const answered = present(OF_UNSEEN_KEY)
  await until(() => texas.shown.length === 1)
  clock.advance(4.9)
  expect(texas.abandoned).toBe(0)
  clock.advance(0.1)
  expect(await answered).toBe('503 introspection_unavailable')
  await until(() => texas.abandoned > 0)
  expect(events[0]).toMatchObject({ reason: 'introspection_unavailable', upstreamFailure: 'timeout' })
  expect(await present(GOOD)).toBe('allowed')
  await validator.ready()
  expect(validator.health().usable).toBe(true)
})

it('a token signed by a key that Texas does not have does not make a concurrent readiness probe fail', async () => {
  clock.advance(4)
  const answered = present(OF_UNSEEN_KEY)
  await until(() => texas.shown.length === 1)
  clock.advance(1)
  expect(validator.health().usable).toBe(true)
  await until(() => texas.gets === 1)
  await validator.ready()
  expect(validator.health().usable).toBe(true)
  clock.advance(4)
  expect(await answered).toBe('503 introspection_unavailable')
})

it('while Texas is unavailable, valid tokens get 503, and `health().usable` turns false within two timeouts', async () => {
  const begun = clock.elapsed()
  await texas.close()
  clock.advance(5)
  expect(validator.health().usable).toBe(true)
  await until(() => !validator.health().usable)
  expect(clock.elapsed() - begun).toBeLessThanOrEqual(10_000)
  expect(validator.health()).toMatchObject({ lastFailure: { reason: 'unreachable', code: 'ECONNREFUSED' } })
  expect(await present(GOOD)).toBe('503 introspection_unavailable')
  expect(events.at(-1)).toMatchObject({
    upstreamFailure: 'unreachable',
    upstreamFailureCode: 'ECONNREFUSED',
  })
  await expect(validator.ready()).rejects.toThrow('introspection_unavailable')
  expect(await present(forge.forged())).toBe('401 bad_signature')
})
