import { createTestClock, type TestClock } from '@portvakt/mock'
import { beforeEach, expect, it, test } from 'vitest'
import { type Attempt, runAttempt } from '../src/attempt.js'

let clock: TestClock
beforeEach(() => {
  clock = createTestClock()
})

test.each<[Attempt['waitsFor'], string, object]>([
  [
    'answer',
    'unavailable',
    { cause: 'it did not answer in time', fix: expect.stringMatching(/^check outbound access/) },
  ],
  [
    'signature',
    'signing_failed',
    {
      cause: 'the `sign` function of the key did not settle in time',
      fix: 'check that the KMS answers',
    },
  ],
])('an attempt that waits for the %s ends with the deadline as %s', async (waitsFor, code, hint) => {
  let signal: AbortSignal | undefined
  const outcome = runAttempt(
    (attempt) => {
      attempt.waitsFor = waitsFor
      signal = attempt.signal
      return new Promise(() => undefined)
    },
    5000,
    clock,
  ).catch((error: unknown) => error)
  clock.advance(4.999)
  expect(signal?.aborted).toBe(false)
  clock.advance(0.001)
  expect(await outcome).toMatchObject({ code, hint, retryable: true })
  expect(await outcome).not.toHaveProperty('cause')
  expect(signal?.aborted).toBe(true)
})

it('an attempt that has succeeded or failed leaves no timer behind', async () => {
  const signals: AbortSignal[] = []
  const failure = new Error('refused')
  const work = async ({ signal }: Attempt, failed: boolean) => {
    signals.push(signal)
    if (failed) throw failure
    return 'a token'
  }
  expect(await runAttempt((attempt) => work(attempt, false), 5000, clock)).toBe('a token')
  await expect(runAttempt((attempt) => work(attempt, true), 5000, clock)).rejects.toBe(failure)
  clock.advance(60)
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, false])
})

it('a new attempt waits for an answer', async () => {
  expect(await runAttempt(async ({ waitsFor }) => waitsFor, 5000, clock)).toBe('answer')
})
