import {
  createMaskinportenValidator,
  createTexasValidator,
  type DecisionEvent,
  type MaskinportenValidator,
  type MaskinportenValidatorOptions,
} from '@portvakt/core'
import { createTestClock, type TestClock } from '@portvakt/mock'
import type { Api } from '../conformance/api.js'
import type { Target } from './attack.js'
import { type Forge, ISSUER, NOW } from './forge.js'

/** A validator whose fetches and events are recorded. */
export interface Prepared {
  readonly validator: MaskinportenValidator
  readonly clock: TestClock
  readonly events: readonly DecisionEvent[]
  /** The number of fetches so far. */
  readonly fetches: () => number
  /** Changes the answer of the key endpoint. */
  readonly publish: (keys: unknown) => void
}

const INTROSPECTION = new URL('/introspect', ISSUER).href

const CREATE = {
  keys: createMaskinportenValidator,
  /** Adds a Texas that reports every token as active. It must not allow any attack. */
  texas: (options: MaskinportenValidatorOptions) =>
    createTexasValidator({ introspectionEndpoint: INTROSPECTION, ...options }),
}

/** Creates a validator with a key endpoint in this process, and loads its keys if possible. */
export async function prepare(
  forge: Forge,
  target: Target = {},
  mode: keyof typeof CREATE = 'keys',
): Promise<Prepared> {
  const { keys = { keys: [forge.known.jwk] }, metadata, options } = target
  let published = keys
  let fetches = 0
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
  // `health()` starts the fetch. The clock stands still, so there is only one attempt.
  for (let health = validator.health(); !health.usable && !health.lastFailure; health = validator.health()) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    validator,
    clock,
    events,
    fetches: () => fetches,
    publish: (given) => {
      published = given
    },
  }
}

/** The application that the hosts serve. Each attack can have its own validator. */
export interface Stage extends Api {
  use(validator: MaskinportenValidator): void
  /** The number of handlers that ran since the last call. */
  takeHandled(): number
}

export function createStage(first: MaskinportenValidator): Stage {
  let current = first
  let handled = 0
  const validator = new Proxy(Object.create(null), {
    get: (_, name) => Reflect.get(current, name),
  }) as MaskinportenValidator
  return {
    validator,
    offline: validator,
    slow: validator,
    use: (next) => {
      current = next
    },
    handled: () => {
      handled++
    },
    takeHandled() {
      const count = handled
      handled = 0
      return count
    },
  }
}
