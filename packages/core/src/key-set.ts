import type { CryptoKey } from 'jose'
import type { Clock } from './clock.js'
import type { CompactJws, SignatureAlgorithm } from './compact-jws.js'
import { MaskinportenError, refused } from './errors.js'
import { type KeyFailure, KeyFetchError } from './fetch-json.js'
import { type AdmittedKey, type AdmittedKeys, admitKeys } from './key-admission.js'
import { atMost, describeFailure, KeyRefresh, MAX_BACKOFF, sleep } from './key-refresh.js'
import type { KeySource } from './key-source.js'

/** How keys are kept. All in seconds. */
export interface KeyTiming {
  /** Younger keys serve without a thought. Default 600, ±10 % so that many instances do not ask at once. */
  readonly freshFor: number
  /** Older keys make a request wait for the refresh, unless the latest attempt failed. Default 900. */
  readonly waitAfter: number
  /** The longest such wait. Default 1. */
  readonly waitAtMost: number
  /** The last-known-good keys serve until this age. Default 86400, Digdir's own figure. */
  readonly keepFor: number
  /** Unknown keys buy at most one fetch in this time. Default 30. */
  readonly unknownKeyCooldown: number
  /** For the whole exchange with Maskinporten. Default 5. */
  readonly deadline: number
}

/** The state of the keys, for a readiness probe and for monitoring. */
export interface KeyHealth {
  /** Whether tokens can be verified now. */
  readonly usable: boolean
  /** How many keys are in the set; none where Texas is asked. */
  readonly keys: number
  /** Seconds since the keys were fetched; absent while there are none. */
  readonly keyAge?: number
  /** The latest attempt's failure, with its age in seconds; absent once an attempt succeeds. */
  readonly lastFailure?: { readonly reason: KeyFailure; readonly message: string; readonly age: number }
}

/** Lets a refresh outlive the request that began it, where the platform needs to be told. */
export type WaitUntil = ((promise: Promise<unknown>) => void) | undefined

/** The request that a key is looked up for. It is only asked for its `waitUntil` when a refresh begins. */
export interface KeyRequest {
  readonly waitUntil?: WaitUntil
}

export interface KeySetParts {
  readonly source: KeySource
  readonly algorithms: readonly SignatureAlgorithm[]
  readonly timing: KeyTiming
  readonly clock: Clock
  readonly random: () => number
  /** See {@link KeyRefresh}. */
  readonly isRequestScoped: boolean
}

/**
 * Maskinporten's keys: refreshed in the background, kept through an outage, and replaced as a whole. No
 * timers run between requests. Times are milliseconds of the monotonic clock.
 */
export class KeySet {
  readonly #parts: KeySetParts
  readonly #refresh: KeyRefresh
  #keys: AdmittedKeys = new Map()
  #appliedAttempt = 0
  #appliedAt = Number.NEGATIVE_INFINITY
  #freshUntil = Number.NEGATIVE_INFINITY
  #unknownKeyAt = Number.NEGATIVE_INFINITY

  constructor(parts: KeySetParts) {
    this.#parts = parts
    const { clock, random, isRequestScoped } = parts
    const load = async (signal: AbortSignal, attempt: number) =>
      this.#apply(await admitKeys(await parts.source.fetch(signal), parts.algorithms), attempt)
    this.#refresh = new KeyRefresh({ load, deadline: this.#ms('deadline'), clock, random, isRequestScoped })
  }

  /**
   * The key that a token names. At once while that key is known and fresh enough, else a promise of it.
   *
   * @param refuseHopeless throws when the unverified claims show that no key could save the token; only asked
   * before a fetch, which such a token does not earn
   * @throws {MaskinportenError} `unknown_key`, `unsupported_algorithm` (not that key's) or `keys_unavailable`
   */
  find(
    jws: CompactJws,
    refuseHopeless: (jws: CompactJws) => void,
    request: KeyRequest,
  ): CryptoKey | Promise<CryptoKey> {
    const now = this.#now
    const wasUsable = this.#isUsableAt(now)
    const refreshed = wasUsable ? this.#keepFresh(now, request) : undefined
    const known = wasUsable && !refreshed ? this.#keys.get(jws.keyId) : undefined
    return known ? serving(known, jws.algorithm) : this.#await(jws, refuseHopeless, wasUsable, refreshed)
  }

