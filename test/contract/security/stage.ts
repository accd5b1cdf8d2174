import {
  createMaskinportenValidator,
  createTexasValidator,
  type DecisionEvent,
  type MaskinportenValidator,
  type MaskinportenValidatorOptions,
} from '@portvakt/core'
import { createTestClock } from '@portvakt/mock'
import type { Target } from './attack.js'
import { type Forge, ISSUER, NOW } from './forge.js'

const INTROSPECTION = new URL('/introspect', ISSUER).href

const CREATE = {
  keys: createMaskinportenValidator,
  /** Adds a Texas that reports every token as active. The validator must still refuse every attack. */
  texas: (options: MaskinportenValidatorOptions) =>
    createTexasValidator({ introspectionEndpoint: INTROSPECTION, ...options }),
}

/**
 * Creates a validator with a key endpoint in this process, and loads the keys if possible. The fetches and
 * events of the validator are recorded.
 */
export async function prepare(forge: Forge, target: Target = {}, mode: keyof typeof CREATE = 'keys') {
  const { keys = { keys: [forge.known.jwk] }, metadata, options } = target
  let [published, fetches] = [keys, 0]
  const events: DecisionEvent[] = []
  const clock = createTestClock(NOW * 1000)
  const issuer = { issuer: ISSUER, jwks_uri: new URL('/jwk', ISSUER).href, ...metadata }
  const validator = CREATE[mode]({
    ...(options?.environment === undefined && { issuer: ISSUER }),
    clock,
    random: () => 0.5,
    onDecision: (event) => events.push(event),
    fetch: async (url) => {
      if (url === INTROSPECTION) return Response.json({ active: true })
      fetches++
      return Response.json(new URL(url).pathname === '/jwk' ? published : issuer)
    },
    ...options,
  })
  // `health()` starts the fetch of keys. The test clock stands still, so a failed fetch is not repeated.
  for (let health = validator.health(); !health.usable && !health.lastFailure; health = validator.health()) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    validator,
    clock,
    events,
    fetches: () => fetches,
    /** Changes the answer of the key endpoint. */
    publish: (given: unknown) => {
      published = given
    },
  }
}
export type Prepared = Awaited<ReturnType<typeof prepare>>

/** The application that the hosts serve. Each attack can have its own validator. */
export function createStage(first: MaskinportenValidator) {
  let current = first
  let handled = 0
  const validator = new Proxy(Object.create(null), {
    get: (_, name) => Reflect.get(current, name),
  }) as MaskinportenValidator
  return {
    validator,
    offline: validator,
    slow: validator,
    use: (next: MaskinportenValidator) => {
      current = next
    },
    handled: () => {
      handled++
    },
    /** The number of handlers that ran since the last call of `takeHandled`. */
    takeHandled() {
      const count = handled
      handled = 0
      return count
    },
  }
}
