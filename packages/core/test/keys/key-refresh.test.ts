import { createTestClock, type TestClock } from '@portvakt/mock'
import { beforeEach, expect, it, vi } from 'vitest'
import { KeyRefresh, type KeyRefreshParts } from '../../src/keys/key-refresh.js'
import { UpstreamError } from '../../src/platform/fetch-json.js'

const DEADLINE = 5_000

let clock: TestClock
/** Functions that settle each attempt, in the order in which the attempts began. */
let attempts: { succeed: () => void; fail: (error: unknown) => void }[]

beforeEach(() => {
  clock = createTestClock()
  // Simulates a long uptime: only differences between readings of the clock may matter.
  clock.advance(1_000_000)
  attempts = []
})

function refresh(changes: Partial<KeyRefreshParts> = {}): KeyRefresh {
  const load = () => new Promise<void>((succeed, fail) => void attempts.push({ succeed, fail }))
  const parts = { load, timeout: DEADLINE, clock, random: () => 0.5, isRequestScoped: false }
  return new KeyRefresh({ ...parts, ...changes })
}

/** Begins an attempt whose timer never fires, like the timer of a request that has ended on workerd. */
function refreshWithoutTimer(changes: Partial<KeyRefreshParts> = {}): KeyRefresh {
  vi.spyOn(clock, 'after').mockReturnValueOnce(() => undefined)
  const keys = refresh(changes)
  void keys.run()
  return keys
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

it('KeyRefresh is in flight until its attempt settles, and every caller joins that attempt', async () => {
  const keys = refresh()
  expect(keys.isInFlight).toBe(false)
  const running = [keys.run(), keys.run(), keys.run()]
  expect(keys.isInFlight).toBe(true)
  expect(attempts).toHaveLength(1)
  attempts[0]?.succeed()
  await Promise.all(running)
  expect(keys.isInFlight).toBe(false)
})

it('a background key refresh keeps the process alive only for callers that join it, until it ends', async () => {
  const cancelled = vi.fn()
  const after = vi.spyOn(clock, 'after').mockReturnValue(cancelled)
  const keys = refresh()
  void keys.run(true)
  clock.advance(1)
  const joined = [keys.run(), keys.run()]
  const timers = after.mock.calls.map(([milliseconds, , inBackground]) => [milliseconds, inBackground])
  const rest = [DEADLINE - 1000, undefined]
  expect(timers).toEqual([[DEADLINE, true], rest, rest])
  attempts[0]?.succeed()
  await Promise.all(joined)
  expect(cancelled).toHaveBeenCalledTimes(3)
})

it('if an attempt of KeyRefresh never settles, it has failed after its timeout, and the next records that', () => {
  const keys = refreshWithoutTimer()
  clock.advance(DEADLINE / 1000)
  expect([keys.isInFlight, keys.hasFailed]).toEqual([true, false])
  clock.advance(0.001)
  expect([keys.isInFlight, keys.hasFailed]).toEqual([false, true])
  expect(keys.failure).toBeUndefined()
  void keys.run()
  expect(attempts).toHaveLength(2)
  expect(keys.failure).toMatchObject({ error: { reason: 'timeout' }, count: 1 })
})

it.each(['succeed', 'fail'] as const)('a key refresh can %s late without effect on the next', async (end) => {
  const keys = refreshWithoutTimer()
  clock.advance(DEADLINE / 1000 + 0.001)
  void keys.run()
  attempts[0]?.[end](new UpstreamError('unreachable'))
  await settle()
  expect(keys.isInFlight).toBe(true)
  expect(keys.failure).toMatchObject({ error: { reason: 'timeout' }, count: 1 })
})

it('on a request-scoped runtime, a request polls the key refresh of another request', async () => {
  const keys = refreshWithoutTimer({ isRequestScoped: true, timeout: 50 })
  const joined = vi.fn()
  void keys.run().then(joined)
  for (const ended of [0, 0, 1]) {
    clock.advance(0.02)
    await settle()
    expect(joined).toHaveBeenCalledTimes(ended)
  }
})

it.each([
  ['shortest pauses', 0, [0.9, 1.8, 3.6, 7.2, 14.4, 28.8, 49.091, 49.091, 49.091]],
  ['longest pauses', 1, [1.1, 2.2, 4.4, 8.8, 17.6, 35.2, 60, 60, 60]],
])('KeyRefresh doubles the pause after failures, up to a minute: %s', async (_title, random, seconds) => {
  const keys = refresh({ random: () => random })
  const pauses: number[] = []
  for (const _ of seconds) {
    const running = keys.run()
    attempts.at(-1)?.fail(new UpstreamError('unreachable'))
    await running
    pauses.push(Math.round(keys.retryAt - clock.elapsed()) / 1000)
    expect(keys.isRetryDue).toBe(false)
  }
  expect(pauses).toEqual(seconds)
})

it('after a successful key refresh, `hasFailed` is false, and the pause after a failure is one second again', async () => {
  const keys = refresh()
  const outcomes: boolean[] = []
  for (const end of ['fail', 'fail', 'succeed', 'fail'] as const) {
    const running = keys.run()
    outcomes.push(keys.hasFailed)
    attempts.at(-1)?.[end](new UpstreamError('unreachable'))
    await running
    outcomes.push(keys.hasFailed)
  }
  expect(outcomes).toEqual([false, true, true, true, true, false, false, true])
  expect(keys.failure?.count).toBe(1)
  clock.advance(0.999)
  expect(keys.isRetryDue).toBe(false)
  clock.advance(0.001)
  expect(keys.isRetryDue).toBe(true)
})
