import type { Clock } from '@portvakt/core'
import { MaskinportenClientError } from './client-error.js'

/** One attempt to get a token: metadata, the assertion's signature and the token request. */
export interface Attempt {
  /** Aborts when the time is up. No step begins after that. */
  readonly signal: AbortSignal
  /** What the attempt waits for, which the error names when the time is up. */
  waitsFor: 'signature' | 'answer'
}

const HINTS = {
  signature: 'the `sign` function of the key did not settle in time: check that the KMS answers',
  answer:
    'it did not answer in time: check outbound access (firewall, network policy) and whether a proxy is needed; it may also be slow',
} as const

/**
 * Runs the steps of an attempt under one deadline. The returned promise settles by the clock, even if a `sign`
 * function never settles or a `fetch` ignores its signal.
 *
 * @param timeout milliseconds
 * @param inBackground true when nothing awaits the attempt: its deadline then does not keep the process alive
 * @throws {MaskinportenClientError} `signing_failed` or `unavailable`, retryable, when the time is up
 */
export function runAttempt<T>(
  work: (attempt: Attempt) => Promise<T>,
  timeout: number,
  clock: Clock,
  inBackground = false,
): Promise<T> {
  const controller = new AbortController()
  const attempt: Attempt = { signal: controller.signal, waitsFor: 'answer' }
  return new Promise((resolve, reject) => {
    const end = () => {
      reject(timedOut(attempt.waitsFor))
      controller.abort()
    }
    const cancel = clock.after(timeout, end, inBackground)
    work(attempt).then(resolve, reject).finally(cancel)
  })
}

function timedOut(waitsFor: Attempt['waitsFor']): MaskinportenClientError {
  const code = waitsFor === 'signature' ? 'signing_failed' : 'unavailable'
  return new MaskinportenClientError(code, { retryable: true, hint: HINTS[waitsFor] })
}
