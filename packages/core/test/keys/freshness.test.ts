import { describe, expect, it, test, vi } from 'vitest'
import { keyStage, nextStep } from '../../src/keys/freshness.js'
import { UpstreamError } from '../../src/platform/fetch-json.js'
import { fail, hang, jws, KEY_OPTIONS, KeyWorld, k1, k2, settle } from '../key-world.js'
import { reasonOfAsync } from '../refusal.js'

const DAY = 86_400

/** The stage of a world's keys, by what a request does with them. */
function stageOf(world: KeyWorld): string {
  const before = world.fetches
  const isUsed = world.keys.peek(jws('k1'), world.clock.now(), {}) !== undefined
  if (isUsed) return world.fetches > before ? 'stale' : 'fresh'
  return world.keys.health().usable ? 'overdue' : 'expired'
}

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
  ])('%f s after the fetch began, keys have the same stage by either clock: %s', async (age, stage) => {
    expect(keyStage(age, 600, KEY_OPTIONS)).toBe(stage)
    const [byElapsed, byWall] = [new KeyWorld(), new KeyWorld()]
    await Promise.all([byElapsed.find(), byWall.find()])
    byElapsed.clock.advance(age)
    expect(stageOf(byElapsed)).toBe(stage)
    byWall.step(age)
    expect(stageOf(byWall)).toBe(stage)
  })

  it('keys are expired before the first answer', () => {
    expect(stageOf(new KeyWorld())).toBe('expired')
  })

  it('keys are overdue right after `staleWhileRevalidate`, even when jitter makes `maxAge` longer', () => {
    const options = { ...KEY_OPTIONS, staleWhileRevalidate: 0 }
    expect(keyStage(600, 660, options)).toBe('fresh')
    expect(keyStage(600.001, 660, options)).toBe('overdue')
  })

  it('`staleWhileRevalidate` and `staleIfError` count from `maxAge`, as in RFC 5861', () => {
    const options = { ...KEY_OPTIONS, maxAge: 60, staleWhileRevalidate: 30, staleIfError: 120 }
    const stages = [59, 60, 90, 91, 180, 181].map((age) => keyStage(age, 60, options))
    expect(stages).toEqual(['fresh', 'stale', 'stale', 'overdue', 'overdue', 'expired'])
  })

  it('keys are expired when the clock returns NaN', async () => {
    expect(keyStage(Number.NaN, 600, KEY_OPTIONS)).toBe('expired')
    const world = new KeyWorld()
    await world.find()
    world.clock.now = () => Number.NaN
    expect(stageOf(world)).toBe('expired')
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
    ['expired', state(false, false, true), 'wait'],
    ['expired', state(false, true, true), 'wait'],
    ['expired', state(true, true, false), 'wait'],
    ['expired', state(false, true, false), 'give_up'],
  ] as const)('with %s keys and attempts %j: %s', (stage, attempts, expected) => {
    expect(nextStep(stage, attempts)).toBe(expected)
  })
})

describe('a refresh', () => {
  it('a second request waits for the refresh that the first one waits for', async () => {
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

  it('a refresh that began before the machine was suspended is followed by exactly one more', async () => {
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

  it('a request does not repeat a refresh that failed after it joined', async () => {
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

  it('the answer of a refresh that lasts longer than `staleWhileRevalidate` is used', async () => {
    const world = new KeyWorld({ options: { maxAge: 1, staleWhileRevalidate: 0 } })
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
  it('a step back of the wall clock changes nothing', async () => {
    const world = new KeyWorld()
    await world.find()
    for (const hours of [-1, -1000]) {
      world.step(hours * 3600)
      await world.find()
      expect(world.keys.health().keyAge).toBe(0)
    }
    expect(world.fetches).toBe(1)
  })

  it('a step forward of the wall clock causes a refresh, and 503 only if it fails and the keys are older than 24 hours', async () => {
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

  it('a step of the wall clock neither ends nor prolongs a back-off', async () => {
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

  it('timers keep the process alive while a request waits, but not for a background refresh', async () => {
    const { world, set } = watched()
    await world.find()
    expect(set).toEqual([false])
    world.clock.advance(601)
    await world.find()
    expect(set).toEqual([false, true])
  })

  it('timers keep the process alive for a request that joins a background refresh', async () => {
    const { world, set } = watched()
    await world.find()
    world.answer = hang
    world.clock.advance(601)
    await world.find()
    world.clock.advance(0.001)
    void world.find('k2').catch(() => undefined)
    expect(set).toEqual([false, true, false])
  })

  it('timers do not keep the process alive for a fetch that `health` begins', () => {
    const { world, set } = watched()
    world.keys.health()
    expect(set).toEqual([true])
  })
})
