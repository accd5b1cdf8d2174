import { MaskinportenError, refused } from '../errors/maskinporten-error.js'
import type { KeyName, SignatureAlgorithm } from '../jws/compact-jws.js'
import type { VerificationKey } from '../jws/verify-signature.js'
import { Stopwatch, sleep } from '../platform/clock.js'
import { UpstreamError } from '../platform/fetch-json.js'
import { type KeyStage, type KeyStep, keyStage, nextStep } from './freshness.js'
import { describeFailure, type FailureDescription, type Health, healthOf } from './health.js'
import { importKeys, type UnusableKey, type UsableKeys } from './jwk-import.js'
import type { KeyOptions } from './key-options.js'
import { extend, KeyRefresh, type KeyRefreshParts, type KeyRequest, MAX_BACKOFF } from './key-refresh.js'
import type { KeySource } from './key-source.js'

export interface KeySetParts extends Pick<KeyRefreshParts, 'clock' | 'random' | 'isRequestScoped'> {
  readonly source: KeySource
  readonly algorithms: readonly SignatureAlgorithm[]
  readonly keyOptions: KeyOptions
}

interface LoadedKeys {
  readonly attempt: number
  readonly keys: UsableKeys
  /** The age counts from the start of the attempt, because the answer can be that old. */
  readonly age: Stopwatch
  /** `maxAge` with jitter. */
  readonly refreshAt: number
}

/**
 * Maskinporten's keys: refreshed in the background, kept through an outage, and replaced as a whole. A
 * verifier calls `peek`, and then `load` if `peek` returns undefined. No timers run between requests.
 */
export class KeySet {
  readonly #parts: KeySetParts
  readonly #refresh: KeyRefresh
  #loaded: LoadedKeys | undefined
  /** The unusable keys in the newest answer, and the number of the attempt that received that answer. */
  #unusable: readonly UnusableKey[] = []
  #unusableAttempt = 0
  /** The earliest time of the next fetch for an unknown key, in milliseconds of the monotonic clock. */
  #unknownKeyDueAt = Number.NEGATIVE_INFINITY

  constructor(parts: KeySetParts) {
    this.#parts = parts
    const load = (signal: AbortSignal, attempt: number) => this.#fetch(signal, attempt)
    this.#refresh = new KeyRefresh({ ...parts, load, timeout: parts.keyOptions.timeout * 1000 })
  }

