/**
 * Time, as the library reads it. Token times are judged by the wall clock; ages, cool-downs and deadlines
 * are measured by the monotonic one, so that a step of the wall clock neither prolongs nor wedges them.
 */
export interface Clock {
  /** Wall clock: milliseconds since the epoch. */
  now(): number
  /** Monotonic clock: milliseconds since an arbitrary start. */
  elapsed(): number
  /**
   * Calls `callback` once after `milliseconds`; the returned function cancels it.
   *
   * @param options `background: true` when nothing waits for the callback: the timer must then not keep the process
   * running. A clock may leave such a callback out. Default false.
   */
  after(milliseconds: number, callback: () => void, options?: { readonly background?: boolean }): () => void
}

/**
 * The clock of the running process. A timer keeps a Node process running unless it is a background timer: its
 * caller waits for it, and a process that ended first would never answer.
 * @example
 * // A clock that is an hour ahead, to see what it does to tokens.
 * const clock: Clock = { ...systemClock, now: () => systemClock.now() + 3_600_000 }
 */
export const systemClock: Clock = Object.freeze<Clock>({
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(milliseconds, callback, { background = false } = {}) {
    const timer = setTimeout(callback, milliseconds)
    const cancel = () => clearTimeout(timer)
    // Where timers cannot be unreferenced (Deno), a background timer would keep the process running.
    if (background && !unreference(timer)) cancel()
    return cancel
  },
})

/** On Node and Bun a timer is an object, elsewhere a number. */
function unreference(timer: unknown): boolean {
  if (typeof timer !== 'object' || timer === null || !('unref' in timer)) return false
  if (typeof timer.unref !== 'function') return false
  timer.unref()
  return true
}
