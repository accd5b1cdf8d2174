import {
  createMaskinportenValidator,
  type Fetch,
  type MaskinportenReason,
  type MaskinportenValidator,
  type MaskinportenValidatorOptions,
} from '@portvakt/core'
import { createTestClock, type TestClock } from '@portvakt/mock'
import { READ } from '../conformance/api.js'
import { type Forge, ISSUER, NOW } from '../security/forge.js'

/** Runs what is due, until something has happened. A test that waits in vain ends by its own deadline. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

/** Turns of the event loop, for what happens without leaving a trace. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

export type Verdict = MaskinportenReason | 'let in'

/** A validator whose day passes on a clock of the test's own, and an endpoint in this process. */
export interface World {
  readonly validator: MaskinportenValidator
  readonly clock: TestClock
  /** Attempts to load keys; one attempt may fetch twice, metadata first. */
  readonly attempts: () => number
  readonly fetches: () => number
  /** What is answered from now on; metadata as well, unless the answer is left to `wellKnown`. */
  answer(fetch: Fetch): void
  /** The verdict on a token, which may take no time of the clock. */
  present(token: string): Promise<Verdict>
  /** Waits for the attempt of this moment to end, if there was one. */
  settle(): Promise<void>
}

/** Answers keys, and metadata that names them. */
export const publishing =
  (keys: readonly unknown[]): Fetch =>
  async (url) =>
    Response.json(url.endsWith('/jwk') ? { keys } : { issuer: ISSUER, jwks_uri: `${ISSUER}jwk` })

export function createWorld(forge: Forge, options: MaskinportenValidatorOptions = {}): World {
  const clock = createTestClock(NOW * 1000)
  const signals = new Set<unknown>()
  let fetches = 0
  let settledAt = 0
  let answer = publishing([forge.known.jwk])
  const validator = createMaskinportenValidator({
    issuer: ISSUER,
    clock,
    random: () => 0.5,
    fetch: (url, init) => {
      fetches++
      signals.add(init.signal)
      return answer(url, init)
    },
    ...options,
  })
  return {
    validator,
    clock,
    attempts: () => signals.size,
    fetches: () => fetches,
    answer: (next) => {
      answer = next
    },
    async present(token) {
      const decision = await validator.decide(`Bearer ${token}`, READ)
      return decision.allowed ? 'let in' : decision.denial.reason
    },
    async settle() {
      if (signals.size === settledAt) return
      settledAt = signals.size
      await until(() => {
        const { lastFailure, keyAge } = validator.health()
        return lastFailure?.age === 0 || keyAge === 0
      })
    },
  }
}
