/**
 * How keys are kept, in seconds. The first three count as `Cache-Control` does: from the start of the fetch, and then
 * from `maxAge`.
 *
 * @example
 * createMaskinportenValidator({ environment: 'test', keys: { maxAge: 300, timeout: 3 } })
 * @see https://www.rfc-editor.org/rfc/rfc5861
 */
export interface KeyOptions {
  /**
   * Age from which the next request refreshes the keys in the background. 1–86400. Default 600, ±10 % so that many
   * instances do not fetch at once.
   */
  readonly maxAge: number
  /**
   * Seconds after `maxAge` for which requests do not wait for the refresh. After that, a request waits for at most one
   * `timeout` per failed attempt, and not at all while the latest attempt has failed. From 0; `maxAge` and this are at
   * most 604800 together. Default 300, or up to an age of 900 with another `maxAge`. RFC 5861 §3.
   */
  readonly staleWhileRevalidate: number
  /**
   * Seconds after `maxAge` for which the last-known-good keys serve through an outage. From `staleWhileRevalidate`;
   * `maxAge` and this are at most 604800 together. Default 85800: an age of 24 hours, Digdir's own figure, which other
   * values of `maxAge` keep. RFC 5861 §4.
   */
  readonly staleIfError: number
  /** Minimum between fetches that an unknown `kid` causes and Maskinporten answers. 1–86400. Default 30. */
  readonly cooldown: number
  /** For a whole attempt: metadata, where it is read, and keys. 0.1–30. Default 5. */
  readonly timeout: number
}

/**
 * What keys may be used for at their age: `fresh` keys without a refresh, `stale` keys during a refresh in the
 * background, `overdue` keys after a refresh was awaited or has failed, `expired` keys not at all.
 */
export type KeyStage = 'fresh' | 'stale' | 'overdue' | 'expired'

/**
 * @param age in seconds
 * @param refreshAt `maxAge` with its jitter
 */
export function keyStage(age: number, refreshAt: number, options: KeyOptions): KeyStage {
  const { maxAge, staleWhileRevalidate, staleIfError } = options
  // The oldest stage comes first, and as a negation: a `NaN` from a broken clock means `expired`.
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
 * What a request does with keys of this stage: `use` them, `refresh` them in the background and use them, `wait` for
 * new ones, or `give_up` until the pause after the latest failure is over. In an outage, requests wait for one failed
 * attempt and then use old keys without waiting.
 */
export function nextStep(stage: KeyStage, latest: AttemptState): 'use' | 'refresh' | 'wait' | 'give_up' {
  if (stage === 'fresh') return 'use'
  if (stage === 'expired') return latest.isInFlight || latest.isRetryDue ? 'wait' : 'give_up'
  if (stage === 'overdue' && !latest.hasFailed) return 'wait'
  return latest.isRetryDue && !latest.isInFlight ? 'refresh' : 'use'
}
