import { createTestClock, type TestClock } from '@portvakt/mock'
import { beforeEach, describe, expect, it } from 'vitest'
import { MaskinportenClientError } from '../src/client-error.js'
import { withRetries } from '../src/retry.js'
import { never, settle } from './kit.js'

let clock: TestClock
/** Times of the attempts, in seconds since the call. */
let attempts: number[]

beforeEach(() => {
  clock = createTestClock()
  // The monotonic clock must not start at 0.
  clock.advance(1_000_000)
  attempts = []
})

const outage = (retryAfter?: number) =>
  new MaskinportenClientError('unavailable', {
    hint: { cause: 'x', fix: 'y' },
    retryable: true,
    ...(retryAfter !== undefined && { retryAfter }),
  })

/**
 * Runs attempts that fail as given (`never` hangs) until one succeeds. Advances the clock until the call
 * ends.
 */
async function tryWith(
  failures: unknown[],
  { random = 0.5, attemptTimeout = 5000, totalTimeout = 15_000, given = clock } = {},
): Promise<{ readonly outcome: unknown; readonly seconds: number }> {
  const startedAt = clock.elapsed()
  const seconds = () => (clock.elapsed() - startedAt) / 1000
  const work = async () => {
    attempts.push(seconds())
    const failure = failures[attempts.length - 1]
    if (failure === never) return never()
    if (failure !== undefined) throw failure
    return 'a token'
  }
  let ended: { outcome: unknown; seconds: number } | undefined
  const end = (outcome: unknown) => {
    ended = { outcome, seconds: seconds() }
  }
  withRetries(work, { clock: given, random: () => random, attemptTimeout, totalTimeout }).then(end, end)
  for (let step = 0; step < 400 && ended === undefined; step++) {
    await settle()
    if (ended === undefined) clock.advance(0.05)
  }
  return ended ?? expect.unreachable('the work did not end in 20 s')
}

describe('a retryable failure', () => {
  it.each([
    ['without jitter', 1, [0, 0.2, 0.6, 1.4]],
    ['with maximum jitter', 0, [0, 0.1, 0.3, 0.7]],
  ])('after retryable failures, the pauses between attempts double, %s', async (_title, random, times) => {
    expect(await tryWith([outage(), outage(), outage()], { random })).toMatchObject({ outcome: 'a token' })
    expect(attempts).toEqual(times)
  })

  it('the caller gets the error of the fourth attempt, which is the last', async () => {
    const last = outage()
    expect((await tryWith([outage(), outage(), outage(), last, outage()])).outcome).toBe(last)
    expect(attempts).toHaveLength(4)
  })

  it('a failed attempt to get a token is repeated no earlier than Retry-After', async () => {
    expect(await tryWith([outage(3)])).toMatchObject({ outcome: 'a token' })
    expect(attempts).toEqual([0, 3])
  })

  it('a failed attempt is repeated only if the next attempt would begin before the total timeout', async () => {
    const failure = outage(3)
    expect((await tryWith([failure], { totalTimeout: 3000 })).outcome).toBe(failure)
    expect(attempts).toEqual([0])
    attempts = []
    expect(await tryWith([outage(3)], { totalTimeout: 3001 })).toMatchObject({ outcome: 'a token' })
  })

  it('the total timeout is counted from the start of the first attempt', async () => {
    const failure = outage(3)
    expect((await tryWith([outage(3), failure], { totalTimeout: 6000 })).outcome).toBe(failure)
    expect(attempts).toEqual([0, 3])
  })

  it('no attempt begins when the timer of a pause fires after the total timeout', async () => {
    const late = { ...clock, after: (_pause: number, callback: () => void) => clock.after(4000, callback) }
    const failure = outage()
    expect((await tryWith([failure], { totalTimeout: 3000, given: late })).outcome).toBe(failure)
    expect(attempts).toEqual([0])
  })
})

it('no attempt begins at or after the total timeout, even when a pause ends exactly then', async () => {
  expect(await tryWith([outage(3)], { totalTimeout: 3000 })).toMatchObject({ seconds: 0 })
  expect(attempts).toEqual([0])
  attempts = []
  // The clock advances in steps of 50 ms, so a pause of 210 ms ends after 250 ms.
  expect(await tryWith([outage(0.21)], { totalTimeout: 250 })).toMatchObject({ seconds: 0.25 })
  expect(attempts).toEqual([0])
})

it.each([undefined, true])(
  'the timers of a call keep the process alive unless `inBackground` is true: %s',
  async (given) => {
    const kept: (boolean | undefined)[] = []
    const recording: TestClock = {
      ...clock,
      after: (milliseconds, callback, inBackground) => {
        kept.push(inBackground)
        return clock.after(milliseconds, callback)
      },
    }
    let failed = false
    const work = async () => {
      if (failed) return 'a token'
      failed = true
      throw outage()
    }
    const rules = { clock: recording, random: () => 0.5, attemptTimeout: 5000, totalTimeout: 15_000 }
    const outcome = withRetries(work, rules, given)
    await settle()
    clock.advance(1)
    expect(await outcome).toBe('a token')
    expect(kept).toEqual(Array.from({ length: 3 }, () => given ?? false))
  },
)

describe('an attempt that never settles', () => {
  it('the total timeout of 15 s ends an attempt that begins at 12 s and never settles', async () => {
    expect(await tryWith([outage(12), never])).toMatchObject({
      seconds: 15,
      outcome: {
        code: 'unavailable',
        hint: { cause: 'it did not answer in time', fix: expect.stringMatching(/^check outbound access/) },
      },
    })
    expect(attempts).toEqual([0, 12])
  })

  it('an attempt that never settles is repeated after the attempt timeout', async () => {
    const { seconds } = await tryWith([outage(12), never, never, never], { attemptTimeout: 1000 })
    expect(seconds).toBe(15)
    expect(attempts).toEqual([0, 12, 13.3, 14.9])
  })
})

it.each([
  ['a refusal', new MaskinportenClientError('request_rejected', { hint: { cause: 'x', fix: 'y' } })],
  ['a bug', new TypeError('no such member')],
  ['an object that is not the client’s error', { retryable: true }],
])('an attempt to get a token is not repeated after %s', async (_title, failure) => {
  expect((await tryWith([failure])).outcome).toBe(failure)
  expect(attempts).toEqual([0])
})
