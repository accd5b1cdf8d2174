import type { Clock } from '@portvakt/core'
import { settleWithin } from '@portvakt/core/internal'
import { MaskinportenClientError } from './client-error.js'
import type { PreparedTokenRequest } from './token-request.js'
import type { IssuedToken } from './token-response.js'

/** A source of tokens: Maskinporten, or Texas. */
export interface TokenSource {
  /** Makes one attempt. Rejects with a {@link MaskinportenClientError}. */
  request(tokenRequest: PreparedTokenRequest, skipCache: boolean, attempt: Attempt): Promise<IssuedToken>
}

/**
 * One attempt to get a token: it reads metadata, signs the assertion, sends the token request and, if
 * requested, has the token exchanged by Altinn.
 */
export interface Attempt {
  /** Aborts at the attempt's deadline. No step begins after the deadline. */
  readonly signal: AbortSignal
  /** True when no caller awaits the attempt, which then does not keep the process alive. */
  readonly inBackground: boolean
  /** The step in progress. It determines which error is thrown at the deadline. */
  waitsFor: 'signature' | 'answer' | 'exchange'
}

const HINTS = {
  signature: {
    cause: 'the `sign` function of the key did not settle in time',
    fix: 'check that the KMS answers',
  },
  answer: {
    cause: 'it did not answer in time',
    fix: 'check outbound access (firewall, network policy) and whether a proxy is needed; it may also be slow',
  },
} as const

/**
 * Runs an attempt with one deadline for all its steps. The returned promise settles at the deadline even if a
 * `sign` function never settles or a `fetch` ignores its signal.
 *
 * @param timeout milliseconds
 * @param inBackground true when no caller awaits the attempt: the timer of the deadline then does not keep
 * the process alive
 * @throws {MaskinportenClientError} `signing_failed` or `unavailable` at the deadline, both retryable
 */
export function runAttempt<T>(
  work: (attempt: Attempt) => Promise<T>,
  timeout: number,
  clock: Clock,
  inBackground = false,
): Promise<T> {
  const step: Pick<Attempt, 'waitsFor'> = { waitsFor: 'answer' }
  const run = (signal: AbortSignal) => work(Object.assign(step, { signal, inBackground }))
  const timedOut = () => {
    const { waitsFor } = step
    const server = waitsFor === 'exchange' ? 'altinn' : 'maskinporten'
    const code = waitsFor === 'signature' ? 'signing_failed' : 'unavailable'
    const hint = waitsFor === 'signature' ? HINTS.signature : HINTS.answer
    return new MaskinportenClientError(code, { server, retryable: true, hint })
  }
  return settleWithin(clock, timeout, run, timedOut, inBackground)
}
