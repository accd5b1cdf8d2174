import type { Clock } from '@portvakt/core'
import { sleep } from '@portvakt/core/internal'
import { type Attempt, runAttempt } from './attempt.js'
import { MaskinportenClientError } from './client-error.js'

export interface RetryRules {
  readonly clock: Clock
  readonly random: () => number
  /** Maximum time for one attempt, in milliseconds. */
  readonly attemptTimeout: number
  /** Maximum time for all attempts and the pauses between them, in milliseconds. */
  readonly totalTimeout: number
}

/**
 * Runs `work` until it succeeds, fails with a non-retryable error, fails four times, or reaches the total
 * timeout. Pauses are 0.2, 0.4 and 0.8 s with jitter, or the time of `Retry-After` if that is longer. The
 * total timeout also ends the last attempt: with a total timeout of 15 s, an attempt that begins at 12 s ends
 * at 15 s. No library is used, so that the pauses follow the injected clock.
 *
 * @param inBackground true when no caller awaits the outcome: attempts and pauses then do not keep the
 * process alive
 * @throws the error of the last attempt
 */
export async function withRetries<T>(
  work: (attempt: Attempt) => Promise<T>,
  { clock, random, attemptTimeout, totalTimeout }: RetryRules,
  inBackground = false,
): Promise<T> {
  const giveUpAt = clock.elapsed() + totalTimeout
  for (let count = 1; ; count++) {
    try {
      return await runAttempt(work, Math.min(attemptTimeout, giveUpAt - clock.elapsed()), clock, inBackground)
    } catch (error) {
      if (!(error instanceof MaskinportenClientError) || !error.retryable || count === 4) throw error
      const jittered = 200 * 2 ** (count - 1) * (0.5 + random() / 2)
      const pause = Math.max(jittered, (error.retryAfter ?? 0) * 1000)
      if (clock.elapsed() + pause >= giveUpAt) throw error
      await sleep(clock, pause, inBackground)
      // Check the time again, because a timer fires late in a busy process.
      if (clock.elapsed() >= giveUpAt) throw error
    }
  }
}