  async #await(
    jws: CompactJws,
    refuseHopeless: (jws: CompactJws) => void,
    wasUsable: boolean,
    refreshed: Promise<void> | undefined,
  ): Promise<CryptoKey> {
    if (refreshed) {
      await refreshed
      const known = this.#isUsable ? this.#keys.get(jws.keyId) : undefined
      if (known) return serving(known, jws.algorithm)
    }
    refuseHopeless(jws)
    if (wasUsable) await this.#fetchForUnknownKey()
    else if (this.#refresh.isInFlight || this.#now >= this.#refresh.retryAt) await this.#refresh.run()

    return this.#findLoaded(jws)
  }

  /**
   * What `find` would say without a fetch; undefined where it would begin or await one. Fetches nothing.
   *
   * @param refuseHopeless as for `find`
   * @throws {MaskinportenError} as `find`
   */
  async findAtHand(
    jws: CompactJws,
    refuseHopeless: (jws: CompactJws) => void,
  ): Promise<CryptoKey | undefined> {
    // Keys that the application gave are only imported, not fetched.
    if (this.#parts.source.isStatic && !this.#isUsable) await this.#refresh.run()
    const known = this.#isUsable ? this.#keys.get(jws.keyId) : undefined
    if (known) return serving(known, jws.algorithm)
    refuseHopeless(jws)
    const isDue = this.#isUsable ? this.#isUnknownKeyDue : this.#now >= this.#refresh.retryAt
    const mayFetch = !this.#parts.source.isStatic && (isDue || this.#refresh.isInFlight)
    return mayFetch ? undefined : this.#findLoaded(jws)
  }

  #findLoaded(jws: CompactJws): CryptoKey {
    if (!this.#isUsable) throw this.#unavailable(this.#refresh.retryAt)
    const found = this.#keys.get(jws.keyId)
    if (found) return serving(found, jws.algorithm)
    // After a failed fetch nobody can say that the key does not exist.
    if (this.#refresh.failure) throw this.#unavailable(this.#unknownKeyAt + this.#ms('unknownKeyCooldown'))
    throw refused('unknown_key')
  }

  /** Resolves once keys are loaded. Tries until the deadline, then rejects; call it again. */
  async ready(): Promise<void> {
    const giveUpAt = this.#now + this.#ms('deadline')
    while (!this.#isUsable) {
      const pause = Math.max(this.#refresh.retryAt - this.#now, 0)
      if (this.#now + pause >= giveUpAt) throw this.#unavailable(this.#refresh.retryAt)
      if (pause > 0) await sleep(this.#parts.clock, pause)
      await this.#refresh.run()
    }
  }

  /**
   * The state of the keys. Asking is enough to have them fetched when there are none: a platform sends no
   * requests before its probe is content, and a request is what fetches otherwise.
   */
  health(): KeyHealth {
    this.#loadInBackground()
    const { failure } = this.#refresh
    return {
      usable: this.#isUsable,
      keys: this.#keys.size,
      ...(this.#keys.size > 0 && { keyAge: (this.#now - this.#appliedAt) / 1000 }),
      ...(failure && {
        lastFailure: { ...describeFailure(failure.error), age: (this.#now - failure.at) / 1000 },
      }),
    }
  }

  /** Why the latest attempt failed; undefined once one succeeds. */
  get failure(): KeyFailure | undefined {
    const { failure } = this.#refresh
    return failure && describeFailure(failure.error).reason
  }

  get #isUsable(): boolean {
    return this.#isUsableAt(this.#now)
  }

  #isUsableAt(now: number): boolean {
    if (this.#keys.size === 0) return false
    return this.#parts.source.isStatic || now - this.#appliedAt <= this.#ms('keepFor')
  }

  #loadInBackground(): void {
    // Where a background promise dies with its request there is nothing to begin without one.
    if (this.#isUsable || this.#parts.isRequestScoped || this.#refresh.isInFlight) return
    if (this.#now >= this.#refresh.retryAt) void this.#refresh.run()
  }

  /** A promise only when the request has to wait. */
  #keepFresh(now: number, request: KeyRequest): Promise<void> | undefined {
    if (this.#parts.source.isStatic || now < this.#freshUntil) return undefined
    const isFirst = !this.#refresh.isInFlight
    if (isFirst && now < this.#refresh.retryAt) return undefined
    const mustWait = now - this.#appliedAt > this.#ms('waitAfter') && !this.#refresh.failure
    if (!isFirst && !mustWait) return undefined

    const refresh = this.#refresh.run()
    const waitUntil = isFirst ? request.waitUntil : undefined
    if (waitUntil) waitUntil(refresh)
    // Without `waitUntil` the refresh would die with this request, so this request sees it through.
    else if (isFirst && this.#parts.isRequestScoped) return refresh
    return mustWait ? atMost(this.#parts.clock, this.#ms('waitAtMost'), refresh) : undefined
  }

  /** On a budget of its own, spent whatever the outcome, so that a flood of invented keys buys no fetches. */
  async #fetchForUnknownKey(): Promise<void> {
    const isDue = this.#isUnknownKeyDue
    if (isDue) this.#unknownKeyAt = this.#now
    if (isDue || this.#refresh.isInFlight) await this.#refresh.run()
  }

  get #isUnknownKeyDue(): boolean {
    return this.#now - this.#unknownKeyAt >= this.#ms('unknownKeyCooldown')
  }

  #apply(keys: AdmittedKeys, attempt: number): void {
    if (keys.size === 0) throw new KeyFetchError('no_usable_key')
    // An older answer may arrive last; it never overwrites a newer one.
    if (attempt < this.#appliedAttempt) return
    this.#appliedAttempt = attempt
    // Replaced, not merged: a key that was taken out is no longer trusted.
    this.#keys = keys
    this.#appliedAt = this.#now
    this.#freshUntil = this.#now + this.#ms('freshFor') * (0.9 + 0.2 * this.#parts.random())
  }

  #unavailable(nextAttemptAt: number): MaskinportenError {
    const retryAfter = Math.min(Math.max((nextAttemptAt - this.#now) / 1000, 1), MAX_BACKOFF)
    return new MaskinportenError('keys_unavailable', { retryAfter, cause: this.#refresh.failure?.error })
  }

  get #now(): number {
    return this.#parts.clock.elapsed()
  }

  #ms(name: keyof KeyTiming): number {
    return this.#parts.timing[name] * 1000
  }
}

/** Algorithm and key are matched here, before any cryptography (RFC 8725 §3.1). */
function serving(key: AdmittedKey, algorithm: SignatureAlgorithm): CryptoKey {
  const imported = key.byAlgorithm.get(algorithm)
  if (!imported) throw refused('unsupported_algorithm')
  return imported
}