  /**
   * The key that a token names; undefined if that key is unknown, or if the keys must be refreshed first.
   *
   * @param now see {@link Stopwatch.secondsAt}
   * @param request if given, `peek` begins a background refresh that is due
   * @throws {MaskinportenError} `unsupported_algorithm` if the key is for an algorithm other than the token's
   */
  peek(name: KeyName, now: number, request?: KeyRequest): VerificationKey | undefined {
    const step = this.#stepAt(now, request)
    if (step === 'wait' || step === 'give_up') return undefined
    if (step === 'refresh' && request) extend(request.waitUntil, this.#refresh.run(true))
    return this.#find(name)
  }

  /**
   * The key that a token names, after a fetch if one is due. Call `peek` and `rejectEarly` first.
   *
   * @throws {MaskinportenError} `unknown_key`, `unusable_key`, `unsupported_algorithm` or `keys_unavailable`
   */
  async load(name: KeyName, request: KeyRequest): Promise<VerificationKey> {
    const step = nextStep(this.#stage, this.#refresh)
    if (step === 'use') await this.#fetchForUnknownKey(name)
    else if (step !== 'give_up') await this.refresh(request)
    return this.take(name)
  }

  /** Whether this request has to await a refresh before it uses keys that have not expired. */
  mustRefresh(request: KeyRequest): boolean {
    return this.#stage !== 'expired' && this.#stepAt(this.#parts.clock.now(), request) === 'wait'
  }

  /** Imports the keys in the option `jwks`, which needs no fetch. */
  async importOwn(): Promise<void> {
    if (this.#parts.source.isStatic && this.#stage === 'expired') await this.#refresh.run()
  }

  /** The result of `load`; undefined if `load` would fetch. */
  loadOffline(name: KeyName): VerificationKey | undefined {
    const step = nextStep(this.#stage, this.#refresh)
    const isUnknownKeyDue = this.#refresh.isInFlight || this.#now >= this.#unknownKeyDueAt
    const wouldFetch = step === 'use' ? isUnknownKeyDue : step !== 'give_up'
    return wouldFetch && !this.#parts.source.isStatic ? undefined : this.take(name)
  }

  /** Awaits an attempt. If the keys are then too old, for example after a suspension, awaits a second one. */
  async refresh({ waitUntil }: KeyRequest): Promise<void> {
    const isJoined = this.#refresh.isInFlight
    const refreshed = this.#refresh.run()
    if (!isJoined) extend(waitUntil, refreshed)
    await refreshed
    const isTooOld = this.#stage === 'expired' || (isJoined && this.#stage === 'overdue')
    if (isTooOld && !this.#refresh.hasFailed) await this.#refresh.run()
  }

  /** Fetches at most once per `cooldown`: attackers can invent keys. After a failure, `retryAt` applies. */
  async #fetchForUnknownKey(name: KeyName): Promise<void> {
    // A fetch that began before this request can return an answer that is older than the key.
    for (let joined = 0; joined < 2 && this.#refresh.isInFlight; joined++) {
      await this.#refresh.run()
      if (this.#refresh.hasFailed || this.#find(name)) return
    }
    if (this.#now < this.#unknownKeyDueAt) return
    // Set before the fetch, because a cancelled request never continues after the fetch.
    this.#unknownKeyDueAt = this.#now + this.#parts.keyOptions.cooldown * 1000
    await this.#refresh.run()
    if (this.#refresh.hasFailed) this.#unknownKeyDueAt = this.#refresh.retryAt
  }

  async #fetch(signal: AbortSignal, attempt: number): Promise<void> {
    const { source, algorithms, clock, keyOptions, random } = this.#parts
    const age = new Stopwatch(clock)
    const { keys, unusable } = await importKeys(await source.fetch(signal), algorithms)
    if (attempt >= this.#unusableAttempt) [this.#unusableAttempt, this.#unusable] = [attempt, unusable]
    // After this error, the old keys stay in use.
    if (keys.size === 0) throw new UpstreamError('no_usable_key')
    if (attempt < (this.#loaded?.attempt ?? 0)) return
    // Replaced, not merged: a key that the issuer has removed is no longer trusted.
    this.#loaded = { attempt, keys, age, refreshAt: keyOptions.maxAge * (0.9 + 0.2 * random()) }
  }

  /** Matches algorithm and key before any cryptography (RFC 8725 §3.1). */
  #find({ keyId, algorithm }: KeyName): VerificationKey | undefined {
    const byAlgorithm = this.#loaded?.keys.get(keyId)
    const key = byAlgorithm?.get(algorithm)
    if (byAlgorithm && !key) throw refused('unsupported_algorithm')
    return key
  }

  /** The key that a token names, from the loaded keys and without a fetch. Throws as `load` does. */
  take(name: KeyName): VerificationKey {
    if (this.#stage === 'expired') throw this.#unavailable(this.#refresh.retryAt)
    const key = this.#find(name)
    if (key) return key
    // Only a successful fetch shows that a key does not exist.
    if (this.#refresh.hasFailed) throw this.#unavailable(this.#unknownKeyDueAt)
    const unusable = this.#unusable.find(({ keyId }) => keyId === name.keyId)
    throw unusable ? refused('unusable_key', { keyProblem: unusable.problem }) : refused('unknown_key')
  }

  /** Resolves once keys are loaded. Rejects if the next attempt could begin only after the timeout. */
  async ready(): Promise<void> {
    const giveUpAt = this.#now + this.#parts.keyOptions.timeout * 1000
    while (this.#stage === 'expired') {
      const pause = Math.max(this.#refresh.retryAt - this.#now, 0)
      if (this.#now + pause >= giveUpAt) throw this.#unavailable(this.#refresh.retryAt)
      if (pause > 0) await sleep(this.#parts.clock, pause)
      await this.#refresh.run()
    }
  }

  /**
   * Begins a fetch if no keys are usable, because a platform sends no requests until its readiness probe
   * succeeds. Does not fetch on a request-scoped runtime, where the fetch would end with the probe's request.
   */
  health(): Health {
    const { isInFlight, isRetryDue } = this.#refresh
    const isUsable = this.#stage !== 'expired'
    if (!isUsable && !this.#parts.isRequestScoped && !isInFlight && isRetryDue) void this.#refresh.run(true)
    return healthOf(isUsable, this.#loaded, this.#unusable, this.#refresh.failure)
  }

  get failure(): FailureDescription | undefined {
    return this.#refresh.failure && describeFailure(this.#refresh.failure.error)
  }

  /** If a background refresh would end with the request that begins it, the step is `wait` instead. */
  #stepAt(now: number, request?: KeyRequest): KeyStep {
    const step = nextStep(this.#stageAt(now), this.#refresh)
    const endsWithRequest = step === 'refresh' && this.#parts.isRequestScoped && request && !request.waitUntil
    return endsWithRequest ? 'wait' : step
  }

  get #stage(): KeyStage {
    return this.#stageAt(this.#parts.clock.now())
  }

  #stageAt(now: number): KeyStage {
    const { source, keyOptions } = this.#parts
    if (!this.#loaded) return 'expired'
    if (source.isStatic) return 'fresh'
    return keyStage(this.#loaded.age.secondsAt(now), this.#loaded.refreshAt, keyOptions)
  }

  #unavailable(nextAttemptAt: number): MaskinportenError {
    const retryAfter = Math.min(Math.max((nextAttemptAt - this.#now) / 1000, 1), MAX_BACKOFF)
    return new MaskinportenError('keys_unavailable', { retryAfter, cause: this.#refresh.failure?.error })
  }

  get #now(): number {
    return this.#parts.clock.elapsed()
  }
}
