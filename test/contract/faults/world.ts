import { createMaskinportenValidator, type Fetch } from '@portvakt/core'
import { createTestClock } from '@portvakt/mock'
import { Forge, ISSUER, NOW } from '../security/forge.js'
import { reasonFor } from '../security/verdicts.js'

export const forge = new Forge()
export const [HOUR, DAY] = [3600, 86_400]

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

/** The published keys before, during and after a rotation from the known key to the bystander key. */
export const BEFORE = publishing([forge.known.jwk])
export const BOTH = publishing([forge.known.jwk, forge.bystander.jwk])
export const AFTER = publishing([forge.bystander.jwk])

export const down: Fetch = () => Promise.reject(new TypeError('fetch failed'))

/** Never answers, not even to the abort signal. */
export const hanging: Fetch = () => new Promise(() => undefined)

/** A validator with a test clock, and a key endpoint in this process. */
export function createWorld(keys = BEFORE) {
  const clock = createTestClock(NOW * 1000)
  const signals = new Set<unknown>()
  let fetches = 0
  let answer = keys
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
  }
}
export type World = ReturnType<typeof createWorld>

/** Creates a world whose validator has loaded these keys. From then on, the key endpoint answers with `next`. */
export async function loadedWorld(keys = BEFORE, next = keys): Promise<World> {
  const world = createWorld(keys)
  await world.validator.ready()
  world.answer(next)
  return world
}

/** Delays each answer of the key endpoint, by the clock of the world. */
export const delayed =
  ({ clock }: World, milliseconds: number, answer: Fetch): Fetch =>
  async (url, init) => {
    await new Promise<void>((resolve) => void clock.after(milliseconds, resolve))
    return answer(url, init)
  }
