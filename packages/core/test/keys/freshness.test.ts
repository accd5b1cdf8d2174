import { expect, it, vi } from 'vitest'
import { keyStage, nextStep } from '../../src/keys/freshness.js'
import { fail, KEY_OPTIONS, KeyWorld, k1, k2, loadedWorld, settle } from '../key-world.js'

const DAY = 86_400
const K1 = { keyId: 'k1', algorithm: 'RS256' } as const

/** Returns the stage of the keys, inferred from the effect of a request. */
function stageOf(world: KeyWorld): string {
  const before = world.fetches
  const isUsed = world.keys.peek(K1, world.clock.now(), {}) !== undefined
  if (isUsed) return world.fetches > before ? 'stale' : 'fresh'
  return world.keys.health().usable ? 'overdue' : 'expired'
}

it.each([
  [0, 'fresh'],
  [599.999, 'fresh'],
  [600, 'stale'],
  [900, 'stale'],
  [900.001, 'overdue'],
  [86_400, 'overdue'],
  [86_400.001, 'expired'],
  [30 * DAY, 'expired'],
])('keys whose fetch began %f s ago, by the wall or the monotonic clock, are %s', async (age, stage) => {
  expect(keyStage(age, 600, KEY_OPTIONS)).toBe(stage)
  const [byElapsed, byWall] = await Promise.all([loadedWorld(), loadedWorld()])
  byElapsed.clock.advance(age)
  expect(stageOf(byElapsed)).toBe(stage)
  byWall.step(age)
  expect(stageOf(byWall)).toBe(stage)
})

it('`staleWhileRevalidate` and `staleIfError` count from `maxAge` (RFC 5861), whatever its jitter', () => {
  const options = { ...KEY_OPTIONS, maxAge: 60, staleWhileRevalidate: 5, staleIfError: 120 }
  const stages = [53, 54, 65, 66, 180, 181].map((age) => keyStage(age, 54, options))
  expect(stages).toEqual(['fresh', 'stale', 'stale', 'overdue', 'overdue', 'expired'])
  expect([65, 66].map((age) => keyStage(age, 66, options))).toEqual(['fresh', 'overdue'])
})

it('keys are expired when the clock returns NaN', async () => {
  expect(keyStage(Number.NaN, 600, KEY_OPTIONS)).toBe('expired')
  const world = await loadedWorld()
  world.clock.now = () => Number.NaN
  expect(stageOf(world)).toBe('expired')
})

it.each([
  ['fresh', { isInFlight: false, hasFailed: false, isRetryDue: true }, 'use'],
  ['fresh', { isInFlight: false, hasFailed: true, isRetryDue: true }, 'use'],
  ['stale', { isInFlight: false, hasFailed: false, isRetryDue: true }, 'refresh'],
  ['stale', { isInFlight: true, hasFailed: false, isRetryDue: true }, 'use'],
  ['stale', { isInFlight: false, hasFailed: true, isRetryDue: false }, 'use'],
  ['stale', { isInFlight: false, hasFailed: true, isRetryDue: true }, 'refresh'],
  ['overdue', { isInFlight: false, hasFailed: false, isRetryDue: true }, 'wait'],
  ['overdue', { isInFlight: true, hasFailed: false, isRetryDue: true }, 'wait'],
  ['overdue', { isInFlight: true, hasFailed: true, isRetryDue: true }, 'use'],
  ['overdue', { isInFlight: false, hasFailed: true, isRetryDue: false }, 'use'],
  ['overdue', { isInFlight: false, hasFailed: true, isRetryDue: true }, 'refresh'],
  ['expired', { isInFlight: false, hasFailed: false, isRetryDue: true }, 'wait'],
  ['expired', { isInFlight: false, hasFailed: true, isRetryDue: true }, 'wait'],
  ['expired', { isInFlight: true, hasFailed: true, isRetryDue: false }, 'wait'],
  ['expired', { isInFlight: false, hasFailed: true, isRetryDue: false }, 'give_up'],
] as const)('nextStep for %s keys and the attempt state %j returns: %s', (stage, attempts, expected) => {
  expect(nextStep(stage, attempts)).toBe(expected)
})

it('a refresh during which the machine is suspended is followed by exactly one more refresh', async () => {
  const world = await loadedWorld()
  const refresh = await world.beginRefresh()
  world.step(3600)
  const waiting = world.refusal()
  world.publish(k2)
  refresh.resolve({ keys: [k1, k2] })
  expect(await waiting).toBe('unknown_key')
  expect(world.fetches).toBe(3)
})

it('expired keys are not used after a failed refresh, and a request that waited does not repeat the refresh', async () => {
  const world = await loadedWorld()
  const refresh = await world.beginRefresh()
  world.step(30 * DAY)
  const waiting = world.refusal()
  refresh.resolve(fail())
  expect(await waiting).toBe('keys_unavailable')
  expect(await world.refusal()).toBe('keys_unavailable')
  expect(world.fetches).toBe(2)
})

it('keys are used even if their fetch lasts longer than `maxAge` and `staleWhileRevalidate`', async () => {
  const world = new KeyWorld({ options: { maxAge: 1, staleWhileRevalidate: 0 } })
  world.answer = async () => {
    world.clock.advance(1.5)
    return { keys: [k1] }
  }
  for (const _ of [1, 2]) await expect(world.find()).resolves.toBeDefined()
  expect(world.fetches).toBe(2)
})

it('a step of the wall clock neither ends nor prolongs the pause after a failed key fetch', async () => {
  const world = new KeyWorld()
  world.answer = fail
  await world.refusal()
  world.step(DAY)
  await world.refusal()
  expect(world.fetches).toBe(1)
  world.step(-2 * DAY)
  world.clock.advance(1)
  await world.refusal()
  expect(world.fetches).toBe(2)
})

it('a key fetch keeps the process alive only while a request waits for that fetch', async () => {
  const world = new KeyWorld()
  const after = vi.spyOn(world.clock, 'after')
  const inBackground = () => after.mock.calls.map(([, , background = false]) => background)
  for (const _ of [1, 2]) world.keys.health()
  await settle()
  const refresh = await world.beginRefresh()
  expect(inBackground()).toEqual([true, true])
  const joined = world.refusal('k2')
  expect(inBackground()).toEqual([true, true, false])
  refresh.resolve({ keys: [k1] })
  // The refresh lacks the key, so the request begins a fetch and waits.
  await joined
  expect(inBackground()).toEqual([true, true, false, false])
  world.clock.advance(901)
  await world.find()
  expect(inBackground()).toEqual([true, true, false, false, false])
})
