import type { CryptoKey } from 'jose'
import { MaskinportenError, refused } from '../errors/maskinporten-error.js'
import type { CompactJws, SignatureAlgorithm } from '../jws/compact-jws.js'
import { type Clock, Stopwatch } from '../platform/clock.js'
import { UpstreamError } from '../platform/fetch-json.js'
import { KeyFreshness, type KeyRequest, type KeyTiming, nextStep } from './freshness.js'
import {
  describeFailure,
  type FailureDescription,
  type Health,
  reportFailure,
  reportUnusable,
} from './health.js'
import { type AdmittedKey, type AdmittedKeys, admitKeys, type UnusableKey } from './jwk-import.js'
import { KeyRefresh, MAX_BACKOFF, sleep } from './key-refresh.js'
import type { KeySource } from './key-source.js'

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
 * timers run between requests.
 */
export class KeySet {
  readonly #parts: KeySetParts
  readonly #refresh: KeyRefresh
  readonly #freshness: KeyFreshness
  #keys: AdmittedKeys = new Map()
  /** Of the answer that was read last, also where it had no usable key. */
  #unusable: readonly UnusableKey[] = []
  #readBy = 0

  constructor(parts: KeySetParts) {
    this.#parts = parts
    const { source, timing, clock, random, isRequestScoped } = parts
    const load = (signal: AbortSignal, attempt: number) => this.#fetch(signal, attempt)
    this.#refresh = new KeyRefresh({ load, deadline: this.#deadline, clock, random, isRequestScoped })
    const { isStatic } = source
    this.#freshness = new KeyFreshness(this.#refresh, { timing, clock, random, isRequestScoped, isStatic })
  }

  async #fetch(signal: AbortSignal, attempt: number): Promise<void> {
    const { source, algorithms, clock } = this.#parts
    const age = new Stopwatch(clock)
    const { keys, unusable } = await admitKeys(await source.fetch(signal), algorithms)
    if (attempt >= this.#readBy) {
      this.#readBy = attempt
      this.#unusable = unusable
    }
    if (keys.size === 0) throw new UpstreamError('no_usable_key')
    // Replaced, not merged: a key that was taken out is no longer trusted.
    if (this.#freshness.renew(attempt, age)) this.#keys = keys
  }

  /**
   * The key that a token names: at once while that key is known and fresh enough, else a promise of it.
   *
   * @param rejectEarly throws when the unverified claims already rule the token out; called before a fetch
   * that the token would cause
   * @param now see {@link Stopwatch.secondsAt}
   * @throws {MaskinportenError} `unknown_key`, `unusable_key`, `unsupported_algorithm` (not that key's) or `keys_unavailable`
   */
  find(
    jws: CompactJws,
    rejectEarly: (jws: CompactJws) => void,
    request: KeyRequest,
    now = this.#parts.clock.now(),
  ): CryptoKey | Promise<CryptoKey> {
    const stage = this.#freshness.stageAt(now)
    if (stage === 'expired') return this.#await(jws, rejectEarly)
    const refreshed = this.#freshness.keepFresh(stage, request)
    const known = refreshed ? undefined : this.#keys.get(jws.keyId)
    return known ? keyFor(known, jws.algorithm) : this.#await(jws, rejectEarly, refreshed)
  }

