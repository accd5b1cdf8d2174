import { createMaskinportenValidator, type Fetch } from '@portvakt/core'
import { createTestClock } from '@portvakt/mock'
import { type Forge, ISSUER, NOW } from '../security/forge.js'
import { reasonFor } from '../security/verdicts.js'

/** Runs the event loop until a condition holds. If it never holds, the test times out. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

/** Runs this many turns of the event loop, to wait for effects that a test cannot observe. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Answers requests for keys with these keys, and requests for metadata with valid metadata. */
export const publishing =
  (keys: readonly unknown[]): Fetch =>
  async (url) =>
    Response.json(url.endsWith('/jwk') ? { keys } : { issuer: ISSUER, jwks_uri: `${ISSUER}jwk` })

export const down: Fetch = () => Promise.reject(new TypeError('fetch failed'))

/** Never answers, not even to the abort signal. */
export const hanging: Fetch = () => new Promise(() => undefined)

/** A validator with a test clock, and a key endpoint in this process. */
export function createWorld(forge: Forge) {
  const clock = createTestClock(NOW * 1000)
  const signals = new Set<unknown>()
  let [fetches, settledAt] = [0, 0]
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
  })
  return {
    validator,
    clock,
    /** The number of attempts to load keys. One attempt can fetch twice: metadata, then keys. */
    attempts: () => signals.size,
    fetches: () => fetches,
    /** Changes the answers for metadata and keys. */
    answer: (next: Fetch) => {
      answer = next
    },
    /** Returns the verdict on a token. If the decision waits for keys, the test must advance the clock. */
    present: (token: string) => reasonFor(`Bearer ${token}`, { validator }),
    /** Waits for the end of an attempt to load keys that started at the current time. */
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
export type World = ReturnType<typeof createWorld>
