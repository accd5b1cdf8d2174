import { createTestClock, type TestClock } from '@portvakt/mock'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Clock } from '../src/clock.js'
import { KeyFetchError } from '../src/fetch-json.js'
import { describeFailure, KeyRefresh, type KeyRefreshParts } from '../src/key-refresh.js'

const DEADLINE = 5_000

let clock: TestClock
/** Settles the attempts, in the order in which they began. */
let attempts: { succeed: () => void; fail: (error: unknown) => void }[]

beforeEach(() => {
  clock = createTestClock()
  // As on a machine that has been up for long: what is measured is a difference.
  clock.advance(1_000_000)
  attempts = []
})

function refresh(changes: Partial<KeyRefreshParts> = {}): KeyRefresh {
  const load = () =>
    new Promise<void>((succeed, fail) => {
      attempts.push({ succeed, fail })
    })
  return new KeyRefresh({
    load,
    deadline: DEADLINE,
    clock,
    random: () => 0.5,
    isRequestScoped: false,
    ...changes,
  })
}

/** A clock whose next timer is lost, as it is when its request dies. */
function losingOneTimer(): Clock {
  let isLost = false
  const after: Clock['after'] = (milliseconds, callback) => {
    if (isLost) return clock.after(milliseconds, callback)
    isLost = true
    return () => undefined
  }
  return { now: clock.now, elapsed: clock.elapsed, after }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('an attempt', () => {
  it('is in flight from when it begins until it settles', async () => {
    const keys = refresh()
    expect(keys.isInFlight).toBe(false)
    const running = keys.run()
    expect(keys.isInFlight).toBe(true)
    attempts[0]?.succeed()
    await running
    expect(keys.isInFlight).toBe(false)
    expect(keys.failure).toBeUndefined()
  })

  it('is joined by everybody who asks meanwhile', async () => {
    const keys = refresh()
    const running = [keys.run(), keys.run(), keys.run()]
    expect(attempts).toHaveLength(1)
    attempts[0]?.succeed()
    await Promise.all(running)
  })

  it('fails when the deadline is over', async () => {
    const keys = refresh()
    const running = keys.run()
    clock.advance(DEADLINE / 1000)
    await running
    expect(keys.failure).toMatchObject({ error: { reason: 'timeout' }, at: clock.elapsed(), count: 1 })
  })
})

describe('an attempt that is lost with its request', () => {
  it('holds the slot to the end of its deadline, and is then a failure', async () => {
    const keys = refresh({ clock: losingOneTimer() })
    void keys.run()
    clock.advance(DEADLINE / 1000)
    expect(keys.isInFlight).toBe(true)
    clock.advance(0.001)
    expect(keys.isInFlight).toBe(false)
    expect(keys.failure).toBeUndefined()
    void keys.run()
    expect(attempts).toHaveLength(2)
    expect(keys.failure).toMatchObject({ error: { reason: 'timeout' }, count: 1 })
  })

  it.each(['succeed', 'fail'] as const)('is nothing to the next one, should it %s after all', async (end) => {
    const keys = refresh({ clock: losingOneTimer() })
    void keys.run()
    clock.advance(DEADLINE / 1000 + 0.001)
    void keys.run()
    attempts[0]?.[end](new KeyFetchError('unreachable'))
    await settle()
    expect(keys.isInFlight).toBe(true)
    expect(keys.failure).toMatchObject({ error: { reason: 'timeout' }, count: 1 })
  })

  it('is watched for by the clock alone where its promise must not be touched', async () => {
    const keys = refresh({ clock: losingOneTimer(), isRequestScoped: true, deadline: 50 })
    void keys.run()
    const joined = vi.fn()
    void keys.run().then(joined)
    for (const waited of [20, 40]) {
      clock.advance(0.02)
      await settle()
      expect([waited, joined.mock.calls.length]).toEqual([waited, 0])
    }
    clock.advance(0.02)
    await settle()
    expect(joined).toHaveBeenCalledTimes(1)
  })
})

describe('the pause after a failure', () => {
  it.each([
    ['shortest', 0, [0.9, 1.8, 3.6, 7.2, 14.4, 28.8, 57.6, 60, 60]],
    ['longest', 1, [1.1, 2.2, 4.4, 8.8, 17.6, 35.2, 60, 60, 60]],
  ])('doubles up to a minute, with jitter: %s', async (_title, random, seconds) => {
    const keys = refresh({ random: () => random })
    const pauses: number[] = []
    for (const _ of seconds) {
      const running = keys.run()
      attempts.at(-1)?.fail(new KeyFetchError('unreachable'))
      await running
      pauses.push(Math.round(keys.retryAt - clock.elapsed()) / 1000)
    }
    expect(pauses).toEqual(seconds)
  })

  it('is forgotten with the first success', async () => {
    const keys = refresh()
    for (const end of ['fail', 'fail', 'succeed', 'fail'] as const) {
      const running = keys.run()
      attempts.at(-1)?.[end](new KeyFetchError('unreachable'))
      await running
      if (end === 'succeed') expect(keys.retryAt).toBe(Number.NEGATIVE_INFINITY)
    }
    expect(keys.failure?.count).toBe(1)
    expect(keys.retryAt - clock.elapsed()).toBe(1000)
  })
})

it('what failed is told in words of ours, whatever it was', () => {
  expect(describeFailure(new KeyFetchError('timeout'))).toEqual({
    reason: 'timeout',
    message: 'The endpoint did not answer in time',
  })
  expect(describeFailure(new Error('secret'))).toEqual({
    reason: 'unreachable',
    message: 'The endpoint could not be reached',
  })
})
