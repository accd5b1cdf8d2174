import type { Clock } from '@portvakt/core'
import { MaskinportenClientError } from './client-error.js'

export interface RetryRules {
  readonly clock: Clock
  readonly random: () => number
  /** For all attempts and the pauses between them, in milliseconds. */
  readonly totalTimeout: number
}

const MAX_ATTEMPTS = 4
const FIRST_PAUSE = 200

/**
 * Tries until it succeeds, fails for good, or the next attempt would begin after the time is up. Pauses are
 * 0.2, 0.4, 0.8 s with full jitter, or what the other side asked for.
 *
 * Written out, and not from a library, so that its pauses run on the injected clock.
 */
export async function withRetries<T>(attempt: () => Promise<T>, rules: RetryRules): Promise<T> {
  const giveUpAt = rules.clock.elapsed() + rules.totalTimeout
  for (let count = 1; ; count++) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof MaskinportenClientError) || !error.retryable || count === MAX_ATTEMPTS)
        throw error
      const jittered = FIRST_PAUSE * 2 ** (count - 1) * (0.5 + rules.random() / 2)
      const pause = Math.max(jittered, (error.retryAfter ?? 0) * 1000)
      if (rules.clock.elapsed() + pause >= giveUpAt) throw error
      await new Promise<void>((resolve) => void rules.clock.after(pause, resolve))
    }
  }
}
