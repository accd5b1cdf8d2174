import type { Clock } from '@portvakt/core'

/** A clock that stands still until a test moves it. */
export interface TestClock extends Clock {
  /** Lets time pass: both clocks go forward, and every timer that falls due is called, in its order. */
  advance(seconds: number): void
  /** Steps the wall clock alone, forwards or back, as a correction of the system's time does. */
  set(time: Date | number): void
}

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/**
 * Makes a clock for tests: give the same one to the mock and to the validator, and time passes for both.
 *
 * @param start the wall clock's first reading (a Date, or milliseconds since the epoch); default now, on a
 * whole second
 * @example
 * const clock = createTestClock()
 * const mock = await createMockMaskinporten({ clock })
 * const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch, clock })
 * clock.advance(120) // the tokens issued so far have expired
 */
export function createTestClock(start: Date | number = Math.floor(Date.now() / 1000) * 1000): TestClock {
  let wall = Number(start)
  let monotonic = 0
  const timers = new Set<Timer>()

  function nextDue(until: number): Timer | undefined {
    return [...timers].filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0]
  }

  function moveTo(time: number): void {
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
      const until = monotonic + seconds * 1000
      for (let due = nextDue(until); due; due = nextDue(until)) {
        timers.delete(due)
        moveTo(Math.max(due.at, monotonic))
        due.callback()
      }
      moveTo(until)
    },
    set(time) {
      wall = Number(time)
    },
  }
}
