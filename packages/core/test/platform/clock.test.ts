import { createTestClock } from '@portvakt/mock'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Stopwatch, sleep, systemClock } from '../../src/platform/clock.js'
import { isNode } from '../is-node.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

it('systemClock is frozen, and its monotonic clock does not depend on its wall clock', () => {
  expect(Object.isFrozen(systemClock)).toBe(true)
  const begun = systemClock.elapsed()
  vi.setSystemTime(1_600_000_000_000)
  expect(systemClock.now()).toBe(1_600_000_000_000)
  vi.advanceTimersByTime(1500)
  expect(systemClock.elapsed() - begun).toBe(1500)
})

it.each([false, true])('systemClock.after calls back once, with `inBackground: %s`', (background) => {
  const [callback, cancelled] = [vi.fn(), vi.fn()]
  systemClock.after(1000, callback, background)
  systemClock.after(1000, cancelled, background)()
  vi.advanceTimersByTime(999)
  expect(callback).not.toHaveBeenCalled()
  vi.advanceTimersByTime(10_000)
  expect(callback).toHaveBeenCalledTimes(1)
  expect(cancelled).not.toHaveBeenCalled()
})

it.runIf(isNode)('systemClock.after keeps the process running, except for a background timer', () => {
  vi.useRealTimers()
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = timers()
  const cancel = [true, false, undefined].map((background) =>
    systemClock.after(60_000, () => undefined, background),
  )
  expect(timers() - before).toBe(2)
  for (const each of cancel) each()
  expect(timers()).toBe(before)
})

it.each([true, undefined])('sleep ends with its time, with `inBackground: %s`', async (inBackground) => {
  const woken = vi.fn()
  const after = vi.fn(systemClock.after)
  const slept = sleep({ ...systemClock, after }, 1000, inBackground).then(woken)
  expect(after).toHaveBeenCalledExactlyOnceWith(1000, expect.any(Function), inBackground ?? false)
  await vi.advanceTimersByTimeAsync(999)
  expect(woken).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  await slept
})

it.each([7, {}])('a background timer that has no `unref` can be cleared: %j', (timer) => {
  const clear = vi.fn()
  vi.stubGlobal('setTimeout', () => timer)
  vi.stubGlobal('clearTimeout', clear)
  systemClock.after(1000, () => undefined, true)()
  expect(clear).toHaveBeenCalledWith(timer)
})

it('only a background timer is unreferenced by Deno.unrefTimer on Deno', () => {
  const unrefTimer = vi.fn()
  vi.stubGlobal('setTimeout', (_callback: unknown, milliseconds: number) => milliseconds)
  vi.stubGlobal('Deno', { unrefTimer })
  systemClock.after(1000, () => undefined)
  systemClock.after(2000, () => undefined, true)
  expect(unrefTimer).toHaveBeenCalledExactlyOnceWith(2000)
})

const started = () => {
  const clock = createTestClock(1_700_000_000_000)
  clock.advance(1_000_000)
  const step = (seconds: number) => clock.set(clock.now() + seconds * 1000)
  return { clock, step, stopwatch: new Stopwatch(clock) }
}

it('a stopwatch counts a step forward of the wall clock, as after a suspension, until the step is reverted', () => {
  const { clock, step, stopwatch } = started()
  clock.advance(10)
  step(3600)
  expect(stopwatch.seconds).toBe(3610)
  clock.advance(10)
  expect(stopwatch.seconds).toBe(3620)
  // With a reading of the wall clock that the caller passes.
  expect(stopwatch.secondsAt(clock.now() - 600_000)).toBe(3020)
  step(-3600)
  expect(stopwatch.seconds).toBe(20)
})

it('after a step back of the wall clock, a stopwatch is not below 0, and counts time and suspensions from there', () => {
  const { clock, step, stopwatch } = started()
  step(-40 * 86_400)
  expect(stopwatch.seconds).toBe(0)
  clock.advance(10)
  expect(stopwatch.seconds).toBe(10)
  step(30 * 86_400)
  expect(stopwatch.seconds).toBe(30 * 86_400 + 10)
})
