import { createTestClock, type TestClock } from '@portvakt/mock'
import { beforeEach, describe, expect, it } from 'vitest'
import { MaskinportenClientError } from '../src/client-error.js'
import { withRetries } from '../src/retry.js'
import { settle } from './kit.js'

let clock: TestClock
/** When each attempt was made, in seconds after the first one. */
let attempts: number[]

beforeEach(() => {
  clock = createTestClock()
  // As on a machine that has been up for long: what is measured is a difference.
  clock.advance(1_000_000)
  attempts = []
})

const outage = (retryAfter?: number) =>
  new MaskinportenClientError('unavailable', {
    hint: { cause: 'x', fix: 'y' },
    retryable: true,
    ...(retryAfter !== undefined && { retryAfter }),
  })

/** Tries something that fails in the given ways, then succeeds, and lets all the time pass that it wants. */
async function tryWith(
  failures: unknown[],
  { random = 0.5, attemptTimeout = 5000, totalTimeout = 15_000 } = {},
): Promise<unknown> {
  const startedAt = clock.elapsed()
  const work = withRetries(
    async () => {
      attempts.push((clock.elapsed() - startedAt) / 1000)
      const failure = failures[attempts.length - 1]
      if (failure !== undefined) throw failure
      return 'a token'
    },
    { clock, random: () => random, attemptTimeout, totalTimeout },
  ).catch((error: unknown) => error)
  let outcome: unknown
  work.then((result) => {
    outcome = result
  })
  for (let step = 0; step < 200 && outcome === undefined; step++) {
    await settle()
    if (outcome === undefined) clock.advance(0.05)
  }
  return outcome
}

describe('what fails for a while', () => {
  it.each([
    ['shortest', 0, [0, 0.1, 0.3, 0.7]],
    ['longest', 1, [0, 0.2, 0.6, 1.4]],
  ])('a failed attempt is repeated after doubling pauses with jitter: %s', async (_title, random, times) => {
    expect(await tryWith([outage(), outage(), outage()], { random })).toBe('a token')
    expect(attempts).toEqual(times)
  })

  it('the caller gets the failure of the fourth attempt', async () => {
    const last = outage()
    expect(await tryWith([outage(), outage(), outage(), last, outage()])).toBe(last)
    expect(attempts).toHaveLength(4)
  })

  it('an attempt is repeated no earlier than Retry-After', async () => {
    expect(await tryWith([outage(3)])).toBe('a token')
    expect(attempts).toEqual([0, 3])
  })

  it('retries end if the next attempt would begin when the time is up', async () => {
    const failure = outage(3)
    expect(await tryWith([failure], { totalTimeout: 3000 })).toBe(failure)
    expect(attempts).toEqual([0])
    attempts = []
    expect(await tryWith([outage(3)], { totalTimeout: 3001 })).toBe('a token')
  })

  it('the total timeout counts from the first attempt', async () => {
    const failure = outage(3)
    expect(await tryWith([outage(3), failure], { totalTimeout: 6000 })).toBe(failure)
    expect(attempts).toEqual([0, 3])
  })
})

describe('an attempt that never ends', () => {
  /** Seconds until it is given up, and the code of the error. */
  async function givenUp(timeouts: { attemptTimeout: number; totalTimeout: number }) {
    const [startedAt, begun] = [clock.elapsed(), [] as number[]]
    const now = () => (clock.elapsed() - startedAt) / 1000
    const failures = [outage(12)]
    let ended: number | undefined
    const work = withRetries(
      () => {
        begun.push(now())
        const failure = failures.shift()
        return failure ? Promise.reject(failure) : new Promise(() => undefined)
      },
      { clock, random: () => 0.5, ...timeouts },
    ).catch((error: unknown) => {
      ended = now()
      return error
    })
    for (let step = 0; step < 400 && ended === undefined; step++) {
      await settle()
      clock.advance(0.05)
    }
    return { begun, ended, error: await work }
  }

  it('ends with the total, where that is up before the attempt', async () => {
    expect(await givenUp({ attemptTimeout: 5000, totalTimeout: 15_000 })).toMatchObject({
      begun: [0, 12],
      ended: 15,
      error: {
        code: 'unavailable',
        hint: { cause: 'it did not answer in time', fix: expect.stringMatching(/^check outbound access/) },
      },
    })
  })

  it('ends with the attempt, where that is up before the total, and is tried again', async () => {
    expect(await givenUp({ attemptTimeout: 1000, totalTimeout: 15_000 })).toMatchObject({
      begun: [0, 12, 13.3, 14.9],
      ended: 15,
    })
  })
})

it('no attempt begins when a pause ends after the time is up', async () => {
  const late = { ...clock, after: (_pause: number, callback: () => void) => clock.after(4000, callback) }
  let attempts = 0
  const work = withRetries(
    async () => {
      attempts++
      throw outage()
    },
    { clock: late, random: () => 0.5, attemptTimeout: 5000, totalTimeout: 3000 },
  )
  const failed = expect(work).rejects.toMatchObject({ code: 'unavailable' })
  await settle()
  clock.advance(4)
  await failed
  expect(attempts).toBe(1)
})

it.each([
  ['a refusal', new MaskinportenClientError('request_rejected', { hint: { cause: 'x', fix: 'y' } })],
  ['a bug', new TypeError('no such member')],
  ['what only looks like an outage', { retryable: true }],
])('%s is not tried again', async (_title, failure) => {
  expect(await tryWith([failure])).toBe(failure)
  expect(attempts).toEqual([0])
})
