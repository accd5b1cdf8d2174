/** The events of the simulated day. Times are in seconds since the start of the day, and are multiples of 60. */
const HOUR = 3600
export const DAY = 24 * HOUR

/**
 * In this number of seconds before the day, replicas start at random times. They get calls at the night rate.
 */
export const WARM_UP = 1800

const ANNOUNCED = 4 * HOUR
const UNANNOUNCED = 8 * HOUR
const STEADY = 10 * HOUR
const OUTAGE = 12 * HOUR
export const OUTAGE_END = 13 * HOUR
const ROLLOUT = 17 * HOUR

/** Rotations of the signing keys. The new key is published at `at`, and signs from `signsAt`. */
export const ROTATIONS = [
  { at: ANNOUNCED - HOUR, signsAt: ANNOUNCED },
  { at: UNANNOUNCED, signsAt: UNANNOUNCED },
]

/**
 * The state of the endpoints, as the fleet sees it. In the outage, the network between the fleet and
 * Maskinporten is down: connections are refused at first, and later requests hang. Callers elsewhere still
 * get tokens. Around the unannounced rotation, the endpoints are slow, so that refreshes are in flight when
 * the key changes.
 */
export function endpointState(second) {
  if (second >= OUTAGE && second < OUTAGE + HOUR / 2) return 'refusing'
  if (second >= OUTAGE + HOUR / 2 && second < OUTAGE_END) return 'hanging'
  return second >= UNANNOUNCED - 600 && second < UNANNOUNCED + 600 ? 'slow' : 'up'
}

/** Rollouts. Each restarts the replicas from `from` to `to` (shares of the fleet) within `within` seconds. */
export const ROLLOUTS = [
  { at: OUTAGE + 600, within: 600, from: 0, to: 0.05 },
  { at: ROLLOUT, within: 600, from: 0, to: 1 },
]

/** Share of the replicas that take traffic at once after a start, before a readiness probe has succeeded. */
export const WITHOUT_PROBE = 0.025

/** Seconds between probes of readiness, the default of Kubernetes. */
export const PROBE_EVERY = 10

/** Seconds from the stop of a replica to its start. */
export const RESTART_TAKES = 5

export const PHASES = [
  'night',
  'steady',
  'announced rotation',
  'unannounced rotation',
  'outage',
  'end of the outage',
  'rollout',
]

/**
 * A phase ends half an hour after its event, but the phase of the outage ends with the outage. The phases of
 * the rotations and of the outage begin a minute before the event. The rest of the day is night.
 */
const STARTS = [
  { phase: 2, from: ANNOUNCED - 60, to: ANNOUNCED + HOUR / 2 },
  { phase: 3, from: UNANNOUNCED - 60, to: UNANNOUNCED + HOUR / 2 },
  { phase: 1, from: STEADY, to: STEADY + HOUR / 2 },
  { phase: 4, from: OUTAGE - 60, to: OUTAGE_END },
  { phase: 5, from: OUTAGE_END, to: OUTAGE_END + HOUR / 2 },
  { phase: 6, from: ROLLOUT, to: ROLLOUT + HOUR / 2 },
]

/** The phase's index in {@link PHASES}, for each minute of the day. */
const PHASE_OF_MINUTE = Array.from({ length: DAY / 60 }, (_, minute) => {
  const inPhase = STARTS.find(({ from, to }) => minute * 60 >= from && minute * 60 < to)
  return inPhase?.phase ?? 0
})

export function phaseAt(second) {
  return PHASE_OF_MINUTE[Math.floor(second / 60)] ?? 0
}

/**
 * Calls per second to a replica. For each call, the replica calls another API with its own token. The rate
 * decides how fast a herd of simultaneous requests forms, so the rate is `BUSY` around each event, and
 * `BY_DAY` from half an hour before each phase. At night, no herd can form. The low rate at night saves an
 * hour of computing, and tests replicas whose keys or tokens often expire between two calls.
 */
export const BUSY = 1
export const BY_DAY = 1 / 20
const AT_NIGHT = 1 / 600

const BUSY_TIMES = [
  [ANNOUNCED - 60, ANNOUNCED + 300],
  [UNANNOUNCED - 60, UNANNOUNCED + 300],
  [OUTAGE - 60, OUTAGE + 300],
  [OUTAGE + HOUR / 2 - 60, OUTAGE + HOUR / 2 + 300],
  [OUTAGE_END - 60, OUTAGE_END + 300],
  [ROLLOUT, ROLLOUT + 900],
]

const DAYTIMES = STARTS.map(({ from, to }) => [from - HOUR / 2, to])

/** The rate of calls in each minute of the day, and the time of its next change. */
const TRAFFIC = Array.from({ length: DAY / 60 }, (_, minute) => {
  const isIn = ([from, to]) => minute * 60 >= from && minute * 60 < to
  const rate = BUSY_TIMES.some(isIn) ? BUSY : DAYTIMES.some(isIn) ? BY_DAY : AT_NIGHT
  return { rate, until: DAY }
})
for (let minute = TRAFFIC.length - 2; minute >= 0; minute--) {
  const [traffic, next] = [TRAFFIC[minute], TRAFFIC[minute + 1]]
  traffic.until = traffic.rate === next.rate ? next.until : (minute + 1) * 60
}

export function trafficAt(second) {
  return TRAFFIC[Math.floor(second / 60)] ?? { rate: AT_NIGHT, until: 0 }
}
