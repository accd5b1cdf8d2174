import type { TestClock } from '@portvakt/mock'
import { beforeEach, expect, it } from 'vitest'
import { pauseAfter, RequestPauses } from '../src/request-pauses.js'
import { outage, rejection, startedClock } from './kit.js'

let clock: TestClock
let pauses: RequestPauses
let fetches: number
let failure: Error | undefined

beforeEach(() => {
  clock = startedClock()
  pauses = new RequestPauses({ clock, random: () => 1, maxTokens: 2 })
  fetches = 0
  failure = outage()
})

const issued = { accessToken: 'token', expiresIn: 120, scope: 'nav:a' }

/** Fetches a token this number of times. Returns for each time whether a request was sent. */
async function sends(times = 1, key = 'k'): Promise<boolean[]> {
  const sent: boolean[] = []
  for (let time = 0; time < times; time++) {
    const before = fetches
    const fetchToken = pauses.between(key, async (..._flags: boolean[]) => {
      fetches++
      if (failure) throw failure
      return issued
    })
    await fetchToken(false, false).catch(() => undefined)
    sent.push(fetches > before)
  }
  return sent
}

it('for 1 s after two retryable failures, a token fetch sends nothing and rejects with a copy of the second failure', async () => {
  await sends()
  failure = Object.defineProperty(outage(), 'cause', { value: new TypeError('fetch failed') })
  await sends()
  clock.advance(0.999)
  const fetchToken = pauses.between('k', () => expect.unreachable('a request was sent'))
  const error = await fetchToken().catch((thrown: unknown) => thrown)
  // A copy, because callers can change the error that they catch.
  expect(error).toEqual(failure)
  expect(error).toHaveProperty('cause', failure.cause)
  expect(error).not.toBe(failure)
  clock.advance(0.001)
  expect(await sends()).toEqual([true])
})

it('the pause before a token fetch doubles with each failure in a row, up to 30 seconds', async () => {
  await sends()
  for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
    expect(await sends()).toEqual([true])
    clock.advance(seconds - 0.001)
    expect(await sends()).toEqual([false])
    clock.advance(0.001)
  }
})

it('a step of the wall clock does not end a pause between token fetches', async () => {
  await sends(2)
  clock.set(clock.now() + 3_600_000)
  expect(await sends()).toEqual([false])
})

it('a refused token request resets the count of failures that lead to a pause', async () => {
  await sends()
  failure = rejection()
  await sends()
  failure = outage()
  expect(await sends(3)).toEqual([true, true, false])
})

it.each([
  ['yes, with a retryable error', outage(), true],
  [
    'yes, with a 401 of Altinn, which also means that Altinn fails itself',
    rejection({ status: 401, server: 'altinn' }),
    true,
  ],
  ['no, with a rejection', rejection(), false],
  ['no, with a 401 of Maskinporten', rejection({ status: 401, server: 'maskinporten' }), false],
  ['no, with a 403 of Altinn', rejection({ status: 403, server: 'altinn' }), false],
  ['no, with an error of another kind', new TypeError('x'), false],
])('two failures of token fetches in a row begin a pause: %s', async (_title, error, isPaused) => {
  failure = error
  expect(await sends(3)).toEqual([true, true, !isPaused])
})

it('each token has its own pause, and RequestPauses keeps the pauses of at most `maxTokens` tokens', async () => {
  for (const key of ['a', 'b', 'c']) expect(await sends(3, key)).toEqual([true, true, false])
  expect([await sends(1, 'b'), await sends(1, 'c'), await sends(1, 'a')]).toEqual([[false], [false], [true]])
})

it('a pause applies even to a cache key of 60,000 characters with `maxTokens: 2`', async () => {
  expect(await sends(3, 'k'.repeat(60_000))).toEqual([true, true, false])
})

it.each([
  ['1 s without jitter', 1, undefined, 1000],
  ['0.5 s with the most jitter', 0, undefined, 500],
  ['7 s with a Retry-After of 7 s', 1, 7, 7000],
  ['1 s with a Retry-After of 0 s', 1, 0, 1000],
  ['60 s with a Retry-After of days', 1, 999_999, 60_000],
])('for one failure, pauseAfter returns a pause of %s', (_title, random, retryAfter, expected) => {
  expect(pauseAfter(1, outage(retryAfter), () => random)).toBe(expected)
})
