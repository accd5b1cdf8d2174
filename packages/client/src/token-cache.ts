import type { Clock } from '@portvakt/core'
import { LRUCache } from 'lru-cache'
import { pauseAfter, RequestPauses } from './request-pauses.js'
import type { IssuedToken } from './token-response.js'

export interface CachedToken {
  readonly accessToken: string
  /** When the token expires, in seconds since the epoch. */
  readonly expiresAt: number
  readonly scope: string | undefined
}

/**
 * @param skipCache true if the source must also bypass its own cache
 * @param inBackground true when no caller awaits the token: the fetch then does not keep the process alive
 */
export type FetchToken = (skipCache: boolean, inBackground: boolean) => Promise<IssuedToken>

interface CacheParts {
  readonly clock: Clock
  readonly random: () => number
  readonly maxTokens: number
  /** Maximum time for one fetch, in milliseconds. */
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
   * When the cache stops using the token, in milliseconds of the monotonic clock and of the wall clock. The
   * earlier time applies.
   */
  readonly usableUntil: number
  readonly usableUntilWall: number
  /** When a renewal can begin, in milliseconds of the monotonic clock. A failed renewal delays this time. */
  renewFrom: number
  failedRenewals: number
  /**
   * Until this time, in milliseconds of the monotonic clock, the token is not replaced even if an API rejects
   * it.
   */
  keepUntil: number
}

/**
 * The total length of all tokens and cache keys is at most this number of characters, multiplied by
 * `maxTokens` or, if `maxTokens` is less than 64, by 64. Node accepts 16 KiB of headers by default.
 */
const MEAN_LENGTH = 16_384

/** Seconds before expiry during which a token is not used, because it could expire on its way to the API. */
const MARGIN = 5

/** Minimum milliseconds between replacements of tokens that an API rejects. */
const REPLACE_EVERY = 30_000

/**
 * Names a fetch in flight. A fetch with `skipCache` has a name of its own, because a caller that requires a
 * new token must not join a fetch that Texas can answer from its cache.
 */
const nameOf = (key: string, skipCache: boolean): string => (skipCache ? `new ${key}` : key)

/**
 * Caches tokens by their request (`cacheKeyOf`). The number and the size of the tokens are bounded. Callers
 * that request the same token share one fetch, which ends within `totalTimeout`. A token is renewed in the
 * background after two thirds of its life (±20 %). It is not used in its last 5 s (an Altinn token: 30 s), or
 * in the last sixth of its life if that is shorter.
 */
export class TokenCache {
  readonly #parts: CacheParts
  readonly #clock: Clock
  readonly #entries: LRUCache<string, Entry>
  readonly #inFlight = new Map<string, Flight>()
  readonly #pauses: RequestPauses
  #fetches = 0

  constructor(parts: CacheParts) {
    this.#parts = parts
    this.#clock = parts.clock
    this.#pauses = new RequestPauses(parts)
    this.#entries = new LRUCache({
      max: parts.maxTokens,
      // A single long token must fit even if the cache is small.
      maxSize: Math.max(parts.maxTokens, 64) * MEAN_LENGTH,
      sizeCalculation: ({ token: { accessToken, scope = '' } }, key) =>
        accessToken.length + scope.length + key.length,
    })
  }

  async get(key: string, fetchToken: FetchToken): Promise<CachedToken> {
    const entry = this.#entries.get(key)
    if (!entry || !this.#isUsable(entry)) return this.#fetch(key, false, fetchToken)
    if (this.#clock.elapsed() >= entry.renewFrom && !this.#flightOf(key)) {
      this.#begin(key, false, fetchToken, true).token.catch((error: unknown) => {
        // A failed renewal is not reported while the token is usable.
        const pause = pauseAfter(++entry.failedRenewals, error, this.#parts.random)
        entry.renewFrom = this.#clock.elapsed() + pause
      })
    }
    return entry.token
  }

  /** Fetches a new token, bypassing the source's own cache too. Concurrent callers share the fetch. */
  fetch(key: string, fetchToken: FetchToken): Promise<CachedToken> {
    return this.#fetch(key, true, fetchToken)
  }

  /**
   * Replaces a token that an API has rejected. Returns undefined if that token is itself a recent
   * replacement. Without this limit, an API that rejects every token would cause a fetch for every call.
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
    const unlessPaused = this.#pauses.between(key, fetchToken)
    const flight = this.#flightOf(nameOf(key, skipCache)) ?? this.#begin(key, skipCache, unlessPaused, false)
    const { startedAt, inBackground, token } = flight
    if (!inBackground) return token
    // A background fetch does not keep the process alive. A caller now awaits this fetch, so a timer keeps
    // the process alive until the fetch ends.
    const left = startedAt + this.#parts.totalTimeout - this.#clock.elapsed()
    return token.finally(this.#clock.after(left, () => undefined))
  }

  #begin(key: string, skipCache: boolean, fetchToken: FetchToken, inBackground: boolean): Flight {
    const name = nameOf(key, skipCache)
    const order = ++this.#fetches
    // Read the clocks before the request: the token's life begins when the server issues the token, and must
    // not be overestimated.
    const [startedAt, startedAtWall] = [this.#clock.elapsed(), this.#clock.now()]
    const token = fetchToken(skipCache, inBackground)
      .then((issued) => this.#keep(key, order, issued, startedAt, startedAtWall))
      .finally(() => this.#inFlight.get(name) === flight && this.#inFlight.delete(name))
    const flight: Flight = { startedAt, inBackground, token }
    this.#inFlight.set(name, flight)
    return flight
  }

  /**
   * Returns the fetch in flight that a further caller can join, or undefined if that fetch is older than
   * `totalTimeout`. On a runtime that drops the timers of a finished request, such a fetch may never settle.
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
    this.#pauses.end(key)
    const lifetime = issued.expiresIn * 1000
    const { margin = MARGIN } = issued
    const usable = lifetime - Math.min(margin * 1000, lifetime / 6)
    const token = Object.freeze({
      accessToken: issued.accessToken,
      expiresAt: Math.floor((startedAtWall + lifetime) / 1000),
      scope: issued.scope,
    })
    // Do not overwrite the token of a later fetch, which can be the replacement of this token.
    if (order < (this.#entries.get(key)?.order ?? 0)) return token
    this.#entries.set(key, {
      token,
      order,
      usableUntil: startedAt + usable,
      usableUntilWall: startedAtWall + usable,
      // Jitter spreads the renewals of replicas that got their tokens at the same time, for example after an
      // outage.
      renewFrom: startedAt + ((lifetime * 2) / 3) * (0.8 + 0.4 * this.#parts.random()),
      failedRenewals: 0,
      keepUntil: Number.NEGATIVE_INFINITY,
    })
    return token
  }

  #isUsable(entry: Entry): boolean {
    return this.#clock.elapsed() < entry.usableUntil && this.#clock.now() < entry.usableUntilWall
  }
}
