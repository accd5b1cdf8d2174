import type { KeyOptions } from './key-options.js'

/**
 * The stage of the keys decides when they can be used:
 *
 * - `fresh` keys: without a refresh.
 * - `stale` keys: during a refresh in the background.
 * - `overdue` keys: only if the latest refresh has failed, in the background or awaited.
 * - `expired` keys: never.
 */
export type KeyStage = 'fresh' | 'stale' | 'overdue' | 'expired'

/**
 * Returns the stage of keys of this age.
 *
 * @param age in seconds
 * @param refreshAt `maxAge` with its jitter
 */
export function keyStage(age: number, refreshAt: number, options: KeyOptions): KeyStage {
  const { maxAge, staleWhileRevalidate, staleIfError } = options
  // Negated, so that `NaN` from a broken clock means `expired`.
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
 * ones, or `give_up` during the pause after a failure. In an outage, requests wait for one attempt to fail,
 * and then use the old keys without waiting.
 */
export type KeyStep = 'use' | 'refresh' | 'wait' | 'give_up'

export function nextStep(stage: KeyStage, latest: AttemptState): KeyStep {
  if (stage === 'fresh') return 'use'
  if (stage === 'expired') return latest.isInFlight || latest.isRetryDue ? 'wait' : 'give_up'
  if (stage === 'overdue' && !latest.hasFailed) return 'wait'
  return latest.isRetryDue && !latest.isInFlight ? 'refresh' : 'use'
}
