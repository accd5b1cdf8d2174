import { isObject } from './json.js'

/**
 * The library's source of time. Token times are checked by the wall clock. Cool-downs, back-off and timeouts are measured
 * by the monotonic clock, so that a step of the wall clock does not change them. Ages are measured by both.
 */
export interface Clock {
  /** Wall clock: milliseconds since the epoch. */
  now(): number
  /** Monotonic clock: milliseconds since an arbitrary start. */
  elapsed(): number
  /**
   * Calls `callback` once after `milliseconds`; the returned function cancels it.
   *
   * @param inBackground true when nothing awaits the callback: the timer then does not keep a process alive
   */
  after(milliseconds: number, callback: () => void, inBackground?: boolean): () => void
}

/**
 * The clock of the running process. Its timers keep a Node process alive, unless they run in the background.
 * @example
 * // A clock that is an hour ahead, to see what it does to tokens.
 * const clock: Clock = { ...systemClock, now: () => systemClock.now() + 3_600_000 }
 */
export const systemClock: Clock = Object.freeze<Clock>({
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(milliseconds, callback, inBackground = false) {
    const timer = setTimeout(callback, milliseconds)
    if (inBackground) unreference(timer)
    return () => clearTimeout(timer)
  },
})

/** On Node and Bun a timer is an object, elsewhere a number. Timers of workerd and browsers keep nothing alive. */
function unreference(timer: unknown): void {
  if (isObject(timer) && typeof timer['unref'] === 'function') timer['unref']()
  else (globalThis as { Deno?: { unrefTimer(id: unknown): void } }).Deno?.unrefTimer(timer)
}

/**
 * Measures the time since its construction by both clocks: the monotonic clock stands still while a machine is suspended,
 * and the wall clock can be stepped back. At each reading the larger time counts, and it is never below 0.
 */
export class Stopwatch {
  readonly #clock: Clock
  readonly #startedAt: number
  /** The smallest lead of the wall clock over the monotonic one so far. */
  #lead: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#startedAt = clock.elapsed()
    this.#lead = clock.now() - this.#startedAt
  }

  /** Seconds since the start. */
  get seconds(): number {
    return this.secondsAt(this.#clock.now())
  }

  /** @param now a reading of the wall clock from this moment, in milliseconds: saves another one */
  secondsAt(now: number): number {
    const elapsed = this.#clock.elapsed()
    const lead = now - elapsed
    // After a step back, the wall clock gains on the monotonic one only while the machine is suspended.
    if (lead < this.#lead) this.#lead = lead
    return (elapsed - this.#startedAt + lead - this.#lead) / 1000
  }
}
