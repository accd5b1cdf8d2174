import type { TestClock } from '@portvakt/mock'
import { beforeEach, expect, it, vi } from 'vitest'
import { never } from '../../core/test/deferred.js'
import { withRetries } from '../src/retry.js'
import { outage, rejection, settle, startedClock } from './kit.js'

let clock: TestClock
beforeEach(() => {
  clock = startedClock()
})

/**
 * Runs attempts that fail as given (`never` hangs) until one succeeds. Advances the clock until the call
 * ends. Returns the call's outcome, its seconds, and the seconds at which the attempts began.
 */
async function tryWith(
  failures: unknown[],
  { random = 0.5, attemptTimeout = 5000, totalTimeout = 15_000, background = [] as [boolean?] } = {},
) {
  const startedAt = clock.elapsed()
  const seconds = () => (clock.elapsed() - startedAt) / 1000
  const attempts: number[] = []
  const work = async () => {
    const failure = failures[attempts.length]
    attempts.push(seconds())
    if (failure === never) return never()
    if (failure !== undefined) throw failure
    return 'a token'
  }
  let ended: { outcome: unknown; seconds: number; attempts: number[] } | undefined
  const end = (outcome: unknown) => {
    ended = { outcome, seconds: seconds(), attempts }
  }
  const rules = { clock, random: () => random, attemptTimeout, totalTimeout }
  withRetries(work, rules, ...background).then(end, end)
  for (let step = 0; step < 400 && ended === undefined; step++) {
    await settle()
    if (ended === undefined) clock.advance(0.05)
  }
  return ended ?? expect.unreachable('the work did not end in 20 s')
}

it.each([
  ['after pauses that double, without jitter', [outage(), outage(), outage()], 1, [0, 0.2, 0.6, 1.4]],
  ['after pauses that double, with maximum jitter', [outage(), outage(), outage()], 0, [0, 0.1, 0.3, 0.7]],
  ['no earlier than Retry-After', [outage(3)], 1, [0, 3]],
])('a failed attempt to get a token is repeated %s', async (_title, failures, random, attempts) => {
  expect(await tryWith(failures, { random })).toMatchObject({ outcome: 'a token', attempts })
})

it('the caller gets the error of the fourth attempt, which is the last', async () => {
  const last = outage()
  const { outcome, attempts } = await tryWith([outage(), outage(), outage(), last, outage()])
  expect(outcome).toBe(last)
  expect(attempts).toHaveLength(4)
})

it('no attempt begins at the total timeout, but one can begin a millisecond earlier', async () => {
  const failure = outage(3)
  const { outcome, ...times } = await tryWith([failure], { totalTimeout: 3000 })
  expect(outcome).toBe(failure)
  expect(times).toEqual({ seconds: 0, attempts: [0] })
  expect(await tryWith([failure], { totalTimeout: 3001 })).toMatchObject({ outcome: 'a token' })
  // The clock advances in steps of 50 ms, so a pause of 210 ms ends after 250 ms.
  const late = { seconds: 0.25, attempts: [0] }
  expect(await tryWith([outage(0.21)], { totalTimeout: 250 })).toMatchObject(late)
})

it('the total timeout is counted from the start of the first attempt', async () => {
  const failure = outage(3)
  const { outcome, attempts } = await tryWith([outage(3), failure], { totalTimeout: 6000 })
  expect(outcome).toBe(failure)
  expect(attempts).toEqual([0, 3])
})

it.each<[string, [boolean?], boolean]>([
  ['yes, by default', [], false],
  ['no, for work in the background', [true], true],
])(
  'the timers of attempts and pauses keep the process alive: %s',
  async (_title, background, inBackground) => {
    const after = vi.spyOn(clock, 'after')
    await tryWith([outage()], { background })
    expect(after.mock.calls.map(([, , given]) => given)).toEqual([inBackground, inBackground, inBackground])
  },
)

it('an attempt that never settles ends at the attempt timeout and is repeated until the total timeout', async () => {
  const ended = await tryWith([outage(12), never, never, never], { attemptTimeout: 1000 })
  expect(ended).toMatchObject({ seconds: 15, attempts: [0, 12, 13.3, 14.9] })
})

it.each([
  ['a refusal', rejection()],
  ['a bug', new TypeError('no such member')],
  ['an object that is not the client’s error', { retryable: true }],
])('an attempt to get a token is not repeated after %s', async (_title, failure) => {
  const { outcome, attempts } = await tryWith([failure])
  expect(outcome).toBe(failure)
  expect(attempts).toEqual([0])
})
