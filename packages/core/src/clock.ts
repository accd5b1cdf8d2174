/**
 * Time, as the library reads it. Token times are judged by the wall clock; ages, cool-downs and deadlines
 * are measured by the monotonic one, so that a step of the wall clock neither prolongs nor wedges them.
 */
export interface Clock {
  /** Wall clock: milliseconds since the epoch. */
  now(): number
  /** Monotonic clock: milliseconds since an arbitrary start. */
  elapsed(): number
  /** Calls `callback` once after `milliseconds`; the returned function cancels it. */
  after(milliseconds: number, callback: () => void): () => void
}

/**
 * The clock of the running process. Its timers keep a Node process alive: somebody awaits what each of them
 * ends, and a process that ended first would say nothing of it.
 * @example
 * // A clock that is an hour ahead, to see what it does to tokens.
 * const clock: Clock = { ...systemClock, now: () => systemClock.now() + 3_600_000 }
 */
export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(milliseconds: number, callback: () => void) {
    const timer = setTimeout(callback, milliseconds)
    return () => clearTimeout(timer)
  },
})
