import { setTimeout as wait } from 'node:timers/promises'

/** Interval between calls of `send`, in milliseconds. */
const TICK = 2

/**
 * Calls `send` with the number of requests to send, on average `perSecond`. After a pause of this process,
 * `pace` makes up for at most 100 ms of missed requests, to avoid a large burst.
 *
 * @param send function that sends the requests. If it skips requests, the printed rate is lower.
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
