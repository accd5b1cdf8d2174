import { monitorEventLoopDelay } from 'node:perf_hooks'
import { answerWith } from '../processes.mjs'
import { SERVERS } from './servers.mjs'

/** The process of one server: it serves, and says what that cost it. */

/** How often the event loop is looked at, in milliseconds. */
const EVERY = 1

let cpuBefore
let delay

answerWith({
  open: ({ framework, name, ...setting }) => SERVERS[framework][name](setting),

  /** Of the young alone: a whole collection throws compiled code away with what it was compiled for. */
  collect: () => globalThis.gc({ type: 'minor' }),

  /** @param watch also measure how late the event loop is, which costs some itself */
  begin({ watch = false } = {}) {
    delay = watch ? monitorEventLoopDelay({ resolution: EVERY }) : undefined
    delay?.enable()
    cpuBefore = process.cpuUsage()
  },

  /** @returns CPU time since `begin` in microseconds, and how late the event loop was, in milliseconds */
  end() {
    const { user, system } = process.cpuUsage(cpuBefore)
    delay?.disable()
    const late = delay && {
      p50: lateness(delay.percentile(50)),
      p99: lateness(delay.percentile(99)),
      max: lateness(delay.max),
    }
    return { cpu: user + system, late }
  },
})

/** What Node records is the time from one look to the next, in nanoseconds; only what exceeds the plan is late. */
function lateness(recorded) {
  return Math.max(0, recorded / 1e6 - EVERY)
}
