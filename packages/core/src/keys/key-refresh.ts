import { type Clock, Stopwatch } from '../platform/clock.js'
import { withDeadline } from '../platform/deadline.js'
import { UpstreamError } from '../platform/fetch-json.js'
import type { AttemptState } from './freshness.js'
import type { Failure } from './health.js'

/** Longest pause between two attempts, in seconds: keys are refreshed this soon after an outage ends. */
export const MAX_BACKOFF = 60

interface Attempt {
  readonly startedAt: number
  /** Whether nothing awaited it when it began: its timer does not keep the process alive. */
  readonly inBackground: boolean
  readonly settled: Promise<unknown>
}

interface FailedAttempt extends Failure {
  /** Of attempts that failed in a row. */
  readonly count: number
  readonly retryAt: number
}

/** Lets a refresh outlive the request that began it, where the platform needs to be told. */
export type WaitUntil = ((promise: Promise<unknown>) => void) | undefined

/** The request that needs a key. Its `waitUntil` is only read when a refresh may begin. */
export interface KeyRequest {
  readonly waitUntil?: WaitUntil
}

export interface KeyRefreshParts {
  /** Fetches the keys and replaces the old ones. Attempts are numbered from 1, so that an older answer is recognised. */
  readonly load: (signal: AbortSignal, attempt: number) => Promise<void>
  /** For the whole of `load`, in milliseconds. */
  readonly timeout: number
  readonly clock: Clock
  /** From 0 to 1, for jitter. */
  readonly random: () => number
  /** True where I/O ends with the request that began it, and another request may not await it (workerd). */
  readonly isRequestScoped: boolean
}

/**
 * Attempts to load the keys: one at a time, which all requests share, each under a timeout, and with an exponential
 * pause after a failure. Times are milliseconds of the monotonic clock.
 */
export class KeyRefresh implements AttemptState {
  readonly #parts: KeyRefreshParts
  #count = 0
  #attempt: Attempt | undefined
  #failure: FailedAttempt | undefined

  constructor(parts: KeyRefreshParts) {
    this.#parts = parts
  }

  /** The attempt that holds the slot. Freed by the clock: a promise may be lost with its request. */
  get #inFlight(): Attempt | undefined {
    const { clock, timeout } = this.#parts
    return this.#attempt && clock.elapsed() - this.#attempt.startedAt <= timeout ? this.#attempt : undefined
  }

  get isInFlight(): boolean {
    return this.#inFlight !== undefined
  }

  /** Whether the latest attempt failed, or was lost with its request. */
  get hasFailed(): boolean {
    return this.#failure !== undefined || (this.#attempt !== undefined && !this.isInFlight)
  }

  /** The latest attempt's failure; undefined once an attempt succeeds. */
  get failure(): FailedAttempt | undefined {
    return this.#failure
  }

  /** When the pause after the latest failure ends. */
  get retryAt(): number {
    return this.#failure?.retryAt ?? Number.NEGATIVE_INFINITY
  }

  /** Whether the pause after the latest failure is over. */
  get isRetryDue(): boolean {
    return this.#parts.clock.elapsed() >= this.retryAt
  }

  /**
   * Joins the attempt in flight, or begins one. Never rejects: the outcome is in `failure`.
   *
   * @param inBackground true when the caller does not await the attempt
   */
  async run(inBackground = false): Promise<void> {
    const joined = this.#inFlight
    if (joined) return this.#join(joined)
    // The promise was lost with its request, or a timer never fired: that attempt has failed.
    if (this.#attempt) this.#failed(new UpstreamError('timeout'))

    const number = ++this.#count
    const { load, clock, timeout } = this.#parts
    const loaded = withDeadline(clock, timeout, (signal) => load(signal, number), inBackground)
    const settled: Promise<unknown> = loaded.then(
      // An attempt that has lost its slot has been counted already.
      () => this.#attempt === attempt && this.#succeeded(),
      (error: unknown) => this.#attempt === attempt && this.#failed(error),
    )
    const attempt: Attempt = { startedAt: clock.elapsed(), inBackground, settled }
    this.#attempt = attempt
    await settled
  }

  /** Where a request must not touch the promise of another one, it polls the outcome by the clock. */
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
    // 1, 2, 4 … 60 s, ±10 % so that many instances do not come back at once.
    const pause = Math.min(2 ** Math.min(count - 1, 10) * (0.9 + 0.2 * random()), MAX_BACKOFF)
    this.#attempt = undefined
    this.#failure = { error, age: new Stopwatch(clock), count, retryAt: clock.elapsed() + pause * 1000 }
  }
}

/**
 * Awaits work that began in the background, and keeps the process alive until then.
 *
 * @param work never rejects, and settles within `milliseconds`
 */
export async function inForeground(
  clock: Clock,
  milliseconds: number,
  work: Promise<unknown>,
): Promise<void> {
  const release = clock.after(milliseconds, () => undefined)
  await work
  release()
}

export function sleep(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => void clock.after(milliseconds, resolve))
}
