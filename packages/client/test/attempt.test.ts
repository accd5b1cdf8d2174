import { createTestClock, type TestClock } from '@portvakt/mock'
import { beforeEach, expect, it, test, vi } from 'vitest'
import { never } from '../../core/test/deferred.js'
import { type Attempt, runAttempt } from '../src/attempt.js'

let clock: TestClock
beforeEach(() => {
  clock = createTestClock()
})

const SLOW = { cause: 'it did not answer in time', fix: expect.stringMatching(/^check outbound access/) }
const KMS = {
  cause: 'the `sign` function of the key did not settle in time',
  fix: 'check that the KMS answers',
}

test.each<[Attempt['waitsFor'], string, string, object]>([
  ['answer', 'unavailable', 'maskinporten', SLOW],
  ['exchange', 'unavailable', 'altinn', SLOW],
  ['signature', 'signing_failed', 'maskinporten', KMS],
])(
  'when an attempt to get a token waits for the %s at its deadline, its error is `%s` and names %s',
  async (waitsFor, code, server, hint) => {
    let signal: AbortSignal | undefined
    const work = (attempt: Attempt) => {
      attempt.waitsFor = waitsFor
      signal = attempt.signal
      return never()
    }
    const outcome = runAttempt(work, 5000, clock).catch((error: unknown) => error)
    clock.advance(4.999)
    expect(signal?.aborted).toBe(false)
    clock.advance(0.001)
    expect(await outcome).toMatchObject({ code, server, hint, retryable: true })
    expect(await outcome).not.toHaveProperty('cause')
    expect(signal?.aborted).toBe(true)
  },
)

it('an attempt to get a token leaves no timer running when it has succeeded or failed', async () => {
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

it('an attempt to get a token keeps the process alive and has `waitsFor: answer` by default', async () => {
  const after = vi.spyOn(clock, 'after')
  expect(await runAttempt(async ({ waitsFor }) => waitsFor, 5000, clock)).toBe('answer')
  expect(after.mock.calls).toEqual([[5000, expect.any(Function), false]])
})
