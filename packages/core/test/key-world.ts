import { generateKeyPairSync } from 'node:crypto'
import { createTestClock, type TestClock } from '@portvakt/mock'
import { importJWK, type JWK } from 'jose'
import type { MaskinportenReason } from '../src/errors/reasons/reasons.js'
import type { SignatureAlgorithm } from '../src/jws/compact-jws.js'
import type { VerificationKey } from '../src/jws/verify-signature.js'
import { type KeyOptions, readKeyOptions } from '../src/keys/key-options.js'
import type { KeyRequest } from '../src/keys/key-refresh.js'
import { KeySet, type KeySetParts } from '../src/keys/key-set.js'
import { UpstreamError } from '../src/platform/fetch-json.js'
import { deferred } from './deferred.js'
import { reasonOfAsync } from './refusal.js'

export const KEY_OPTIONS = readKeyOptions({})

const makeKey = (kid: string): JWK => ({
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }),
  kid,
})
export const [k1, k2, k3] = [makeKey('k1'), makeKey('k2'), makeKey('k3')]

export const fail = () => Promise.reject(new UpstreamError('unreachable'))

export interface KeyWorldChanges extends Partial<Pick<KeySetParts, 'random' | 'isRequestScoped'>> {
  readonly options?: Partial<KeyOptions>
  readonly isStatic?: boolean
}

/** A key set with its clock, and an endpoint whose answer a test can set. */
export class KeyWorld {
  readonly clock: TestClock = createTestClock()
  readonly keys: KeySet
  /** Answers every fetch. A test can replace it. */
  answer: (signal: AbortSignal) => Promise<unknown> = async () => ({ keys: [k1] })
  fetches = 0

  constructor({ options, isStatic = false, ...parts }: KeyWorldChanges = {}) {
    // Simulates a long uptime: only differences between readings of the clock may matter.
    this.clock.advance(1_000_000)
    this.keys = new KeySet({
      source: {
        isStatic,
        issuer: () => 'https://x.no/',
        mayHaveIssued: () => true,
        fetch: (signal) => {
          this.fetches++
          return this.answer(signal)
        },
      },
      algorithms: ['RS256', 'RS384', 'RS512'],
      keyOptions: { ...KEY_OPTIONS, ...options },
      clock: this.clock,
      random: () => 0.5,
      isRequestScoped: false,
      ...parts,
    })
  }

  /** Returns the key for a request, with the same calls as a verifier makes. */
  async find(keyId = 'k1', request: KeyRequest = {}): Promise<VerificationKey> {
    const name = { keyId, algorithm: 'RS256' } as const
    return this.keys.peek(name, this.clock.now(), request) ?? this.keys.load(name, request)
  }

  /** Returns the reason with which `find` refuses. */
  async refusal(keyId?: string, request?: KeyRequest): Promise<MaskinportenReason> {
    return reasonOfAsync(this.find(keyId, request))
  }

  /** Answers every fetch from now on with these keys. */
  publish(...keys: readonly unknown[]): void {
    this.answer = async () => ({ keys })
  }

  /** Sends a request after this many seconds, and waits for the refresh that the request begins. */
  async findAfter(seconds: number): Promise<void> {
    this.clock.advance(seconds)
    await this.find()
    await settle()
  }

  /** Begins a background refresh of stale keys, and returns its deferred answer. */
  async beginRefresh() {
    const answer = deferred()
    this.answer = () => answer.promise
    this.clock.advance(601)
    await this.find()
    return answer
  }

  /** Returns the key for an explanation. */
  async findOffline(keyId = 'k1', algorithm: SignatureAlgorithm = 'RS256') {
    const name = { keyId, algorithm }
    await this.keys.importOwn()
    return this.keys.peek(name, this.clock.now()) ?? this.keys.loadOffline(name)
  }

  /** Steps only the wall clock. */
  step(seconds: number): void {
    this.clock.set(this.clock.now() + seconds * 1000)
  }
}

/** Returns a world whose key set has loaded `k1`. */
export async function loadedWorld(changes?: KeyWorldChanges): Promise<KeyWorld> {
  const world = new KeyWorld(changes)
  await world.find()
  return world
}

/**
 * Lets pending work finish without moving the clock. Other threads import keys in order: when the import in
 * this function is done, earlier imports are done too.
 */
export async function settle(): Promise<void> {
  for (let round = 0; round < 6; round++) {
    await importJWK({ ...k1 }, 'RS256')
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Whether a promise is still pending after `settle`. */
export async function isPending(work: Promise<unknown>): Promise<boolean> {
  let pending = true
  const end = () => (pending = false)
  work.then(end, end)
  await settle()
  return pending
}
