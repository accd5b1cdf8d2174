import type { Clock } from './clock.js'
import { describeFailure, type KeyHealth, reportFailure } from './key-health.js'
import { KeyRefresh } from './key-refresh.js'
import type { LearnedIssuer } from './key-source.js'
import { isRequestScoped } from './signed-tokens.js'
import { introspectionUnavailable } from './texas-probe.js'
import type { TokenReader } from './token-reader.js'

export interface LearningRules {
  readonly clock: Clock
  /** For one reading of the metadata, in seconds. */
  readonly deadline: number
  /** From 0 to 1, for jitter. */
  readonly random: () => number
}

/**
 * A reader that reads no token until the issuer is known: metadata is read first, with the back-off of keys. Until
 * then it is not usable, and a token that the issuer may have issued is answered `introspection_unavailable`.
 *
 * @param reader whose `readAtHand` refuses what needs no issuer, and fetches nothing
 * @returns the reader itself when the issuer is known already
 */
export function withKnownIssuer(
  reader: TokenReader,
  issuer: LearnedIssuer,
  { clock, deadline, random }: LearningRules,
): TokenReader {
  const isKnown = () => issuer.issuer() !== undefined
  if (isKnown()) return reader
  const refresh = new KeyRefresh({
    load: (signal) => issuer.load(signal),
    deadline: deadline * 1000,
    clock,
    random,
    isRequestScoped: isRequestScoped(),
  })

  async function learn(): Promise<void> {
    if (refresh.isInFlight || refresh.isRetryDue) await refresh.run()
    if (!isKnown()) throw introspectionUnavailable(refresh.failure?.error)
  }

  return {
    steps: reader.steps,
    read(token, reading, request) {
      if (isKnown()) return reader.read(token, reading, request)
      return reader
        .readAtHand(token, reading)
        .then(learn)
        .then(() => reader.read(token, reading, request))
    },
    readAtHand: (token, reading) => reader.readAtHand(token, reading),
    async ready() {
      if (!isKnown()) await learn()
      await reader.ready()
    },
    health() {
      const health = reader.health()
      if (isKnown()) return health
      // A platform sends no requests before its readiness probe succeeds, so the probe reads the metadata.
      if (!isRequestScoped() && !refresh.isInFlight && refresh.isRetryDue) void refresh.run(true)
      return unusable(health, refresh)
    },
    get failure() {
      return refresh.failure ? describeFailure(refresh.failure.error) : reader.failure
    },
  }
}

function unusable(health: KeyHealth, { failure }: KeyRefresh): KeyHealth {
  const lastFailure = failure && { lastFailure: reportFailure(failure.error, failure.age) }
  return Object.freeze({ ...health, usable: false, ...lastFailure })
}
