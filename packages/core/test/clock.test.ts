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

  it('cannot be changed for everybody', () => {
    expect(Object.isFrozen(systemClock)).toBe(true)
  })
})