  async #await(
    jws: CompactJws,
    rejectEarly: (jws: CompactJws) => void,
    refreshed?: Promise<void>,
  ): Promise<CryptoKey> {
    if (refreshed) {
      await refreshed
      const known = this.#isUsable ? this.#keys.get(jws.keyId) : undefined
      if (known) return keyFor(known, jws.algorithm)
    }
    rejectEarly(jws)
    if (!this.#isUsable) await this.#freshness.load()
    // A refresh that was awaited has looked for this key already.
    else if (!refreshed) await this.#freshness.fetchForUnknownKey()

    return this.#findLoaded(jws)
  }

  /**
   * The result of `find`, without a fetch; undefined where `find` would begin or await one.
   *
   * @param rejectEarly as for `find`
   * @throws {MaskinportenError} as `find`
   */
  async findAtHand(jws: CompactJws, rejectEarly: (jws: CompactJws) => void): Promise<CryptoKey | undefined> {
    // Keys that the application gave are only imported, not fetched.
    if (this.#parts.source.isStatic && !this.#isUsable) await this.#refresh.run()
    const { stage, unknownKeyDueAt } = this.#freshness
    const isAwaited = stage !== 'expired' && nextStep(stage, this.#refresh) === 'wait'
    const known = stage === 'expired' || isAwaited ? undefined : this.#keys.get(jws.keyId)
    if (known) return keyFor(known, jws.algorithm)
    rejectEarly(jws)
    const isDue = stage === 'expired' ? this.#refresh.isRetryDue : this.#now >= unknownKeyDueAt
    const mayFetch = !this.#parts.source.isStatic && (isAwaited || isDue || this.#refresh.isInFlight)
    return mayFetch ? undefined : this.#findLoaded(jws)
  }

  #findLoaded(jws: CompactJws): CryptoKey {
    if (!this.#isUsable) throw this.#unavailable(this.#refresh.retryAt)
    const found = this.#keys.get(jws.keyId)
    if (found) return keyFor(found, jws.algorithm)
    // Only an answer from Maskinporten shows that a key does not exist.
    if (this.#refresh.hasFailed) throw this.#unavailable(this.#freshness.unknownKeyDueAt)
    const unusable = this.#unusable.find(({ keyId }) => keyId === jws.keyId)
    throw unusable ? refused('unusable_key', { keyProblem: unusable.problem }) : refused('unknown_key')
  }

  /** Resolves once keys are loaded. Tries until the deadline, then rejects; call it again. */
  async ready(): Promise<void> {
    const giveUpAt = this.#now + this.#deadline
    while (!this.#isUsable) {
      const pause = Math.max(this.#refresh.retryAt - this.#now, 0)
      if (this.#now + pause >= giveUpAt) throw this.#unavailable(this.#refresh.retryAt)
      if (pause > 0) await sleep(this.#parts.clock, pause)
      await this.#refresh.run()
    }
  }

  /**
   * The state of the keys. While there are no usable ones, asking begins a fetch: a platform sends no requests
   * before its readiness probe succeeds, and otherwise only a request fetches.
   */
  health(): Health {
    if (!this.#isUsable) this.#freshness.loadInBackground()
    const { failure } = this.#refresh
    const keyAge = this.#freshness.age
    return Object.freeze({
      usable: this.#isUsable,
      keys: this.#keys.size,
      ...(keyAge !== undefined && { keyAge }),
      ...(this.#unusable.length > 0 && { unusableKeys: reportUnusable(this.#unusable) }),
      ...(failure && { lastFailure: reportFailure(failure.error, failure.age) }),
    })
  }

  /** Why the latest attempt failed; undefined once one succeeds. */
  get failure(): FailureDescription | undefined {
    const { failure } = this.#refresh
    return failure && describeFailure(failure.error)
  }

  get #isUsable(): boolean {
    return this.#freshness.stage !== 'expired'
  }

  #unavailable(nextAttemptAt: number): MaskinportenError {
    const retryAfter = Math.min(Math.max((nextAttemptAt - this.#now) / 1000, 1), MAX_BACKOFF)
    return new MaskinportenError('keys_unavailable', { retryAfter, cause: this.#refresh.failure?.error })
  }

  get #now(): number {
    return this.#parts.clock.elapsed()
  }

  get #deadline(): number {
    return this.#parts.timing.deadline * 1000
  }
}

/** Algorithm and key are matched here, before any cryptography (RFC 8725 §3.1). */
function keyFor(key: AdmittedKey, algorithm: SignatureAlgorithm): CryptoKey {
  const imported = key.byAlgorithm.get(algorithm)
  if (!imported) throw refused('unsupported_algorithm')
  return imported
}
