import type { Clock } from '@portvakt/core'
import { LRUCache } from 'lru-cache'
import { MaskinportenClientError } from './client-error.js'
import type { IssuedToken } from './token-response.js'

export interface CachedToken {
  readonly accessToken: string
  /** When it expires, in seconds since the epoch. */
  readonly expiresAt: number
  readonly scope: string | undefined
}

/**
 * @param skipCache true if the source must not use a cache of its own either
 * @param inBackground true when no caller awaits the token: the fetch then does not keep the process alive
 */
export type FetchToken = (skipCache: boolean, inBackground: boolean) => Promise<IssuedToken>

interface CacheParts {
  readonly clock: Clock
  readonly random: () => number
  readonly maxTokens: number
  /** Of one fetch, in milliseconds. */
  readonly totalTimeout: number
}

interface Flight {
  readonly startedAt: number
  readonly inBackground: boolean
  readonly token: Promise<CachedToken>
}

interface Entry {
  readonly token: CachedToken
  /** Sequence number of the fetch that produced this token. */
  readonly order: number
  /**
   * The end of the token's use, in milliseconds of the monotonic clock and of the wall clock. The earlier one
   * counts.
   */
  readonly usableUntil: number
  readonly usableUntilWall: number
  /** Milliseconds of the monotonic clock; postponed when a renewal fails. */
  renewFrom: number
  failedRenewals: number
  /** Milliseconds of the monotonic clock, before which a rejected token is not replaced again. */
  keepUntil: number
}

/**
 * Maximum average length of a token with its cache key, in characters. Node accepts 16 KiB of headers by
 * default.
 */
const MEAN_LENGTH = 16_384

/**
 * A token is not used in these last milliseconds of its life, because it could expire on its way to the API.
 */
const MARGIN = 5000

/** Minimum milliseconds between replacements of tokens that an API rejects. */
const REPLACE_EVERY = 30_000

/** A renewal can get a token from Texas's own cache, so a caller with `skipCache` does not join it. */
const nameOf = (key: string, skipCache: boolean): string => (skipCache ? `new ${key}` : key)

/**
 * Caches tokens by their request (`cacheKeyOf`), bounded in number and size. Callers of the same token share
 * one fetch, which ends within `totalTimeout`. A token is renewed in the background in the last third of its
 * life, and not used in its last 5 s (the last sixth of a short life).
 */
export class TokenCache {
  readonly #parts: CacheParts
  readonly #clock: Clock
  readonly #entries: LRUCache<string, Entry>
  readonly #inFlight = new Map<string, Flight>()
  #fetches = 0

  constructor(parts: CacheParts) {
    this.#parts = parts
    this.#clock = parts.clock
    this.#entries = new LRUCache({
      max: parts.maxTokens,
      // A single long token must fit even in a small cache.
      maxSize: Math.max(parts.maxTokens, 64) * MEAN_LENGTH,
      sizeCalculation: ({ token }, key) => token.accessToken.length + key.length,
    })
  }

  async get(key: string, fetchToken: FetchToken): Promise<CachedToken> {
    const entry = this.#entries.get(key)
    if (!entry || !this.#isUsable(entry)) return this.#fetch(key, false, fetchToken)
    if (this.#clock.elapsed() >= entry.renewFrom && !this.#flightOf(key)) {
      this.#begin(key, false, fetchToken, true).token.catch((error: unknown) => {
        // A failed renewal is not reported while the token lives. It is repeated after 1–30 s with jitter.
        const pause = Math.min(1000 * 2 ** entry.failedRenewals++, 30_000) * (0.5 + this.#parts.random() / 2)
        const retryAfter = error instanceof MaskinportenClientError ? (error.retryAfter ?? 0) * 1000 : 0
        entry.renewFrom = this.#clock.elapsed() + Math.max(pause, retryAfter)
      })
    }
    return entry.token
  }

  /** Fetches a new token, past a cache of the source too. Concurrent callers share the fetch. */
  fetch(key: string, fetchToken: FetchToken): Promise<CachedToken> {
    return this.#fetch(key, true, fetchToken)
  }

  /**
   * Replaces a token that an API has rejected. Returns undefined if that token is itself a recent replacement:
   * otherwise an API that rejects every token would cause a fetch for every call.
   */
  async replace(key: string, rejected: string, fetchToken: FetchToken): Promise<CachedToken | undefined> {
    const entry = this.#entries.get(key)
    if (entry && entry.token.accessToken !== rejected && this.#isUsable(entry)) return entry.token
    if (entry && this.#clock.elapsed() < entry.keepUntil) return undefined
    const token = await this.fetch(key, fetchToken)
    const replacement = this.#entries.get(key)
    if (replacement) replacement.keepUntil = this.#clock.elapsed() + REPLACE_EVERY
    return token
  }

  #fetch(key: string, skipCache: boolean, fetchToken: FetchToken): Promise<CachedToken> {
    const flight = this.#flightOf(nameOf(key, skipCache)) ?? this.#begin(key, skipCache, fetchToken, false)
    const { startedAt, inBackground, token } = flight
    if (!inBackground) return token
    // A timer keeps the process alive until the fetch ends.
    const left = startedAt + this.#parts.totalTimeout - this.#clock.elapsed()
    return token.finally(this.#clock.after(left, () => undefined))
  }

  #begin(key: string, skipCache: boolean, fetchToken: FetchToken, inBackground: boolean): Flight {
    const name = nameOf(key, skipCache)
    const order = ++this.#fetches
    // Read before the request: the token's life begins later, when Maskinporten issues it.
    const [startedAt, startedAtWall] = [this.#clock.elapsed(), this.#clock.now()]
    const token = fetchToken(skipCache, inBackground)
      .then((issued) => this.#keep(key, order, issued, startedAt, startedAtWall))
      .finally(() => this.#inFlight.get(name) === flight && this.#inFlight.delete(name))
    const flight: Flight = { startedAt, inBackground, token }
    this.#inFlight.set(name, flight)
    return flight
  }

  /**
   * The fetch in flight that another caller can join, until `totalTimeout`: on a runtime that drops the timers
   * of a finished request, its promise never settles.
   */
  #flightOf(name: string): Flight | undefined {
    const flight = this.#inFlight.get(name)
    const isOver = flight && this.#clock.elapsed() - flight.startedAt >= this.#parts.totalTimeout
    return isOver ? undefined : flight
  }

  #keep(
    key: string,
    order: number,
    issued: IssuedToken,
    startedAt: number,
    startedAtWall: number,
  ): CachedToken {
    const lifetime = issued.expiresIn * 1000
    const usable = lifetime - Math.min(MARGIN, lifetime / 6)
    const token = Object.freeze({
      accessToken: issued.accessToken,
      expiresAt: Math.floor((startedAtWall + lifetime) / 1000),
      scope: issued.scope,
    })
    // Keeps the token of a later fetch, which can be the replacement of this token.
    if (order < (this.#entries.get(key)?.order ?? 0)) return token
    this.#entries.set(key, {
      token,
      order,
      usableUntil: startedAt + usable,
      usableUntilWall: startedAtWall + usable,
      renewFrom: startedAt + (lifetime * 2) / 3,
      failedRenewals: 0,
      keepUntil: Number.NEGATIVE_INFINITY,
    })
    return token
  }

  #isUsable(entry: Entry): boolean {
    return this.#clock.elapsed() < entry.usableUntil && this.#clock.now() < entry.usableUntilWall
  }
}
