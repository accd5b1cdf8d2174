import { BUSY, BY_DAY, OUTAGE_END, PHASES, PROBE_EVERY } from './scenario.mjs'
import { figure } from './table.mjs'

/** Defaults of the validator in seconds: `maxAge`, the share of it that is jitter, and the longest pause. */
const MAX_AGE = 600
const KEY_JITTER = 0.2
const KEY_PAUSE = 60

/** Tokens live for 120 s. A renewal begins after two thirds of that, and jitter spreads renewals over this time. */
const RENEWAL_JITTER = 80 * 0.4

/** The longest pause of the client in seconds, of which jitter takes away up to half; and attempts in a fetch. */
const TOKEN_PAUSE = 30
const ATTEMPTS = 4
const ATTEMPT_TIMEOUT = 5

/** The share of busy replicas that take a call within a second. */
const FIRST_SECOND = 1 - Math.exp(-BUSY)

/**
 * The most that a replica sends in the first minute of an outage: nine fetches, if all pauses are the shortest. The
 * first pause comes after the second fetch.
 */
const IN_FIRST_MINUTE = 9 * ATTEMPTS

/**
 * Returns the bounds of requests a second in a phase: on average over a minute, and within a second. Each is the
 * rate that is expected in the worst case, and what chance adds to it (six standard deviations of a Poisson
 * process).
 */
export function boundsFor(replicas) {
  /** A share of the replicas whose requests wait for a call, when calls become frequent. */
  const waiting = (share) => ({ minute: (replicas * share) / 60, second: replicas * share * FIRST_SECOND })
  // Even if all replicas fetched at once, jitter spreads their next fetches over its whole width.
  const keys = both(replicas / (MAX_AGE * KEY_JITTER))
  // Refreshes and renewals wait for 20 s by day, of the 620 and 100 s from one to the next.
  const busyKeys = plus(keys, waiting(20 / 620))
  const tokens = plus(both(replicas / RENEWAL_JITTER), waiting(20 / 100))
  // Metadata that could not be read in the outage is read an hour later, with the keys.
  // When the night ends, half of the replicas have keys that are due, and wait for a call.
  const night = { keys: plus(keys, both((replicas / 2) * BY_DAY)), metadata: keys, tokens }
  const usual = { keys: busyKeys, metadata: both(0), tokens }
  // In an outage, an attempt reads the keys or the metadata, in turn. The pause and the wait for a call take 80 s.
  const attempts = plus(both(replicas / KEY_PAUSE), waiting(20 / 80 / 2))

  const expected = {
    night,
    steady: usual,
    'announced rotation': usual,
    // Each replica fetches the keys once more, at its first call with the new key.
    'unannounced rotation': { ...usual, keys: plus(busyKeys, waiting(1)) },
    // In one second, half of the replicas make three of the four attempts of a fetch.
    outage: {
      keys: attempts,
      metadata: attempts,
      tokens: { minute: (replicas * IN_FIRST_MINUTE) / 60, second: (replicas / 2) * 3 },
    },
    // Within one pause, each replica reads the metadata, fetches the keys and gets a token. Attempts that met when
    // traffic rose, a minute before the end, can meet again.
    'end of the outage': {
      keys: plus(keys, attempts),
      metadata: attempts,
      tokens: both(replicas / (TOKEN_PAUSE / 4)),
    },
    // Each replica starts once in ten minutes, and then reads the metadata twice: for keys and for tokens.
    rollout: { ...usual, metadata: both(replicas / 300) },
  }
  return (phase, endpoint) => withChance(expected[phase][endpoint])
}

function both(rate) {
  return { minute: rate, second: rate }
}

function plus(one, other) {
  return { minute: one.minute + other.minute, second: one.second + other.second }
}

function withChance({ minute, second }) {
  return { minute: minute + 6 * Math.sqrt(minute / 60), second: second + 6 * Math.sqrt(second) }
}

/** Seconds that a call can wait: for two attempts to fetch keys, and for a token. Defaults of the library. */
const LONGEST_CALL = 2 * 5
const LONGEST_TOKEN = 15

/** An attempt that begins in the outage hangs until its timeout, and the longest pause follows. */
const LAST_FAILURE = OUTAGE_END + ATTEMPT_TIMEOUT + TOKEN_PAUSE

/** Returns the promises about calls that a record breaks. */
export function brokenPromises({ phases, lastWithoutToken }) {
  return [
    ...phases.flatMap((phase, index) => {
      const isOutage = ['outage', 'end of the outage'].includes(PHASES[index])
      return [
        phase.refused > 0 && 'a good call got 401 or 403',
        phase.unavailable > 0 && 'a replica with keys answered 503 to a good call',
        !isOutage && phase.withoutKeys > 0 && 'a replica had no keys at its start',
        !isOutage && phase.withoutToken > 0 && 'a call could not be made for want of a token',
        !isOutage && phase.longestStart > PROBE_EVERY && 'a replica was not ready at its second probe',
        phase.longestCall > LONGEST_CALL && `a call waited for ${figure(phase.longestCall)} s`,
        phase.longestToken > LONGEST_TOKEN && `a token came after ${figure(phase.longestToken)} s`,
      ]
        .filter(Boolean)
        .map((promise) => `${PHASES[index]}: ${promise}`)
    }),
    ...(lastWithoutToken > LAST_FAILURE ? ['tokens were not back after the last pause of the outage'] : []),
  ]
}
