import { createTestClock, type TestClock } from '@portvakt/mock'
import { beforeEach, describe, expect, it } from 'vitest'
import { MaskinportenClientError } from '../src/client-error.js'
import { TokenCache } from '../src/token-cache.js'
import type { IssuedToken } from '../src/token-response.js'
import { settle } from './kit.js'

let clock: TestClock
let cache: TokenCache
let fetches: number
let failure: unknown
let expiresIn: number

beforeEach(() => {
  clock = createTestClock()
  // The monotonic clock must not start at 0.
  clock.advance(1_000_000)
  cache = new TokenCache({ clock, random: () => 0.5, maxTokens: 3, totalTimeout: 15_000 })
  fetches = 0
  failure = undefined
  expiresIn = 120
})

async function issue(): Promise<IssuedToken> {
  fetches++
  if (failure !== undefined) throw failure
  return { accessToken: `token ${fetches}`, expiresIn, scope: 'nav:a' }
}
const outage = (retryAfter = 0) =>
  new MaskinportenClientError('unavailable', { hint: { cause: 'x', fix: 'y' }, retryable: true, retryAfter })
const get = async (key = 'k') => (await cache.get(key, issue)).accessToken

/** Returns the seconds at which fetches begin, when a caller requests a token every tenth of a second. */
async function fetchTimes(seconds: number): Promise<number[]> {
  const times: number[] = []
  for (let step = 1; step <= seconds * 10; step++) {
    clock.advance(0.1)
    const before = fetches
    await get().catch(() => undefined)
    await settle()
    if (fetches > before) times.push(step / 10)
  }
  return times
}

describe('a failed renewal', () => {
  it('a failed renewal of a token is repeated after pauses that double up to 30 seconds', async () => {
    expiresIn = 600
    await get()
    clock.advance(399.9)
    failure = new Error('down')
    // The pauses are ¾ of 1, 2, 4, 8, 16 s and then 30 s, rounded up to a tenth.
    expect(await fetchTimes(120)).toEqual([0.1, 0.9, 2.4, 5.4, 11.4, 23.4, 45.9, 68.4, 90.9, 113.4])
  })

  it('a failed renewal of a token is repeated no earlier than Retry-After', async () => {
    await get()
    clock.advance(79.9)
    failure = outage(7)
    expect(await fetchTimes(20)).toEqual([0.1, 7.1, 14.1])
  })
})

describe('a failed fetch', () => {
  it('in an outage, pauses between token fetches double up to 30 seconds, although a call comes every 0.1 s', async () => {
    failure = outage()
    // No pause after the first failure. Later pauses are ¾ of 1, 2, 4, 8, 16 s and then 30 s, rounded up.
    expect(await fetchTimes(80)).toEqual([0.1, 0.2, 1, 2.5, 5.5, 11.5, 23.5, 46, 68.5])
  })

  it('the pause after failed token fetches also applies to a caller that bypasses the cache', async () => {
    failure = outage()
    await expect(get()).rejects.toBe(failure)
    await expect(get()).rejects.toBe(failure)
    await expect(cache.fetch('k', issue)).rejects.toEqual(failure)
    expect(fetches).toBe(2)
  })

  it('a caller that needs a new token does not wait for the pause after a failed renewal', async () => {
    await get()
    failure = outage()
    clock.advance(114.9)
    await get()
    await settle()
    failure = undefined
    clock.advance(0.1)
    expect(await get()).toBe('token 3')
  })
})
