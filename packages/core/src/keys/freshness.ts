import type { Clock, Stopwatch } from '../platform/clock.js'
import type { KeyRefresh } from './key-refresh.js'

/** How keys are kept. All in seconds. */
export interface KeyTiming {
  /**
   * Keys younger than this are used without a refresh. Older ones are refreshed in the background by the next
   * request. 1–86400. Default 600, ±10 % so that many instances do not fetch at once.
   */
  readonly freshFor: number
  /**
   * Keys older than this make a request wait for the refresh: for at most one `deadline` per failed attempt, and
   * not at all while the latest attempt has failed. From `freshFor` to 604800. Default 900, or `freshFor` if that
   * is more.
   */
  readonly waitAfter: number
  /**
   * The last-known-good keys serve through an outage until this age. From `waitAfter` to 604800. Default 86400,
   * Digdir's own figure.
   */
  readonly keepFor: number
  /** Minimum between fetches that an unknown key causes and Maskinporten answers. 1–86400. Default 30. */
  readonly unknownKeyCooldown: number
  /** For a whole attempt: metadata, where it is read, and keys. 0.1–30. Default 5. */
  readonly deadline: number
}

/** Lets a refresh outlive the request that began it, where the platform needs to be told. */
export type WaitUntil = ((promise: Promise<unknown>) => void) | undefined

/** The request that a key is looked up for. It is only asked for its `waitUntil` when a refresh begins. */
export interface KeyRequest {
  readonly waitUntil?: WaitUntil
}

/**
 * What keys may be used for at their age: `fresh` ones without a refresh, `stale` ones while they are refreshed in
 * the background, `overdue` ones after a refresh was awaited or has failed, `expired` ones not at all.
 */
export type KeyStage = 'fresh' | 'stale' | 'overdue' | 'expired'

export interface KeyFreshnessParts {
  readonly timing: KeyTiming
  readonly clock: Clock
  readonly random: () => number
  /** See {@link KeyRefresh}. */
  readonly isRequestScoped: boolean
  /** True for keys that the application gave: they are loaded once and never grow old. */
  readonly isStatic: boolean
}

/**
 * Decides when keys are refreshed, when a request waits for that, and when old keys are given up.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5861 the same stages, for an HTTP cache
 */
export class KeyFreshness {
  readonly #parts: KeyFreshnessParts
  readonly #refresh: KeyRefresh
  #age: Stopwatch | undefined
  #freshFor = 0
  #renewedBy = 0
  #unknownKeyDueAt = Number.NEGATIVE_INFINITY

  constructor(refresh: KeyRefresh, parts: KeyFreshnessParts) {
    this.#refresh = refresh
    this.#parts = parts
  }

  /**
   * Reports an answer with keys. False if a newer answer came first: an older one never replaces it.
   *
   * @param attempt its number
   * @param age began with the attempt, as the answer may be as old as that
   */
  renew(attempt: number, age: Stopwatch): boolean {
    if (attempt < this.#renewedBy) return false
    const { timing, random } = this.#parts
    this.#renewedBy = attempt
    this.#age = age
    this.#freshFor = timing.freshFor * (0.9 + 0.2 * random())
    return true
  }

  /** In seconds, by the clock that says more; undefined before the first answer. */
  get age(): number | undefined {
    return this.#age?.seconds
  }

  get stage(): KeyStage {
    return this.stageAt(this.#parts.clock.now())
  }

  /** @param now see {@link Stopwatch.secondsAt} */
  stageAt(now: number): KeyStage {
    const { timing, isStatic } = this.#parts
    if (!this.#age) return 'expired'
    if (isStatic) return 'fresh'
    const age = this.#age.secondsAt(now)
    // The oldest stage first, and so that a `NaN` from a broken clock trusts nothing.
    if (!(age <= timing.keepFor)) return 'expired'
    if (age > timing.waitAfter) return 'overdue'
    return age < this.#freshFor ? 'fresh' : 'stale'
  }

  /** Begins the refresh that is due. A promise only when the request has to wait for it. */
  keepFresh(stage: UsableStage, request: KeyRequest): Promise<void> | undefined {
    const step = nextStep(stage, this.#refresh)
    if (step === 'use') return undefined
    const waitUntil = this.#refresh.isInFlight ? undefined : request.waitUntil
    // Without `waitUntil` the refresh would end with this request, so this request awaits it.
    const isAwaited = step === 'wait' || (this.#parts.isRequestScoped && !waitUntil)
    const refreshed = isAwaited ? this.#refreshNow() : this.#refresh.run(true)
    waitUntil?.(refreshed)
    return isAwaited ? refreshed : undefined
  }

  /** Gets keys when there are no usable ones. All requests share one attempt, and the pause after a failure. */
  async load(): Promise<void> {
    if (this.#refresh.isInFlight || this.#refresh.isRetryDue) await this.#refreshNow()
  }

  /** Begins `load` without awaiting it. Not on a request-scoped runtime, where it would end with its request. */
  loadInBackground(): void {
    if (this.#parts.isRequestScoped || this.#refresh.isInFlight || !this.#refresh.isRetryDue) return
    void this.#refresh.run(true)
  }

  /** From when an unknown key may cause a fetch: milliseconds of the monotonic clock. */
  get unknownKeyDueAt(): number {
    return this.#unknownKeyDueAt
  }

  /**
   * Fetches because of an unknown key, on a budget of its own: a flood of invented keys causes few fetches. An
   * answer spends the budget; a failed attempt is repeated after its own back-off.
   */
  async fetchForUnknownKey(): Promise<void> {
    const { clock, timing } = this.#parts
    if (this.#refresh.isInFlight) return this.#refresh.run()
    if (clock.elapsed() < this.#unknownKeyDueAt) return
    // Spent from the start: a request that is cancelled never comes back to report the outcome.
    this.#unknownKeyDueAt = clock.elapsed() + timing.unknownKeyCooldown * 1000
    await this.#refresh.run()
    if (this.#refresh.hasFailed) this.#unknownKeyDueAt = this.#refresh.retryAt
  }

  /**
   * Awaits an attempt, for one `deadline` at most. The answer to an attempt that began earlier may be too old, if
   * the machine was suspended in between; then a second attempt is awaited.
   */
  async #refreshNow(): Promise<void> {
    const isJoined = this.#refresh.isInFlight
    await this.#refresh.run()
    if (!isJoined || this.#refresh.hasFailed) return
    if (this.stage === 'overdue' || this.stage === 'expired') await this.#refresh.run()
  }
}

export type UsableStage = Exclude<KeyStage, 'expired'>

/**
 * What a request does before it uses keys that have not expired: nothing, begin a refresh in the background, or
 * wait for a refresh. In an outage, one failed attempt is all that requests wait for.
 */
export function nextStep(
  stage: UsableStage,
  attempts: Pick<KeyRefresh, 'isInFlight' | 'hasFailed' | 'isRetryDue'>,
): 'use' | 'refresh' | 'wait' {
  if (stage === 'fresh') return 'use'
  if (stage === 'overdue' && !attempts.hasFailed) return 'wait'
  return attempts.isRetryDue && !attempts.isInFlight ? 'refresh' : 'use'
}
