import { expect, it, vi } from 'vitest'
import { keyStage, nextStep } from '../../src/keys/freshness.js'
import { UpstreamError } from '../../src/platform/fetch-json.js'
import { deferred } from '../deferred.js'
import { fail, hang, KEY_OPTIONS, KeyWorld, k1, k2, keyName, loadedWorld, settle } from '../key-world.js'

const DAY = 86_400

/** Returns the stage of the keys, inferred from the effect of a request. */
function stageOf(world: KeyWorld): string {
  const before = world.fetches
  const isUsed = world.keys.peek(keyName('k1'), world.clock.now(), {}) !== undefined
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

it('keys are expired before the first fetch', () => {
  expect(stageOf(new KeyWorld())).toBe('expired')
})

it('keys are overdue right after `staleWhileRevalidate`, even when jitter makes `maxAge` longer', () => {
  const options = { ...KEY_OPTIONS, staleWhileRevalidate: 0 }
  expect(keyStage(600, 660, options)).toBe('fresh')
  expect(keyStage(600.001, 660, options)).toBe('overdue')
})

it('`staleWhileRevalidate` and `staleIfError` count from `maxAge` (RFC 5861)', () => {
  const options = { ...KEY_OPTIONS, maxAge: 60, staleWhileRevalidate: 30, staleIfError: 120 }
  const stages = [59, 60, 90, 91, 180, 181].map((age) => keyStage(age, 60, options))
  expect(stages).toEqual(['fresh', 'stale', 'stale', 'overdue', 'overdue', 'expired'])
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

it('two requests that need newer keys wait for the same refresh', async () => {
  const world = await loadedWorld()
  const answer = deferred()
  world.answer = () => answer.promise
  world.clock.advance(901)
  const [known, unknown] = [world.refusal(), world.find('k2')]
  await settle()
  answer.resolve({ keys: [k2] })
  expect(await known).toBe('unknown_key')
  await expect(unknown).resolves.toBeDefined()
  expect(world.fetches).toBe(2)
})

it('a refresh during which the machine is suspended is followed by exactly one more refresh', async () => {
  const world = await loadedWorld()
  const answers: ((jwks: unknown) => void)[] = []
  world.answer = () => new Promise((resolve) => void answers.push(resolve))
  world.clock.advance(601)
  await world.find()
  world.step(3600)
  const waiting = world.refusal()
  answers[0]?.({ keys: [k1, k2] })
  await vi.waitUntil(() => answers.length === 2)
  answers[1]?.({ keys: [k2] })
  expect(await waiting).toBe('unknown_key')
  expect(answers).toHaveLength(2)
})

it('a request that waits for a key refresh does not repeat the refresh after a failure', async () => {
  const world = await loadedWorld()
  let refuse: (error: unknown) => void = () => undefined
  world.answer = () => new Promise((_resolve, reject) => (refuse = reject))
  world.clock.advance(601)
  await world.find()
  world.step(30 * DAY)
  const waiting = world.refusal()
  refuse(new UpstreamError('unreachable'))
  expect(await waiting).toBe('keys_unavailable')
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

it('a step back of the wall clock neither makes keys older nor causes a fetch', async () => {
  const world = await loadedWorld()
  for (const hours of [-1, -1000]) {
    world.step(hours * 3600)
    await world.find()
    expect(world.keys.health().keyAge).toBe(0)
  }
  expect(world.fetches).toBe(1)
})

it('a step forward of the wall clock causes a key refresh; if that fails, keys over 24 h old cause 503', async () => {
  const world = await loadedWorld()
  for (const days of [1, 30]) {
    world.step(days * DAY)
    await expect(world.find()).resolves.toBeDefined()
  }
  expect(world.fetches).toBe(3)
  world.answer = fail
  world.step(DAY)
  await expect(world.find()).resolves.toBeDefined()
  expect(world.fetches).toBe(4)
  world.step(0.001)
  expect(await world.refusal()).toBe('keys_unavailable')
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

/** Records for each timer whether it is a background timer. */
function watched() {
  const set: boolean[] = []
  const world = new KeyWorld({
    clockOf: (clock) => ({
      ...clock,
      after: (milliseconds, end, inBackground = false) => {
        set.push(inBackground)
        return clock.after(milliseconds, end)
      },
    }),
  })
  return { world, set }
}

it('a key fetch keeps the process alive while a request waits, but not in the background', async () => {
  const { world, set } = watched()
  await world.find()
  expect(set).toEqual([false])
  world.clock.advance(601)
  await world.find()
  expect(set).toEqual([false, true])
})

it('a request that joins a background key refresh sets a timer that keeps the process alive', async () => {
  const { world, set } = watched()
  await world.find()
  world.answer = hang
  world.clock.advance(601)
  await world.find()
  world.clock.advance(0.001)
  void world.refusal('k2')
  expect(set).toEqual([false, true, false])
})

it('the timer of a fetch that `health` begins does not keep the process alive', () => {
  const { world, set } = watched()
  world.keys.health()
  expect(set).toEqual([true])
})
