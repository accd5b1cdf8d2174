import { DAY, PHASES, phaseAt } from './scenario.mjs'

export const ENDPOINTS = ['keys', 'metadata', 'tokens']

/** The results of the fleet, or of a part of it. Events before the start of the day are not recorded. */
export function createRecord() {
  return {
    /** Requests in each second of the day. */
    requests: Object.fromEntries(ENDPOINTS.map((name) => [name, new Uint32Array(DAY)])),
    phases: PHASES.map(() => ({
      calls: 0,
      /** Good calls that got 401 or 403. */
      refused: 0,
      /** Good calls that got 503 from a replica that has not had keys since its start. */
      withoutKeys: 0,
      /** Good calls that got 503 from a replica that has had keys. */
      unavailable: 0,
      /** Calls to other APIs that were not made, because there was no token. */
      withoutToken: 0,
      /** Longest times in seconds: to decide on a call, and to get a token for a call to another API. */
      longestCall: 0,
      longestToken: 0,
      /** Replicas that became ready, and the longest time from a start to its first successful probe. */
      started: 0,
      longestStart: 0,
    })),
    /**
     * Time of the latest call to another API that failed for lack of a token, in seconds since the start of
     * the day.
     */
    lastWithoutToken: 0,
  }
}

export function phaseOf(record, second) {
  return second < 0 || second >= DAY ? undefined : record.phases[phaseAt(second)]
}

export function countRequest(record, endpoint, second) {
  if (second >= 0 && second < DAY) record.requests[endpoint][Math.floor(second)]++
}

/** Combines the records of parts of the fleet. */
export function combine(records) {
  const whole = createRecord()
  for (const { requests, phases, lastWithoutToken } of records) {
    for (const name of ENDPOINTS)
      requests[name].forEach((count, second) => {
        whole.requests[name][second] += count
      })
    phases.forEach((phase, index) => {
      const sum = whole.phases[index]
      for (const [name, value] of Object.entries(phase))
        sum[name] = name.startsWith('longest') ? Math.max(sum[name], value) : sum[name] + value
    })
    whole.lastWithoutToken = Math.max(whole.lastWithoutToken, lastWithoutToken)
  }
  return whole
}

/** Requests per second in a phase: the mean, the highest second, and the highest average over 60 s. */
export function ratesIn(requests, phase) {
  const rates = { total: 0, seconds: 0, mean: 0, second: 0, minute: 0 }
  let [inMinute, run] = [0, 0]
  requests.forEach((count, second) => {
    if (phaseAt(second) !== phase) {
      inMinute = run = 0
      return
    }
    inMinute += count - (run >= 60 ? requests[second - 60] : 0)
    run++
    rates.total += count
    rates.seconds++
    rates.second = Math.max(rates.second, count)
    if (run >= 60) rates.minute = Math.max(rates.minute, inMinute / 60)
  })
  rates.mean = rates.total / rates.seconds
  return rates
}
