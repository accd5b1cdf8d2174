import { setTimeout as wait } from 'node:timers/promises'

/** Milliseconds. */
const TICK = 2

/**
 * Calls `send` with a number of requests, so that they are `perSecond` in the long run. What this process slept
 * through it catches up with, for up to 100 ms and at twice the rate: more at once would be a burst of its own.
 *
 * @param send what it does not send is given up, and is missing in the rate that is printed
 */
export async function pace(perSecond, seconds, send) {
  const end = performance.now() + seconds * 1000
  let last = performance.now()
  let owed = 0
  for (let now = last; now < end; now = performance.now()) {
    const passed = Math.max(now - last, TICK) / 1000
    owed = Math.min(owed + (perSecond * (now - last)) / 1000, Math.max(1, perSecond / 10))
    last = now
    const due = Math.floor(Math.min(owed, Math.max(1, 2 * perSecond * passed)))
    if (due > 0) {
      send(due)
      owed -= due
    }
    await wait(TICK)
  }
}
