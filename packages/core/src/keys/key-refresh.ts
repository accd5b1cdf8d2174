import { type Clock, Stopwatch } from '../platform/clock.js'
import { UpstreamError, withDeadline } from '../platform/fetch-json.js'

/** Longest pause between two attempts, in seconds: what a recovered Maskinporten may have to wait for us. */
export const MAX_BACKOFF = 60

interface Attempt {
  readonly startedAt: number
  /** Whether nothing awaited it when it began: its timer does not keep the process alive. */
  readonly inBackground: boolean
  readonly settled: Promise<unknown>
}

interface Failure {
  readonly error: unknown
  readonly age: Stopwatch
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

  /** Whether the latest attempt failed, or was lost with its request. */
  get hasFailed(): boolean {
    return this.#failure !== undefined || (this.#attempt !== undefined && !this.isInFlight)
  }

  /** The latest attempt's failure; undefined once an attempt succeeds. */
  get failure(): Failure | undefined {
    return this.#failure
  }

  /** When the pause after the latest failure ends. */
  get retryAt(): number {
    return this.#retryAt
  }

  /** Whether the pause after the latest failure is over. */
  get isRetryDue(): boolean {
    return this.#parts.clock.elapsed() >= this.#retryAt
  }

  /**
   * Joins the attempt in flight, or begins one. Never rejects: the outcome is in `failure`.
   *
   * @param inBackground true when the caller does not await the attempt
   */
  async run(inBackground = false): Promise<void> {
    if (this.#attempt && this.#holdsSlot(this.#attempt)) return this.#join(this.#attempt)
    // The promise was lost with its request, or a timer never fired: that attempt has failed.
    if (this.#attempt) this.#failed(new UpstreamError('timeout'))

    const number = ++this.#count
    const { load, clock, deadline } = this.#parts
    const loaded = withDeadline(clock, deadline, (signal) => load(signal, number), inBackground)
    const settled: Promise<unknown> = loaded.then(
      // An attempt that has lost its slot has been counted already.
      () => this.#attempt === attempt && this.#succeeded(),
      (error: unknown) => this.#attempt === attempt && this.#failed(error),
    )
    const attempt: Attempt = { startedAt: clock.elapsed(), inBackground, settled }
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
    const { clock, deadline, isRequestScoped } = this.#parts
    if (!isRequestScoped) {
      const left = attempt.startedAt + deadline - clock.elapsed()
      await (attempt.inBackground ? inForeground(clock, left, attempt.settled) : attempt.settled)
    }
    while (this.#holdsSlot(attempt)) await sleep(clock, 20)
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
    this.#failure = { error, age: new Stopwatch(clock), count }
    // 1, 2, 4 … 60 s, ±10 % so that many instances do not come back at once.
    const pause = Math.min(2 ** Math.min(count - 1, 10) * (0.9 + 0.2 * random()), MAX_BACKOFF)
    this.#retryAt = clock.elapsed() + pause * 1000
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
