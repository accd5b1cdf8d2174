/** What happens during the simulated day. Times are seconds since its start; all are whole minutes. */
const HOUR = 3600
export const DAY = 24 * HOUR

/** Replicas start at random times in these seconds before the day, at the rate of calls at night. */
export const WARM_UP = 1800

const ANNOUNCED = 4 * HOUR
const UNANNOUNCED = 8 * HOUR
const STEADY = 10 * HOUR
const OUTAGE = 12 * HOUR
export const OUTAGE_END = 13 * HOUR
const ROLLOUT = 17 * HOUR

/** Rotations of the signing keys: published at `at`, signs from `signsAt`. */
export const ROTATIONS = [
  { at: ANNOUNCED - HOUR, signsAt: ANNOUNCED },
  { at: UNANNOUNCED, signsAt: UNANNOUNCED },
]

/**
 * The state of the endpoints, as the fleet sees it. In the outage the network between the fleet and Maskinporten
 * is down, so callers elsewhere still get tokens: first connections are refused, then requests hang. Around the
 * unannounced rotation the endpoints are slow, so that refreshes are in flight when the key changes.
 */
export function endpointState(second) {
  if (second >= OUTAGE && second < OUTAGE + HOUR / 2) return 'refusing'
  if (second >= OUTAGE + HOUR / 2 && second < OUTAGE_END) return 'hanging'
  return second >= UNANNOUNCED - 600 && second < UNANNOUNCED + 600 ? 'slow' : 'up'
}

/** Restarts, each of the replicas with an index from `from` to `to` (shares of the fleet), within ten minutes. */
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

/** A phase is half an hour from the minute before its event; the outage is an hour. The rest is night. */
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
 * Calls a second that a replica takes. Each call makes one call of another API, with a token of the replica. The
 * rate decides how fast a herd forms, so it is highest around each event, and is that of the day from half an hour
 * before each phase. At night a herd could not form; the low rate saves an hour of computing, and shows what
 * happens to a replica whose keys and tokens have expired at each call.
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

/** The rate of calls in each minute of the day, and when it changes next. */
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
