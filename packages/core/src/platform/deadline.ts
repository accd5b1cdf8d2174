import type { Clock } from './clock.js'
import { asUpstreamError, UpstreamError } from './fetch-json.js'

/**
 * Runs `work`, such as a fetch, under one deadline for connecting, headers and body.
 *
 * @throws {UpstreamError} at the deadline, and in place of any other error from `work`
 */
export function withDeadline<T>(
  clock: Clock,
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<T>,
  inBackground = false,
): Promise<T> {
  const fail = (error: unknown) => {
    throw asUpstreamError(error)
  }
  const timedOut = () => new UpstreamError('timeout')
  return settleWithin(clock, milliseconds, (signal) => work(signal).catch(fail), timedOut, inBackground)
}

/**
 * Runs `work` under a deadline. The returned promise settles by the deadline even if `work` ignores its
 * signal.
 */
export function settleWithin<T>(
  clock: Clock,
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<T>,
  timedOut: () => Error,
  inBackground: boolean,
): Promise<T> {
  const controller = new AbortController()
  return new Promise((resolve, reject) => {
    const end = () => {
      reject(timedOut())
      controller.abort()
    }
    const cancel = clock.after(milliseconds, end, inBackground)
    work(controller.signal).then(resolve, reject).finally(cancel)
  })
}
