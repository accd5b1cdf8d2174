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
    hint: 'x',
    retryable: true,
    ...(retryAfter !== undefined && { retryAfter }),
  })

/** Tries something that fails in the given ways, then succeeds, and lets all the time pass that it wants. */
async function tryWith(failures: unknown[], { random = 0.5, totalTimeout = 15_000 } = {}): Promise<unknown> {
  const startedAt = clock.elapsed()
  const work = withRetries(
    async () => {
      attempts.push((clock.elapsed() - startedAt) / 1000)
      const failure = failures[attempts.length - 1]
      if (failure !== undefined) throw failure
      return 'a token'
    },
    { clock, random: () => random, totalTimeout },
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
  ])('is tried again after pauses that double, with jitter: %s', async (_title, random, times) => {
    expect(await tryWith([outage(), outage(), outage()], { random })).toBe('a token')
    expect(attempts).toEqual(times)
  })

  it('is tried four times, and the last failure is the caller’s', async () => {
    const last = outage()
    expect(await tryWith([outage(), outage(), outage(), last, outage()])).toBe(last)
    expect(attempts).toHaveLength(4)
  })

  it('is tried again when the other side asked for it, and not before', async () => {
    expect(await tryWith([outage(3)])).toBe('a token')
    expect(attempts).toEqual([0, 3])
  })

  it('is given up on when the next attempt would begin as the time is up', async () => {
    const failure = outage(3)
    expect(await tryWith([failure], { totalTimeout: 3000 })).toBe(failure)
    expect(attempts).toEqual([0])
    attempts = []
    expect(await tryWith([outage(3)], { totalTimeout: 3001 })).toBe('a token')
  })

  it('is given up on by the time since the first attempt', async () => {
    const failure = outage(3)
    expect(await tryWith([outage(3), failure], { totalTimeout: 6000 })).toBe(failure)
    expect(attempts).toEqual([0, 3])
  })
})

it.each([
  ['a refusal', new MaskinportenClientError('grant_refused', { hint: 'x' })],
  ['a bug', new TypeError('no such member')],
  ['what only looks like an outage', { retryable: true }],
])('%s is not tried again', async (_title, failure) => {
  expect(await tryWith([failure])).toBe(failure)
  expect(attempts).toEqual([0])
})
