/**
 * How keys are kept, in seconds. `maxAge` counts from the start of the fetch.
 *
 * @example
 * createMaskinportenValidator({ environment: 'test', keys: { maxAge: 300, timeout: 3 } })
 * @see https://www.rfc-editor.org/rfc/rfc5861
 */
export interface KeyOptions {
  /**
   * Age from which a request refreshes the keys in the background. 1–86400. Default 600. Jitter of ±10 %
   * spreads the fetches of many instances.
   */
  readonly maxAge: number
  /**
   * Seconds after `maxAge` for which requests do not wait for the refresh. After that, a request waits for at most
   * one `timeout`. While the latest attempt has failed, it does not wait. From 0; at most 604800 together with
   * `maxAge`. Default 300; with another `maxAge` up to an age of 900, and never below 0. RFC 5861 §3.
   */
  readonly staleWhileRevalidate: number
  /**
   * Seconds after `maxAge` for which old keys serve in an outage. From `staleWhileRevalidate`; at most 604800
   * together with `maxAge`. Default 85800; with other values up to an age of 24 hours, Digdir's figure, and never
   * below `staleWhileRevalidate`. RFC 5861 §4.
   */
  readonly staleIfError: number
  /** Minimum between answered fetches that an unknown `kid` causes. 1–86400. Default 30. */
  readonly cooldown: number
  /** For one attempt, metadata included where it is read. 0.1–30. Default 5. */
  readonly timeout: number
}

/**
 * When keys can be used: `fresh` without a refresh, `stale` during a refresh in the background, `overdue` after
 * a refresh was awaited or failed, `expired` never.
 */
export type KeyStage = 'fresh' | 'stale' | 'overdue' | 'expired'

/**
 * @param age in seconds
 * @param refreshAt `maxAge` with its jitter
 */
export function keyStage(age: number, refreshAt: number, options: KeyOptions): KeyStage {
  const { maxAge, staleWhileRevalidate, staleIfError } = options
  // A negation: `NaN` from a broken clock means `expired`.
  if (!(age <= maxAge + staleIfError)) return 'expired'
  if (age > maxAge + staleWhileRevalidate) return 'overdue'
  return age < refreshAt ? 'fresh' : 'stale'
}

/** The latest attempt to load keys. */
export interface AttemptState {
  readonly isInFlight: boolean
  readonly hasFailed: boolean
  /** Whether the pause after the latest failure is over. */
  readonly isRetryDue: boolean
}

/**
 * What a request does with keys: `use` them, `refresh` them in the background and use them, `wait` for new
 * ones, or `give_up` during the pause after a failure. In an outage, requests wait for one failed attempt, and
 * then use old keys without waiting.
 */
export type KeyStep = 'use' | 'refresh' | 'wait' | 'give_up'

export function nextStep(stage: KeyStage, latest: AttemptState): KeyStep {
  if (stage === 'fresh') return 'use'
  if (stage === 'expired') return latest.isInFlight || latest.isRetryDue ? 'wait' : 'give_up'
  if (stage === 'overdue' && !latest.hasFailed) return 'wait'
  return latest.isRetryDue && !latest.isInFlight ? 'refresh' : 'use'
}
