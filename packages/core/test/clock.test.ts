import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../src/clock.js'

beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('the system’s clock', () => {
  it('tells the wall’s time', () => {
    expect(systemClock.now()).toBe(1_700_000_000_000)
  })

  it('measures what has passed, whatever becomes of the wall’s time', () => {
    const begun = systemClock.elapsed()
    vi.setSystemTime(0)
    vi.advanceTimersByTime(1500)
    expect(systemClock.elapsed() - begun).toBe(1500)
  })

  it('calls back once, after the time', () => {
    const callback = vi.fn()
    systemClock.after(1000, callback)
    vi.advanceTimersByTime(999)
    expect(callback).not.toHaveBeenCalled()
    vi.advanceTimersByTime(10_000)
    expect(callback).toHaveBeenCalledTimes(1)
  })

  it('does not call back once that is cancelled', () => {
    const callback = vi.fn()
    const cancel = systemClock.after(1000, callback)
    cancel()
    vi.advanceTimersByTime(10_000)
    expect(callback).not.toHaveBeenCalled()
  })

  it('keeps the process running for a timer, unless it is a background timer', () => {
    vi.useRealTimers()
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    const cancel = [
      systemClock.after(60_000, () => undefined, { background: true }),
      systemClock.after(60_000, () => undefined, { background: false }),
      systemClock.after(60_000, () => undefined),
    ]
    expect(timers() - before).toBe(2)
    for (const each of cancel) each()
    expect(timers()).toBe(before)
  })

  it('calls back a background timer', () => {
    const callback = vi.fn()
    systemClock.after(1000, callback, { background: true })
    vi.advanceTimersByTime(1000)
    expect(callback).toHaveBeenCalledTimes(1)
  })

  it.each([1, { id: 1 }, { unref: 1 }, null])(
    'starts no background timer where it would keep the process running (a timer is %j)',
    (timer) => {
      const [set, clear] = [vi.fn(() => timer), vi.fn()]
      vi.stubGlobal('setTimeout', set)
      vi.stubGlobal('clearTimeout', clear)
      systemClock.after(1000, () => undefined)
      expect(clear).not.toHaveBeenCalled()
      systemClock.after(1000, () => undefined, { background: true })
      expect(clear).toHaveBeenCalledExactlyOnceWith(timer)
      vi.unstubAllGlobals()
    },
  )

  it('cannot be changed for everybody', () => {
    expect(Object.isFrozen(systemClock)).toBe(true)
  })
})
