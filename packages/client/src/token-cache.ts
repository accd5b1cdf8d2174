import type { Clock } from '@portvakt/core'
import { LRUCache } from 'lru-cache'
import { MaskinportenClientError } from './client-error.js'
import type { IssuedToken } from './token-response.js'

/** A token that can be used now. */
export interface CachedToken {
  readonly accessToken: string
  /** When it expires, in seconds since the epoch. */
  readonly expiresAt: number
  readonly scope: string | undefined
}

/**
 * @param skipCache true if the source must not use a cache of its own either
 * @param inBackground true when nothing awaits the token: fetching it then does not keep the process alive
 */
export type FetchToken = (skipCache: boolean, inBackground: boolean) => Promise<IssuedToken>

/** What a cache needs of a client's configuration. */
interface CacheParts {
  readonly clock: Clock
  readonly random: () => number
  readonly maxTokens: number
  /** How long a fetch may take, in milliseconds. */
  readonly totalTimeout: number
}

/** A fetch that all callers of the same token share. */
interface Flight {
  readonly startedAt: number
  readonly inBackground: boolean
  readonly token: Promise<CachedToken>
}

interface Entry {
  readonly token: CachedToken
  /** Sequence number of the fetch that produced this token. */
  readonly order: number
  /** Milliseconds of the monotonic clock, and of the wall clock. The earlier one ends the token. */
  readonly usableUntil: number
  readonly usableUntilWall: number
  /** Milliseconds of the monotonic clock; postponed when a renewal fails. */
  renewFrom: number
  failedRenewals: number
  /** Milliseconds of the monotonic clock, until which a rejected token is not replaced again. */
  keepUntil: number
}

/** Characters of a token and its request, on average at most. Node accepts 16 KiB of headers by default. */
const MEAN_LENGTH = 16_384

/** Milliseconds at the end of a token's life in which it is not used, as it could expire on its way to the API. */
const MARGIN = 5000

/** Milliseconds between fetches of new tokens that an API rejects one after the other. */
const REPLACE_EVERY = 30_000

/** Milliseconds between failing renewals: doubled each time, with jitter. */
const [FIRST_PAUSE, LONGEST_PAUSE] = [1000, 30_000]

/** A renewal may get a token of Texas's own cache, so a caller with `skipCache` does not join it. */
function nameOf(key: string, skipCache: boolean): string {
  return skipCache ? `new ${key}` : key
}

/**
 * Caches tokens by their request (`cacheKeyOf`). Callers of the same token share one fetch. A token is renewed in
 * the background in the last third of its life, and not used in its last 5 s (the last sixth of a short life).
 *
 * Tokens are bounded in number and size. Fetches in flight are as many as the application asks for at once with
 * different requests: each ends within `totalTimeout`.
 */
export class TokenCache {
  readonly #parts: CacheParts
  readonly #clock: Clock
  readonly #entries: LRUCache<string, Entry>
  readonly #inFlight = new Map<string, Flight>()
  #asked = 0

  constructor(parts: CacheParts) {
    this.#parts = parts
    this.#clock = parts.clock
    this.#entries = new LRUCache({
      max: parts.maxTokens,
      maxSize: parts.maxTokens * MEAN_LENGTH,
      sizeCalculation: ({ token }, key) => token.accessToken.length + key.length,
    })
  }

  async get(key: string, fetchToken: FetchToken): Promise<CachedToken> {
    const entry = this.#entries.get(key)
    if (!entry || !this.#isUsable(entry)) return this.#fetch(key, false, fetchToken)
    if (this.#clock.elapsed() >= entry.renewFrom && !this.#flightOf(key)) {
      // A failed renewal is not reported while the token lives; it is repeated after a pause.
      this.#begin(key, false, fetchToken, true).token.catch((error: unknown) =>
        this.#putOffRenewal(entry, error),
      )
    }
    return entry.token
  }

  #putOffRenewal(entry: Entry, error: unknown): void {
    const pause = Math.min(FIRST_PAUSE * 2 ** entry.failedRenewals++, LONGEST_PAUSE)
    const asked = error instanceof MaskinportenClientError ? (error.retryAfter ?? 0) * 1000 : 0
    entry.renewFrom = this.#clock.elapsed() + Math.max(pause * (0.5 + this.#parts.random() / 2), asked)
  }

  /** Fetches a new token, also at the source. Concurrent callers share the fetch. */
  fetch(key: string, fetchToken: FetchToken): Promise<CachedToken> {
    return this.#fetch(key, true, fetchToken)
  }

  /**
   * Returns a token in place of one that an API has rejected; undefined if the rejected one is itself a recent
   * replacement. Without that limit, an API that rejects every token would cause a fetch for every call.
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
    return flight.inBackground ? this.#inForeground(flight) : flight.token
  }

  #begin(key: string, skipCache: boolean, fetchToken: FetchToken, inBackground: boolean): Flight {
    const name = nameOf(key, skipCache)
    const order = ++this.#asked
    // Read before the request: the token's life begins later, when Maskinporten issues it.
    const [askedAt, askedAtWall] = [this.#clock.elapsed(), this.#clock.now()]
    const token = fetchToken(skipCache, inBackground)
      .then((issued) => this.#keep(key, order, issued, askedAt, askedAtWall))
      .finally(() => this.#inFlight.get(name) === flight && this.#inFlight.delete(name))
    const flight: Flight = { startedAt: askedAt, inBackground, token }
    this.#inFlight.set(name, flight)
    return flight
  }

  /** Awaits a fetch that began in the background, and keeps the process alive until the fetch ends. */
  #inForeground({ startedAt, token }: Flight): Promise<CachedToken> {
    const left = startedAt + this.#parts.totalTimeout - this.#clock.elapsed()
    const release = this.#clock.after(left, () => undefined)
    return token.finally(release)
  }

  /**
   * The fetch in flight that another caller may join. It is dropped by the clock too, because its promise never
   * settles on a runtime that drops the timers of a request that has ended.
   */
  #flightOf(name: string): Flight | undefined {
    const flight = this.#inFlight.get(name)
    const isOver = flight && this.#clock.elapsed() - flight.startedAt >= this.#parts.totalTimeout
    return isOver ? undefined : flight
  }

  #keep(key: string, order: number, issued: IssuedToken, askedAt: number, askedAtWall: number): CachedToken {
    const lifetime = issued.expiresIn * 1000
    const usable = lifetime - Math.min(MARGIN, lifetime / 6)
    const token = Object.freeze({
      accessToken: issued.accessToken,
      expiresAt: Math.floor((askedAtWall + lifetime) / 1000),
      scope: issued.scope,
    })
    // A token of a later fetch stays: it may replace this one.
    if (order < (this.#entries.get(key)?.order ?? 0)) return token
    this.#entries.set(key, {
      token,
      order,
      usableUntil: askedAt + usable,
      usableUntilWall: askedAtWall + usable,
      renewFrom: askedAt + (lifetime * 2) / 3,
      failedRenewals: 0,
      keepUntil: Number.NEGATIVE_INFINITY,
    })
    return token
  }

  #isUsable(entry: Entry): boolean {
    return this.#clock.elapsed() < entry.usableUntil && this.#clock.now() < entry.usableUntilWall
  }
}
