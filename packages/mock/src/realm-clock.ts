import type { Clock } from '@portvakt/core'

/**
 * The clock of a realm, fake timers included. Jest runs each test file in a realm of its own, where
 * `useFakeTimers` replaces `Date` and `setTimeout`. The mock runs outside that realm.
 *
 * @param realm its global object, held weakly: a mock outlives the test file that started it
 */
export function realmClock(realm: typeof globalThis): Clock {
  const held = new WeakRef(realm)
  // Read at each call: fake timers come and go.
  const current = () => held.deref() ?? globalThis
  return {
    now: () => current().Date.now(),
    elapsed: () => current().performance.now(),
    after(milliseconds, callback, inBackground = false) {
      const { setTimeout, clearTimeout } = current()
      const timer = setTimeout(callback, milliseconds)
      // Timers of jsdom are numbers, and keep no process alive.
      if (inBackground && typeof timer === 'object') timer.unref()
      return () => clearTimeout(timer)
    },
  }
}
