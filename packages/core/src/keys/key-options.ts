import { numberBetween, takeOptions } from '../platform/options.js'

/**
 * How long keys are used, in seconds. `maxAge` counts from the start of the fetch.
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
   * Seconds after `maxAge` during which requests do not wait for the refresh. After that time, a request
   * waits for the refresh for at most one `timeout`, but does not wait if the latest attempt failed. Minimum
   * 0; `maxAge` and this member together at most 604800. Default: 900 − `maxAge` (300 with the default
   * `maxAge`), but at least 0. RFC 5861 §3.
   */
  readonly staleWhileRevalidate: number
  /**
   * Seconds after `maxAge` during which old keys are used in an outage. Minimum `staleWhileRevalidate`;
   * `maxAge` and this member together at most 604800. Default: 86400 − `maxAge` (85800 with the default
   * `maxAge`). Keys are then used for 24 hours in all, which is Digdir's figure. The default is never less
   * than `staleWhileRevalidate`. RFC 5861 §4.
   */
  readonly staleIfError: number
  /**
   * Minimum seconds between a successful fetch that an unknown `kid` causes and the next such fetch. 1–86400.
   * Default 30.
   */
  readonly cooldown: number
  /** Seconds that one attempt to load keys can take, including a read of metadata. 0.1–30. Default 5. */
  readonly timeout: number
}

const DAY = 86_400

/** @throws {TypeError} naming the bad option, and what it must be */
export function readKeyOptions(options: Partial<KeyOptions>): KeyOptions {
  const names = ['maxAge', 'staleWhileRevalidate', 'staleIfError', 'cooldown', 'timeout'] as const
  const taken = takeOptions(options, names, '`keys`')
  const { maxAge = 600, cooldown = 30, timeout = 5 } = taken
  // By default, keys are overdue at an age of 900 s and expired at 24 hours, unless `maxAge` is larger.
  const { staleWhileRevalidate = Math.max(900 - maxAge, 0) } = taken
  const { staleIfError = Math.max(DAY - maxAge, staleWhileRevalidate) } = taken
  const longest = 7 * DAY - maxAge
  if (staleIfError < staleWhileRevalidate)
    throw new TypeError('`keys.staleIfError` must not be less than `keys.staleWhileRevalidate`')
  return Object.freeze({
    maxAge: numberBetween(maxAge, 1, DAY, 'keys.maxAge'),
    staleWhileRevalidate: numberBetween(staleWhileRevalidate, 0, longest, 'keys.staleWhileRevalidate'),
    staleIfError: numberBetween(staleIfError, 0, longest, 'keys.staleIfError'),
    cooldown: numberBetween(cooldown, 1, DAY, 'keys.cooldown'),
    timeout: numberBetween(timeout, 0.1, 30, 'keys.timeout', ' seconds'),
  })
}
