import { monitorEventLoopDelay } from 'node:perf_hooks'
import { answerWith } from '../../processes.mjs'
import { SERVERS } from './servers.mjs'

/** The process of a server. It reports its own costs. */

/** Interval of the event-loop measurement, in milliseconds. */
const EVERY = 1

let cpuBefore
let delay

answerWith({
  open: ({ framework, name, ...setting }) => SERVERS[framework][name](setting),

  /** Collects only the young generation, because a full collection would discard compiled code. */
  collect: () => globalThis.gc({ type: 'minor' }),

  /** @param watch true to measure the event-loop delay as well, which costs CPU time itself */
  begin({ watch = false } = {}) {
    delay = watch ? monitorEventLoopDelay({ resolution: EVERY }) : undefined
    delay?.enable()
    cpuBefore = process.cpuUsage()
  },

  /** @returns CPU time since `begin` in µs, in total and in user mode, and the event-loop delay in ms */
  end() {
    const { user, system } = process.cpuUsage(cpuBefore)
    delay?.disable()
    const late = delay && {
      p50: lateness(delay.percentile(50)),
      p99: lateness(delay.percentile(99)),
      max: lateness(delay.max),
    }
    return { cpu: user + system, user, late }
  },
})

/**
 * Node records the time between two measurements in nanoseconds. The delay is the excess over the interval.
 */
function lateness(recorded) {
  return Math.max(0, recorded / 1e6 - EVERY)
}
