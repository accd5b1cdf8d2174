import { BUSY, BY_DAY, OUTAGE_END, PHASES, PROBE_EVERY } from './scenario.mjs'
import { figure } from './table.mjs'

/** Validator defaults: `maxAge` in s, the share of `maxAge` that is jitter, and the longest pause in s. */
const MAX_AGE = 600
const KEY_JITTER = 0.2
const KEY_PAUSE = 60

/**
 * Tokens live for 120 s. The client renews a token after two thirds of its life (80 s). Jitter spreads the
 * renewals over this number of seconds.
 */
const RENEWAL_JITTER = 80 * 0.4

/**
 * Client defaults: longest pause in s (jitter can halve the pause), attempts per fetch, and timeout of an
 * attempt in s.
 */
const TOKEN_PAUSE = 30
const ATTEMPTS = 4
const ATTEMPT_TIMEOUT = 5

/** The share of busy replicas that receive a call within a second. */
const FIRST_SECOND = 1 - Math.exp(-BUSY)

/**
 * The most token requests that a replica sends in the first minute of an outage: nine fetches, if jitter
 * makes every pause as short as possible. The first pause comes after the second fetch.
 */
const IN_FIRST_MINUTE = 9 * ATTEMPTS

/**
 * Returns the bounds of requests per second in a phase: the average over a minute, and the number within a
 * second. Each bound is the expected rate in the worst case plus six standard deviations of a Poisson
 * process.
 */
export function boundsFor(replicas) {
  /** The rates at the moment when calls become frequent, if this share of the replicas waits for a call. */
  const waiting = (share) => ({ minute: (replicas * share) / 60, second: replicas * share * FIRST_SECOND })
  // Even if all replicas fetch at the same moment, jitter spreads their next fetches over the whole jitter
  // interval.
  const keys = both(replicas / (MAX_AGE * KEY_JITTER))
  // By day, calls come every 20 s. A refresh waits for a call during 20 of the 620 s between two refreshes,
  // and a renewal during 20 of the 100 s between two renewals.
  const busyKeys = plus(keys, waiting(20 / 620))
  const tokens = plus(both(replicas / RENEWAL_JITTER), waiting(20 / 100))
  // Replicas that could not read the metadata in the outage read it an hour later, together with the keys.
  // When the night ends, half of the replicas have keys that are due, and refresh them at their next call.
  const night = { keys: plus(keys, both((replicas / 2) * BY_DAY)), metadata: keys, tokens }
  const usual = { keys: busyKeys, metadata: both(0), tokens }
  // In an outage, attempts alternate between the keys and the metadata. A pause and the wait for a call take
  // 80 s together.
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
    // Within one pause, each replica reads the metadata, fetches the keys and gets a token. Attempts that
    // coincided when traffic rose, a minute before the end, can coincide again.
    'end of the outage': {
      keys: plus(keys, attempts),
      metadata: attempts,
      tokens: both(replicas / (TOKEN_PAUSE / 4)),
    },
    // In the ten minutes of a rollout, each replica starts once, and then reads the metadata twice: for keys
    // and for tokens.
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

/** The longest waits in seconds by the library's defaults: for two fetches of keys, and for a token. */
const LONGEST_CALL = 2 * 5
const LONGEST_TOKEN = 15

/**
 * The latest time at which a call can still lack a token: an attempt begins just before the outage ends and
 * times out, and the longest pause follows.
 */
const LAST_FAILURE = OUTAGE_END + ATTEMPT_TIMEOUT + TOKEN_PAUSE

/** Returns a message for each broken promise about calls, such as "a good call got 401 or 403". */
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
