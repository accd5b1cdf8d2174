import type { KeyOptions } from './key-options.js'

/**
 * The stage of the loaded keys, by their age. It decides how a request uses them:
 *
 * - `fresh`: the keys are used without a refresh.
 * - `stale`: the keys are used while they are refreshed in the background.
 * - `overdue`: the keys are used only if the latest refresh, awaited or in the background, has failed.
 * - `expired`: the keys are not used.
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
  // The comparison is negated, so that `NaN` from a broken clock means `expired`.
  if (!(age <= maxAge + staleIfError)) return 'expired'
  if (age > maxAge + staleWhileRevalidate) return 'overdue'
  return age < refreshAt ? 'fresh' : 'stale'
}

/** The state of the latest attempt to load keys. */
export interface AttemptState {
  readonly isInFlight: boolean
  readonly hasFailed: boolean
  /** Whether the pause after the latest failure is over. */
  readonly isRetryDue: boolean
}

/**
 * What a request does with keys: `use` them, `refresh` them in the background and use them, `wait` for new
 * keys, or `give_up` if keys have expired and the pause after a failed attempt is not over. In an outage,
 * requests wait for one attempt to fail, and then use the old keys without waiting.
 */
export type KeyStep = 'use' | 'refresh' | 'wait' | 'give_up'

export function nextStep(stage: KeyStage, latest: AttemptState): KeyStep {
  if (stage === 'fresh') return 'use'
  if (stage === 'expired') return latest.isInFlight || latest.isRetryDue ? 'wait' : 'give_up'
  if (stage === 'overdue' && !latest.hasFailed) return 'wait'
  return latest.isRetryDue && !latest.isInFlight ? 'refresh' : 'use'
}
