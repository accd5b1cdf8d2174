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
 * @param skipCache whether the other side, too, is to make a new one
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

/** A fetch that every caller who wants the same token shares. */
interface Flight {
  readonly startedAt: number
  readonly inBackground: boolean
  readonly token: Promise<CachedToken>
}

interface Entry {
  readonly token: CachedToken
  /** The how manieth token this cache has asked for. */
  readonly order: number
  /** Milliseconds of the monotonic clock, and of the wall clock: whichever comes first ends the token. */
  readonly usableUntil: number
  readonly usableUntilWall: number
  /** Of the monotonic clock; put off when a renewal fails. */
  renewFrom: number
  failedRenewals: number
  /** Of the monotonic clock: until then, another token would fare no better. */
  keepUntil: number
}

/** Kept back from a token's life, so that it does not expire on its way to the API. In milliseconds. */
const MARGIN = 5000

/** Between tokens that are fetched because an API rejects each of them. */
const REPLACE_EVERY = 30_000

/** Between renewals that fail: doubled each time, with jitter, as the attempts of one renewal are already. */
const [FIRST_PAUSE, LONGEST_PAUSE] = [1000, 30_000]

/** Texas answers a renewal with a token of its own cache, which does not serve a caller that wants another one. */
function nameOf(key: string, skipCache: boolean): string {
  return skipCache ? `new ${key}` : key
}

/**
 * Tokens by what shaped them: each fetched once for everybody who asks, renewed in the background in the
 * last third of its life, and never handed out within 5 s (a sixth of a short life) of its end.
 */
export class TokenCache {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #totalTimeout: number
  readonly #entries: LRUCache<string, Entry>
  readonly #inFlight = new Map<string, Flight>()
  #asked = 0

  constructor({ clock, random, maxTokens, totalTimeout }: CacheParts) {
    this.#clock = clock
    this.#random = random
    this.#totalTimeout = totalTimeout
    this.#entries = new LRUCache({ max: maxTokens })
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
    entry.renewFrom = this.#clock.elapsed() + Math.max(pause * (0.5 + this.#random() / 2), asked)
  }

  /** Fetches anew, together with everybody who wants that meanwhile. */
  fetch(key: string, fetchToken: FetchToken): Promise<CachedToken> {
    return this.#fetch(key, true, fetchToken)
  }

  /**
   * A token in place of one that an API has rejected. Undefined where another would fare no better: the rejected one
   * came itself in place of another, a moment ago. An API that rejects everything would otherwise have a token
   * fetched for every call, until Maskinporten refuses to make more.
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
    // Before the request: the token's life begins at the other side, at some time after this.
    const [askedAt, askedAtWall] = [this.#clock.elapsed(), this.#clock.now()]
    const token = fetchToken(skipCache, inBackground)
      .then((issued) => this.#keep(key, order, issued, askedAt, askedAtWall))
      .finally(() => this.#inFlight.get(name) === flight && this.#inFlight.delete(name))
    const flight: Flight = { startedAt: askedAt, inBackground, token }
    this.#inFlight.set(name, flight)
    return flight
  }

  /** Awaits a fetch that began in the background, and keeps the process alive until it ends. */
  #inForeground({ startedAt, token }: Flight): Promise<CachedToken> {
    const left = startedAt + this.#totalTimeout - this.#clock.elapsed()
    const release = this.#clock.after(left, () => undefined)
    return token.finally(release)
  }

  /**
   * The fetch in flight that another caller may join. It is given up by the clock too, and not only by its
   * promise: where a runtime drops the timers of a request that has ended, the promise never settles.
   */
  #flightOf(name: string): Flight | undefined {
    const flight = this.#inFlight.get(name)
    const isOver = flight && this.#clock.elapsed() - flight.startedAt >= this.#totalTimeout
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
    // What was asked for later stays: it may be in place of this one.
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
