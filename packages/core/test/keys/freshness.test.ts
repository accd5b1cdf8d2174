import { createTestClock, type TestClock } from '@portvakt/mock'
import { beforeEach, describe, expect, it, test, vi } from 'vitest'
import { KeyFreshness, type KeyFreshnessParts, nextStep } from '../../src/keys/freshness.js'
import { KeyRefresh } from '../../src/keys/key-refresh.js'
import { Stopwatch } from '../../src/platform/clock.js'
import { UpstreamError } from '../../src/platform/fetch-json.js'
import { fail, hang, KeyWorld, k1, k2, settle, TIMING } from '../key-world.js'
import { reasonOfAsync } from '../refusal.js'

const DAY = 86_400

let clock: TestClock
beforeEach(() => {
  clock = createTestClock()
  clock.advance(1_000_000)
})

/** Keys that were fetched just now. */
function freshness(changes: Partial<KeyFreshnessParts> = {}): KeyFreshness {
  const parts = {
    timing: TIMING,
    clock,
    random: () => 0.5,
    isRequestScoped: false,
    isStatic: false,
    ...changes,
  }
  const load = () => Promise.reject(new UpstreamError('unreachable'))
  const made = new KeyFreshness(new KeyRefresh({ ...parts, load, deadline: 5000 }), parts)
  made.renew(1, new Stopwatch(clock))
  return made
}

const step = (seconds: number) => clock.set(clock.now() + seconds * 1000)

describe('the stage of keys', () => {
  test.each([
    [0, 'fresh'],
    [599.999, 'fresh'],
    [600, 'stale'],
    [900, 'stale'],
    [900.001, 'overdue'],
    [86_400, 'overdue'],
    [86_400.001, 'expired'],
    [30 * DAY, 'expired'],
  ])('%f s after the fetch began is the same by either clock: %s', (age, stage) => {
    const byElapsed = freshness()
    clock.advance(age)
    expect(byElapsed.stage).toBe(stage)
    const byWall = freshness()
    step(age)
    expect(byWall.stage).toBe(stage)
  })

  it('is expired before the first answer', () => {
    const parts = { timing: TIMING, clock, random: () => 0.5, isRequestScoped: false, isStatic: false }
    const none = new KeyFreshness(
      new KeyRefresh({ ...parts, load: async () => undefined, deadline: 5000 }),
      parts,
    )
    expect([none.stage, none.age]).toEqual(['expired', undefined])
  })

  it('is overdue right after `waitAfter`, even where jitter would keep the keys fresh for longer', () => {
    const timing = { ...TIMING, waitAfter: TIMING.freshFor }
    const keys = freshness({ timing, random: () => 1 })
    clock.advance(600.001)
    expect(keys.stage).toBe('overdue')
  })

  it('is expired when the clock is broken', () => {
    const keys = freshness({ clock })
    clock.now = () => Number.NaN
    expect(keys.stage).toBe('expired')
  })

  it('is always fresh for keys that the application gave', () => {
    const keys = freshness({ isStatic: true })
    step(30 * DAY)
    expect(keys.stage).toBe('fresh')
  })

  it('is not changed by an older answer that arrives last', () => {
    const keys = freshness()
    const late = new Stopwatch(clock)
    clock.advance(10)
    expect(keys.renew(3, new Stopwatch(clock))).toBe(true)
    expect(keys.renew(2, late)).toBe(false)
    expect(keys.age).toBe(0)
  })
})

describe('the next step of a request', () => {
  const state = (isInFlight: boolean, hasFailed: boolean, isRetryDue: boolean) => ({
    isInFlight,
    hasFailed,
    isRetryDue,
  })
  test.each([
    ['fresh', state(false, false, true), 'use'],
    ['fresh', state(false, true, true), 'use'],
    ['stale', state(false, false, true), 'refresh'],
    ['stale', state(true, false, true), 'use'],
    ['stale', state(false, true, false), 'use'],
    ['stale', state(false, true, true), 'refresh'],
    ['overdue', state(false, false, true), 'wait'],
    ['overdue', state(true, false, true), 'wait'],
    ['overdue', state(true, true, true), 'use'],
    ['overdue', state(false, true, false), 'use'],
    ['overdue', state(false, true, true), 'refresh'],
  ] as const)('with %s keys and attempts %j: %s', (stage, attempts, expected) => {
    expect(nextStep(stage, attempts)).toBe(expected)
  })
})

