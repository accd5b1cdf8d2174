import { createTestClock, type TestClock } from '@portvakt/mock'
import { beforeEach, expect, it } from 'vitest'
import { MaskinportenClientError, type MaskinportenClientErrorDetails } from '../src/client-error.js'
import { pauseAfter, RequestPauses } from '../src/request-pauses.js'
import type { IssuedToken } from '../src/token-response.js'

let clock: TestClock
let pauses: RequestPauses
let fetches: number
let failure: Error | undefined

beforeEach(() => {
  clock = createTestClock()
  // The monotonic clock must not start at 0.
  clock.advance(1_000_000)
  pauses = new RequestPauses({ clock, random: () => 1, maxTokens: 2 })
  fetches = 0
  failure = outage()
})

function outage(retryAfter?: number): MaskinportenClientError {
  const hint = { cause: 'x', fix: 'y' }
  return new MaskinportenClientError('unavailable', {
    hint,
    retryable: true,
    ...(retryAfter !== undefined && { retryAfter }),
  })
}

const rejection = (details: Pick<MaskinportenClientErrorDetails, 'status' | 'server'>) =>
  new MaskinportenClientError('request_rejected', { hint: { cause: 'x', fix: 'y' }, ...details })

const issued: IssuedToken = { accessToken: 'token', expiresIn: 120, scope: 'nav:a' }

/** Fetches a token, and returns whether a request was sent. */
async function sends(key = 'k'): Promise<boolean> {
  const before = fetches
  const fetchToken = async (..._flags: boolean[]) => {
    fetches++
    if (failure) throw failure
    return issued
  }
  await pauses
    .between(key, fetchToken)(false, false)
    .catch(() => undefined)
  return fetches > before
}

it('`between` of RequestPauses passes the caller’s flags to the fetch function, and returns its token', async () => {
  const given: boolean[] = []
  const fetchToken = pauses.between('k', async (...flags) => {
    given.push(...flags)
    return issued
  })
  expect(await fetchToken(true, false)).toBe(issued)
  expect(given).toEqual([true, false])
})

it('a token fetch after one failure is sent at once', async () => {
  expect([await sends(), await sends()]).toEqual([true, true])
})

it('for 1 s after two retryable failures, a token fetch sends nothing and rejects with a copy of the second failure', async () => {
  await sends()
  failure = outage()
  await sends()
  clock.advance(0.999)
  const fetchToken = pauses.between('k', async (..._flags: boolean[]) =>
    expect.unreachable('a request was sent'),
  )
  const error = await fetchToken(false, false).catch((thrown: unknown) => thrown)
  // A copy, because callers can change the error that they catch.
  expect(error).toEqual(failure)
  expect(error).not.toBe(failure)
  clock.advance(0.001)
  expect(await sends()).toBe(true)
})

it('the pause before a token fetch doubles with each failure in a row, up to 30 seconds', async () => {
  await sends()
  for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
    expect(await sends()).toBe(true)
    clock.advance(seconds - 0.001)
    expect(await sends()).toBe(false)
    clock.advance(0.001)
  }
})

it('a step of the wall clock does not end a pause between token fetches', async () => {
  await sends()
  await sends()
  clock.set(clock.now() + 3_600_000)
  expect(await sends()).toBe(false)
})

it('the first pause between token fetches after a success is one second again', async () => {
  await sends()
  await sends()
  clock.advance(1)
  const lasting = failure
  failure = undefined
  expect(await sends()).toBe(true)
  pauses.end('k')
  failure = lasting
  expect([await sends(), await sends(), await sends()]).toEqual([true, true, false])
  clock.advance(1)
  expect(await sends()).toBe(true)
})

it('after two 401s from Altinn, token fetches pause, because Altinn also answers 401 when it fails', async () => {
  failure = rejection({ status: 401, server: 'altinn' })
  expect([await sends(), await sends(), await sends()]).toEqual([true, true, false])
})

it('a refused token request resets the count of failures that lead to a pause', async () => {
  const lasting = failure
  await sends()
  failure = rejection({})
  await sends()
  failure = lasting
  expect([await sends(), await sends(), await sends()]).toEqual([true, true, false])
})

it('failures do not pause the fetches of other tokens', async () => {
  await sends()
  await sends()
  expect(await sends()).toBe(false)
  expect(await sends('other')).toBe(true)
})

it.each([
  ['a rejection', rejection({})],
  ['a 401 of Maskinporten', rejection({ status: 401, server: 'maskinporten' })],
  ['a 403 of Altinn', rejection({ status: 403, server: 'altinn' })],
  ['an error of another kind', new TypeError('x')],
])('a failure that is not retryable does not begin a pause of token fetches: %s', async (_title, error) => {
  failure = error
  expect([await sends(), await sends(), await sends()]).toEqual([true, true, true])
})

it('RequestPauses keeps the pauses of at most `maxTokens` tokens', async () => {
  for (const key of ['a', 'a', 'b', 'b', 'c', 'c']) await sends(key)
  expect([await sends('b'), await sends('c'), await sends('a')]).toEqual([false, false, true])
})

it('a pause applies even to a cache key of 60,000 characters with `maxTokens: 2`', async () => {
  const key = 'k'.repeat(60_000)
  expect([await sends(key), await sends(key), await sends(key)]).toEqual([true, true, false])
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
