import { isObject } from './json.js'

/**
 * The library's source of time. Times in tokens are compared with the wall clock. Cool-downs, back-off and
 * timeouts are measured with the monotonic clock, so that a step of the wall clock does not change them. Ages
 * are measured with both clocks.
 */
export interface Clock {
  /** Wall clock: milliseconds since the epoch. */
  now(): number
  /** Monotonic clock: milliseconds since an arbitrary start. */
  elapsed(): number
  /**
   * Calls `callback` once, after `milliseconds`. The returned function cancels that call.
   *
   * @param inBackground whether the process can exit before the call. Default false
   */
  after(milliseconds: number, callback: () => void, inBackground?: boolean): () => void
}

/**
 * The clock of the running process.
 * @example
 * // A clock that is an hour fast.
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

/** @param inBackground whether the process can exit before the time is over */
export function sleep(clock: Clock, milliseconds: number, inBackground = false): Promise<void> {
  return new Promise((resolve) => void clock.after(milliseconds, resolve, inBackground))
}

/**
 * Lets the process exit before a timer fires. Only Node, Bun and Deno would wait for the timer, which is an
 * object on Node and Bun, and a number elsewhere.
 */
function unreference(timer: unknown): void {
  if (isObject(timer) && typeof timer['unref'] === 'function') timer['unref']()
  else (globalThis as { Deno?: { unrefTimer(id: unknown): void } }).Deno?.unrefTimer(timer)
}

/**
 * Measures the seconds since its construction with both clocks, because the monotonic clock stops while a
 * machine is suspended, and the wall clock can be stepped back. A reading is never less than the time that
 * has passed on either clock, and never below 0.
 */
export class Stopwatch {
  readonly #clock: Clock
  readonly #startedAt: number
  /** The smallest difference so far between the wall clock and the monotonic clock. */
  #lead: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#startedAt = clock.elapsed()
    this.#lead = clock.now() - this.#startedAt
  }

  get seconds(): number {
    return this.secondsAt(this.#clock.now())
  }

  /** @param now the wall clock's current time in milliseconds, for a caller that has already read it */
  secondsAt(now: number): number {
    const elapsed = this.#clock.elapsed()
    const lead = now - elapsed
    // A wall clock that is set back lowers the lead. Later suspensions are measured from this lower lead.
    if (lead < this.#lead) this.#lead = lead
    return (elapsed - this.#startedAt + lead - this.#lead) / 1000
  }
}