describe('a refresh', () => {
  it('that one request waits for, another that comes meanwhile waits for too', async () => {
    const world = new KeyWorld()
    await world.find()
    let answer: (jwks: unknown) => void = () => undefined
    world.answer = () =>
      new Promise((resolve) => {
        answer = resolve
      })
    world.clock.advance(901)
    const waiting = [world.find(), world.find('k2')]
    await settle()
    answer({ keys: [k2] })
    expect(await reasonOfAsync(waiting[0] ?? Promise.resolve())).toBe('unknown_key')
    await expect(waiting[1]).resolves.toBeDefined()
    expect(world.fetches).toBe(2)
  })

  it('that began before the machine was suspended is followed by another, and no further one', async () => {
    const world = new KeyWorld()
    await world.find()
    const answers: ((jwks: unknown) => void)[] = []
    world.answer = () => new Promise((resolve) => void answers.push(resolve))
    world.clock.advance(601)
    await world.find()
    world.step(3600)
    const waiting = world.find()
    answers[0]?.({ keys: [k1, k2] })
    await vi.waitUntil(() => answers.length === 2)
    answers[1]?.({ keys: [k2] })
    expect(await reasonOfAsync(waiting)).toBe('unknown_key')
    expect(answers).toHaveLength(2)
  })

  it('that fails after it was joined is not repeated by the request', async () => {
    const world = new KeyWorld()
    await world.find()
    let refuse: (error: unknown) => void = () => undefined
    world.answer = () => new Promise((_resolve, reject) => (refuse = reject))
    world.clock.advance(601)
    await world.find()
    world.step(30 * DAY)
    const waiting = reasonOfAsync(world.find())
    refuse(new UpstreamError('unreachable'))
    expect(await waiting).toBe('keys_unavailable')
    expect(world.fetches).toBe(2)
  })

  it('lasts longer than `waitAfter`, and its answer is used all the same', async () => {
    const world = new KeyWorld({ timing: { freshFor: 1, waitAfter: 1 } })
    world.answer = async () => {
      world.clock.advance(1.5)
      return { keys: [k1] }
    }
    await expect(world.find()).resolves.toBeDefined()
    await expect(world.find()).resolves.toBeDefined()
    expect(world.fetches).toBe(2)
  })
})

describe('a step of the wall clock', () => {
  it('back changes nothing', async () => {
    const world = new KeyWorld()
    await world.find()
    for (const hours of [-1, -1000]) {
      world.step(hours * 3600)
      await world.find()
      expect(world.keys.health().keyAge).toBe(0)
    }
    expect(world.fetches).toBe(1)
  })

  it('forward is a refresh, and 503 only if that fails and the keys are older than 24 hours', async () => {
    const world = new KeyWorld()
    await world.find()
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
    expect(await reasonOfAsync(world.find())).toBe('keys_unavailable')
  })

  it('neither ends a back-off nor prolongs it', async () => {
    const world = new KeyWorld()
    world.answer = fail
    await world.find().catch(() => undefined)
    world.step(DAY)
    await world.find().catch(() => undefined)
    expect(world.fetches).toBe(1)
    world.step(-2 * DAY)
    world.clock.advance(1)
    await world.find().catch(() => undefined)
    expect(world.fetches).toBe(2)
  })
})

describe('timers', () => {
  /** Every timer that is set: whether it is one of the background. */
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

  it('hold the process while a request waits, and not for a refresh in the background', async () => {
    const { world, set } = watched()
    await world.find()
    expect(set).toEqual([false])
    world.clock.advance(601)
    await world.find()
    expect(set).toEqual([false, true])
  })

  it('hold the process for a request that joins a refresh in the background', async () => {
    const { world, set } = watched()
    await world.find()
    world.answer = hang
    world.clock.advance(601)
    await world.find()
    world.clock.advance(0.001)
    void world.find('k2').catch(() => undefined)
    expect(set).toEqual([false, true, false])
  })

  it('do not hold the process for what health begins', () => {
    const { world, set } = watched()
    world.keys.health()
    expect(set).toEqual([true])
  })
})
