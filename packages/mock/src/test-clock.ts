import type { Clock } from '@portvakt/core'

/** A clock that stands still until a test advances it. */
export interface TestClock extends Clock {
  /**
   * Moves the wall clock and the monotonic clock forward. Calls every timer that becomes due, in order.
   *
   * @param seconds zero or more, rounded to a millisecond
   * @throws {TypeError} for a negative or infinite number
   */
  advance(seconds: number): void
  /** Sets only the wall clock, forwards or backwards, as a correction of the system time does. */
  set(time: Date | number): void
}

/**
 * Makes a clock for tests. Give the same clock to the mock and to the validator, so that both see the same
 * time.
 *
 * @param start the initial wall time, a Date or milliseconds since the epoch; default now, in whole seconds
 * @throws {TypeError} for an invalid time
 * @example
 * const clock = createTestClock()
 * const mock = await createMockMaskinporten({ clock })
 * const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch, clock })
 * clock.advance(130) // the tokens issued so far have expired: 120 s, and 10 s that validators tolerate
 */
export function createTestClock(start: Date | number = Math.floor(Date.now() / 1000) * 1000): TestClock {
  let wall = millisecondsOf(start)
  let monotonic = 0
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>()

  function nextDue(until: number) {
    return [...timers].filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0]
  }

  /** Moves the clocks forward, but never back: a timer's callback can have moved them further. */
  function moveTo(time: number): void {
    if (time <= monotonic) return
    wall += time - monotonic
    monotonic = time
  }

  return {
    now: () => wall,
    elapsed: () => monotonic,
    after(milliseconds, callback) {
      const timer = { at: monotonic + milliseconds, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance(seconds) {
      if (!(seconds >= 0 && seconds < Number.POSITIVE_INFINITY))
        throw new TypeError('`seconds` must be zero or more; to step the wall clock back, use set(date)')
      const until = monotonic + Math.round(seconds * 1000)
      for (let due = nextDue(until); due; due = nextDue(until)) {
        timers.delete(due)
        moveTo(due.at)
        due.callback()
      }
      moveTo(until)
    },
    set(time) {
      wall = millisecondsOf(time)
    },
  }
}

function millisecondsOf(time: Date | number): number {
  const milliseconds = Number(time)
  if (Number.isFinite(milliseconds)) return milliseconds
  throw new TypeError('A time must be a valid Date, or milliseconds since the epoch')
}

/**
 * Returns the clock of a realm. Jest runs each test file in its own realm, where `useFakeTimers` replaces
 * `Date` and `setTimeout`. The mock itself runs outside that realm.
 *
 * @param realm the realm's global object, held weakly because a mock outlives the test file that started it
 */
export function realmClock(realm: typeof globalThis): Clock {
  const held = new WeakRef(realm)
  // Look up the globals at each call, because fake timers can be switched on and off.
  const current = () => held.deref() ?? globalThis
  return {
    now: () => current().Date.now(),
    elapsed: () => current().performance.now(),
    after(milliseconds, callback, inBackground = false) {
      const { setTimeout, clearTimeout } = current()
      const timer = setTimeout(callback, milliseconds)
      // In jsdom, a timer is a number and does not keep the process alive.
      if (inBackground && typeof timer === 'object') timer.unref()
      return () => clearTimeout(timer)
    },
  }
}
