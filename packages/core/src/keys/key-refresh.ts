import { type Clock, Stopwatch, sleep } from '../platform/clock.js'
import { withDeadline } from '../platform/deadline.js'
import { UpstreamError } from '../platform/fetch-json.js'
import type { AttemptState } from './freshness.js'
import type { Failure } from './health.js'

/**
 * Longest pause between two attempts to load keys, in seconds. Bounds the time from the end of an outage to
 * new keys.
 */
export const MAX_BACKOFF = 60

interface Attempt {
  readonly startedAt: number
  /** True if the attempt's timer does not keep the process alive. */
  readonly inBackground: boolean
  readonly settled: Promise<unknown>
}

interface FailedAttempt extends Failure {
  /** Number of failures in a row. */
  readonly count: number
  readonly retryAt: number
}

/** Lets a refresh outlive the request that began it. */
export type WaitUntil = ((promise: Promise<unknown>) => void) | undefined

/** The request that needs a key. Its `waitUntil` is read only when a refresh can begin. */
export interface KeyRequest {
  readonly waitUntil?: WaitUntil
}

export interface KeyRefreshParts {
  /**
   * Fetches the keys and replaces the old ones. `attempt` numbers the calls, so that an older answer does not
   * replace a newer one.
   */
  readonly load: (signal: AbortSignal, attempt: number) => Promise<void>
  /** Limit for the whole of `load`, in milliseconds. */
  readonly timeout: number
  readonly clock: Clock
  /** Returns a number from 0 to 1, for jitter. */
  readonly random: () => number
  /**
   * True on a runtime such as workerd: I/O ends with the request that began it, and other requests must not
   * await that I/O.
   */
  readonly isRequestScoped: boolean
}

/**
 * Runs the attempts to load the keys: one at a time, shared by all requests, and with a timeout. The pause
 * after a failure grows exponentially. Times are milliseconds of the monotonic clock.
 */
export class KeyRefresh implements AttemptState {
  readonly #parts: KeyRefreshParts
  #count = 0
  #attempt: Attempt | undefined
  #failure: FailedAttempt | undefined

  constructor(parts: KeyRefreshParts) {
    this.#parts = parts
  }

  /** The current attempt; undefined after its timeout, because its promise may never settle (see `run`). */
  get #inFlight(): Attempt | undefined {
    const { clock, timeout } = this.#parts
    return this.#attempt && clock.elapsed() - this.#attempt.startedAt <= timeout ? this.#attempt : undefined
  }

  get isInFlight(): boolean {
    return this.#inFlight !== undefined
  }

  /** Whether the latest attempt failed, or did not settle before its timeout. */
  get hasFailed(): boolean {
    return this.#failure !== undefined || (this.#attempt !== undefined && !this.isInFlight)
  }

  get failure(): FailedAttempt | undefined {
    return this.#failure
  }

  /** The end of the pause after the latest failure. */
  get retryAt(): number {
    return this.#failure?.retryAt ?? Number.NEGATIVE_INFINITY
  }

  get isRetryDue(): boolean {
    return this.#parts.clock.elapsed() >= this.retryAt
  }

  /**
   * Joins the attempt in flight, or begins a new attempt. Never rejects: the outcome is in `failure`.
   *
   * @param inBackground true when the caller does not await the attempt
   */
  async run(inBackground = false): Promise<void> {
    const joined = this.#inFlight
    if (joined) return this.#join(joined)
    // The previous attempt never settled: its request ended first, or its timer never fired.
    if (this.#attempt) this.#failed(new UpstreamError('timeout'))

    const number = ++this.#count
    const { load, clock, timeout } = this.#parts
    const loaded = withDeadline(clock, timeout, (signal) => load(signal, number), inBackground)
    const settled: Promise<unknown> = loaded.then(
      // An attempt that is no longer `#attempt` has timed out, and is already counted as failed.
      () => this.#attempt === attempt && this.#succeeded(),
      (error: unknown) => this.#attempt === attempt && this.#failed(error),
    )
    const attempt: Attempt = { startedAt: clock.elapsed(), inBackground, settled }
    this.#attempt = attempt
    await settled
  }

  /**
   * Awaits an attempt, or polls its state on a runtime where a request must not touch the promise of another
   * request.
   */
  async #join(attempt: Attempt): Promise<void> {
    const { clock, timeout, isRequestScoped } = this.#parts
    if (!isRequestScoped) {
      const left = attempt.startedAt + timeout - clock.elapsed()
      await (attempt.inBackground ? inForeground(clock, left, attempt.settled) : attempt.settled)
    }
    while (this.#inFlight === attempt) await sleep(clock, 20)
  }

  #succeeded(): void {
    this.#attempt = undefined
    this.#failure = undefined
  }

  #failed(error: unknown): void {
    const { clock, random } = this.#parts
    const count = (this.#failure?.count ?? 0) + 1
    // The pauses are 1, 2, 4 … s, with jitter of ±10 % to spread the attempts of many instances. With jitter,
    // a pause is at most 60 s.
    const pause = Math.min(2 ** Math.min(count - 1, 10), MAX_BACKOFF / 1.1) * (0.9 + 0.2 * random())
    this.#attempt = undefined
    this.#failure = { error, age: new Stopwatch(clock), count, retryAt: clock.elapsed() + pause * 1000 }
  }
}

/**
 * Keeps the process alive until work that began in the background has settled.
 *
 * @param work a promise that never rejects, and settles within `milliseconds`
 */
export async function inForeground(clock: Clock, milliseconds: number, work: Promise<unknown>) {
  const release = clock.after(milliseconds, () => undefined)
  await work
  release()
}

/** Lets a refresh outlive the request that began it. */
export function extend(waitUntil: WaitUntil, refreshed: Promise<void>): void {
  try {
    waitUntil?.(refreshed)
  } catch {
    // The host's `waitUntil` failed: the refresh ends with the request that began it.
  }
}
