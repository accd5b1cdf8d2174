import type { Clock } from '@portvakt/core'
import { LRUCache } from 'lru-cache'
import { MaskinportenClientError, type MaskinportenClientErrorDetails } from './client-error.js'

interface Parts {
  readonly clock: Clock
  readonly random: () => number
  readonly maxTokens: number
}

interface Pause {
  readonly error: MaskinportenClientError
  /** Number of failures in a row. */
  readonly failures: number
  /** When the pause ends, in milliseconds of the monotonic clock. */
  readonly endsAt: number
}

/**
 * The total length of all cache keys is at most this number of characters, multiplied by `maxTokens` or, if
 * `maxTokens` is less than 64, by 64.
 */
const MEAN_LENGTH = 1024

/**
 * Pauses the fetching of a token after two failures in a row. Without pauses, each call of a busy application
 * would send requests throughout an outage, and all replicas would fetch a token as soon as the outage ends.
 * Each cache key has its own pause, because a failure may affect only token requests of one kind.
 */
export class RequestPauses {
  readonly #parts: Parts
  readonly #pauses: LRUCache<string, Pause>

  constructor(parts: Parts) {
    this.#parts = parts
    this.#pauses = new LRUCache({
      max: parts.maxTokens,
      maxSize: Math.max(parts.maxTokens, 64) * MEAN_LENGTH,
      sizeCalculation: (_pause, key) => key.length,
    })
  }

  /**
   * Returns a function that fetches a token. During a pause, the function rejects with the error that began
   * the pause. A first failure does not begin a pause, because the next call can succeed. A failure is a
   * retryable error, or a 401 from Altinn, which can also mean a failure inside Altinn.
   */
  between<Flags extends boolean[], Issued>(
    key: string,
    fetchToken: (...flags: Flags) => Promise<Issued>,
  ): typeof fetchToken {
    return async (...flags) => {
      const latest = this.#pauses.get(key)
      // Throw a copy, because a caller can change the error that it catches.
      if (latest && this.#parts.clock.elapsed() < latest.endsAt) throw copyOf(latest.error)
      try {
        return await fetchToken(...flags)
      } catch (error) {
        if (error instanceof MaskinportenClientError && isOutage(error)) this.#begin(key, error)
        else this.end(key)
        throw error
      }
    }
  }

  /** Forgets the failures of a cache key. Called when the server has issued or refused the token. */
  end(key: string): void {
    this.#pauses.delete(key)
  }

  #begin(key: string, error: MaskinportenClientError): void {
    const { clock, random } = this.#parts
    const failures = (this.#pauses.get(key)?.failures ?? 0) + 1
    const pause = failures === 1 ? 0 : pauseAfter(failures - 1, error, random)
    this.#pauses.set(key, { error, failures, endsAt: clock.elapsed() + pause })
  }
}

const isOutage = ({ retryable, server, status }: MaskinportenClientError) =>
  retryable || (server === 'altinn' && status === 401)

/** Copies `cause` by its name, because the `cause` of an error is not enumerable. */
const copyOf = (error: MaskinportenClientError) =>
  new MaskinportenClientError(error.code, {
    ...(error as MaskinportenClientErrorDetails),
    ...('cause' in error ? { cause: error.cause } : {}),
  })

/**
 * Maximum milliseconds of a `Retry-After` pause. A longer `Retry-After` could be a mistake, and would block
 * the token for days.
 */
const LONGEST_RETRY_AFTER = 60_000

/**
 * Returns the milliseconds until the next fetch: 1, 2, 4 … 30 s minus a jitter of up to half, or the time in
 * `Retry-After` (at most 60 s) if that is longer.
 *
 * @param failures the number of failures in a row
 */
export function pauseAfter(failures: number, error: unknown, random: () => number): number {
  const pause = Math.min(1000 * 2 ** (failures - 1), 30_000) * (0.5 + random() / 2)
  const retryAfter = error instanceof MaskinportenClientError ? (error.retryAfter ?? 0) * 1000 : 0
  return Math.max(pause, Math.min(retryAfter, LONGEST_RETRY_AFTER))
}
