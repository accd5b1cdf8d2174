import type { Clock } from './clock.js'
import { type KeyFailure, KeyFetchError, withDeadline } from './fetch-json.js'

/** Longest pause between two attempts, in seconds: what a recovered Maskinporten may have to wait for us. */
export const MAX_BACKOFF = 60

interface Attempt {
  readonly startedAt: number
  readonly settled: Promise<unknown>
}

interface Failure {
  readonly error: unknown
  readonly at: number
  readonly count: number
}

export interface KeyRefreshParts {
  /** Fetches the keys and puts them in place; `attempt` counts up, so that an older answer can be told. */
  readonly load: (signal: AbortSignal, attempt: number) => Promise<void>
  /** For the whole of `load`, in milliseconds. */
  readonly deadline: number
  readonly clock: Clock
  readonly random: () => number
  /** True where I/O dies with the request that began it and may not be awaited by another (workerd). */
  readonly isRequestScoped: boolean
}

/**
 * Attempts to load the keys: one at a time for everybody who asks, each under a deadline, and with an
 * exponential pause after a failure. Times are milliseconds of the monotonic clock.
 */
export class KeyRefresh {
  readonly #parts: KeyRefreshParts
  #count = 0
  #attempt: Attempt | undefined
  #failure: Failure | undefined
  #retryAt = Number.NEGATIVE_INFINITY

  constructor(parts: KeyRefreshParts) {
    this.#parts = parts
  }

  /** Whether an attempt holds the slot. Freed by the clock: a promise may be lost with its request. */
  get isInFlight(): boolean {
    return this.#attempt !== undefined && this.#holdsSlot(this.#attempt)
  }

  /** The latest attempt's failure; undefined once an attempt succeeds. */
  get failure(): Failure | undefined {
    return this.#failure
  }

  /** When the pause after the latest failure ends. */
  get retryAt(): number {
    return this.#retryAt
  }

  /** Joins the attempt in flight, or begins one. Never rejects: the outcome is in `failure`. */
  async run(): Promise<void> {
    if (this.#attempt && this.#holdsSlot(this.#attempt)) return this.#join(this.#attempt)
    // The promise was lost with its request, or a timer never fired: that attempt has failed.
    if (this.#attempt) this.#failed(new KeyFetchError('timeout'))

    const number = ++this.#count
    const { load, clock, deadline } = this.#parts
    const settled: Promise<unknown> = withDeadline(clock, deadline, (signal) => load(signal, number)).then(
      // An attempt that has lost its slot has been counted already.
      () => this.#attempt === attempt && this.#succeeded(),
      (error: unknown) => this.#attempt === attempt && this.#failed(error),
    )
    const attempt: Attempt = { startedAt: clock.elapsed(), settled }
    this.#attempt = attempt
    await settled
  }

  #holdsSlot(attempt: Attempt): boolean {
    return (
      this.#attempt === attempt && this.#parts.clock.elapsed() - attempt.startedAt <= this.#parts.deadline
    )
  }

  /** Where another request's promise must not be touched, its outcome is watched for by the clock. */
  async #join(attempt: Attempt): Promise<void> {
    if (!this.#parts.isRequestScoped) await attempt.settled
    while (this.#holdsSlot(attempt)) await sleep(this.#parts.clock, 20)
  }

  #succeeded(): void {
    this.#attempt = undefined
    this.#failure = undefined
    this.#retryAt = Number.NEGATIVE_INFINITY
  }

  #failed(error: unknown): void {
    const { clock, random } = this.#parts
    const count = (this.#failure?.count ?? 0) + 1
    this.#attempt = undefined
    this.#failure = { error, at: clock.elapsed(), count }
    // 1, 2, 4 … 60 s, ±10 % so that many instances do not come back at once.
    const pause = Math.min(2 ** Math.min(count - 1, 10) * (0.9 + 0.2 * random()), MAX_BACKOFF)
    this.#retryAt = clock.elapsed() + pause * 1000
  }
}

/** What failed, in words that come from here. A failure that is none of ours amounts to "unreachable". */
export function describeFailure(error: unknown): { readonly reason: KeyFailure; readonly message: string } {
  const { reason, message } = error instanceof KeyFetchError ? error : new KeyFetchError('unreachable')
  return { reason, message }
}

export function sleep(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => void clock.after(milliseconds, resolve))
}

/** Resolves with `work`, or after the time, whichever is first. */
export function atMost(clock: Clock, milliseconds: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(milliseconds, resolve)
    work.then(resolve, reject).finally(cancel)
  })
}
