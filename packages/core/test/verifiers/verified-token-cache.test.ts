import { createTestClock, type TestClock } from '@portvakt/mock'
import { expect, it, vi } from 'vitest'
import { type ReadClaims, readClaims } from '../../src/claims/read-claims.js'
import type { VerificationKey } from '../../src/jws/verify-signature.js'
import type { TokenCacheLimits } from '../../src/verifiers/token-cache-limits.js'
import { VerifiedTokenCache } from '../../src/verifiers/verified-token-cache.js'
import { claims as plainClaims } from '../claims/plain-claims.js'

const KEY: VerificationKey = { algorithm: 'RS256', verify: () => true }
/** The claims that the cache reads. */
const claims = (expiresAt = 1000, memory = 0, scopes: readonly string[] = []) =>
  ({ token: { expiresAt, scopes }, memory }) as unknown as ReadClaims

const made = (limits: Partial<TokenCacheLimits> = {}, time?: TestClock) =>
  new VerifiedTokenCache({ maxTokens: 3, maxBytes: 1e6, ...limits }, time)
const keep = (cache: VerifiedTokenCache, token: string, read = claims(), now = 0) =>
  cache.keep(new TextEncoder().encode(token), KEY, read, now)
/** Whether the cache has a token. Reads at time 0, so that no token is removed. */
const has = (cache: VerifiedTokenCache, token: string) => cache.get(token, 0) !== undefined

const [a = '', b = '', c = '', d = ''] = ['a', 'b', 'c', 'd'].map((name) => name.repeat(30))
/** Returns the names of the tokens in the cache. */
const kept = (cache: VerifiedTokenCache) =>
  ['a', 'b', 'c', 'd'].filter((name) => has(cache, name.repeat(30))).join('')

/** Returns a cache with a timer, its clock and a spy on that clock. */
function timed(limits?: Partial<TokenCacheLimits>) {
  const time = createTestClock(0)
  const after = vi.spyOn(time, 'after')
  return { time, after, cache: made(limits, time) }
}

it('VerifiedTokenCache finds an entry by the last characters of a token, but compares the whole token', () => {
  const cache = made()
  const ending = (start: string) => `${start}.${'s'.repeat(342)}`
  keep(cache, ending('h.a'))
  expect(cache.get(ending('h.a'), 0)).toMatchObject({ token: ending('h.a'), key: KEY })
  for (const other of [ending('h.b'), ending('h.aa'), 's'.repeat(24), ''])
    expect(cache.get(other, 0)).toBeUndefined()
})

it('VerifiedTokenCache evicts the least recently used token beyond `maxTokens`', () => {
  const cache = made()
  for (const token of [a, b, c]) keep(cache, token)
  cache.get(a, 0)
  keep(cache, d)
  expect(kept(cache)).toBe('acd')
})

it.each([
  ['the texts of tokens', 0, 0],
  ['claims', 9000, 0],
  ['scopes', 0, 100],
])('VerifiedTokenCache stays within `maxBytes` when the memory is used by %s', (_title, memory, scopes) => {
  const cache = made({ maxTokens: 1000, maxBytes: 100_000 })
  const tokens = Array.from({ length: 50 }, (_, n) => `${n}`.repeat(1000).slice(0, 1500))
  for (const token of tokens) keep(cache, token, claims(1000, memory, Array(scopes).fill('nav:x')))
  const count = tokens.filter((token) => has(cache, token)).length
  expect(count).toBeGreaterThan(4)
  expect(count * (1000 + memory + 100 * scopes)).toBeLessThanOrEqual(100_000)
})

it('with the smallest `maxBytes`, a cache of one token holds a 16 KiB token, and replaces it with the next', () => {
  const cache = made({ maxTokens: 1, maxBytes: 65_536 })
  const [first = '', second = ''] = ['a', 'b'].map((name) => name.repeat(16_384))
  for (const [token, read] of [
    [first, claims(1000, 16_384)],
    // The claims of a signed token of 16 KiB.
    [second, readClaims(plainClaims({ padding: 'x'.repeat(11_500) }))],
  ] as const) {
    keep(cache, token, read)
    expect(has(cache, token)).toBe(true)
  }
  expect(has(cache, first)).toBe(false)
  keep(cache, first, claims(1000, 65_536 - 16_384))
  expect(has(cache, first)).toBe(false)
})

it('VerifiedTokenCache keeps no token larger than `maxBytes`, and sets no timer for such a token', () => {
  const { cache, after } = timed({ maxBytes: 100_000 })
  const large = 'x'.repeat(100_000)
  keep(cache, large, claims(Number.MAX_SAFE_INTEGER))
  expect(has(cache, large)).toBe(false)
  expect(after).not.toHaveBeenCalled()
})

it('VerifiedTokenCache does not keep an expired token', () => {
  const cache = made()
  keep(cache, a, claims(100), 100)
  expect(kept(cache)).toBe('')
})

it('VerifiedTokenCache removes an expired token at the next request for any token', () => {
  const cache = made()
  keep(cache, a, claims(100))
  keep(cache, b, claims(200.9))
  keep(cache, c, claims(300))
  cache.get('another', 99.9)
  expect(kept(cache)).toBe('abc')
  cache.get('another', 100)
  expect(kept(cache)).toBe('bc')
  keep(cache, d, claims(), 200)
  expect(kept(cache)).toBe('cd')
  cache.get('another', 300)
  expect(kept(cache)).toBe('d')
})

it('VerifiedTokenCache removes each token at its expiry by a background timer', () => {
  const { time, after, cache } = timed()
  keep(cache, b, claims(200))
  keep(cache, a, claims(100))
  keep(cache, c, claims(100))
  time.advance(99.999)
  expect(kept(cache)).toBe('abc')
  time.advance(0.001)
  expect(kept(cache)).toBe('b')
  time.advance(100)
  expect(kept(cache)).toBe('')
  const timers = after.mock.calls.map(([wait, , inBackground]) => [wait, inBackground])
  expect(timers).toEqual([200_000, 100_000, 100_000].map((wait) => [wait, true]))
})

it('VerifiedTokenCache runs one timer at a time, and no timer while it is empty', () => {
  const time = createTestClock(0)
  const running = new Set<() => void>()
  const after: TestClock['after'] = (milliseconds, callback) => {
    const stop = time.after(milliseconds, () => {
      end()
      callback()
    })
    const end = () => {
      running.delete(end)
      stop()
    }
    running.add(end)
    return end
  }
  const cache = made({ maxTokens: 10 }, { ...time, after })
  for (let expiry = 50; expiry > 40; expiry--) {
    keep(cache, `${a}${expiry}`, claims(expiry))
    expect(running.size).toBe(1)
  }
  time.advance(45)
  expect(running.size).toBe(1)
  time.advance(5)
  expect(running.size).toBe(0)
})

it('VerifiedTokenCache sets no timer for a token that was evicted', () => {
  const { time, after, cache } = timed({ maxTokens: 1 })
  keep(cache, a, claims(100))
  keep(cache, b, claims(50))
  time.advance(50)
  expect(after.mock.calls.map(([wait]) => wait)).toEqual([100_000, 50_000])
})

it('VerifiedTokenCache sets its timer again if the timer fires before a token expires', () => {
  const { time, cache } = timed()
  keep(cache, a, claims(40 * 86_400))
  time.advance(39 * 86_400)
  time.set(0)
  time.advance(86_400)
  expect(kept(cache)).toBe('a')
  time.advance(39 * 86_400)
  expect(kept(cache)).toBe('')
})

it('VerifiedTokenCache removes the recorded expiry of a token that was evicted or replaced', () => {
  const cache = made()
  for (let count = 0; count < 100; count++) keep(cache, `${count}`.repeat(30), claims(1000 + count))
  for (const token of [a, b, c]) keep(cache, token, claims(100))
  // A token that ends in the same characters as `a`, but has another expiry.
  keep(cache, `x${a}`, claims(500))
  cache.get('another', 100)
  expect(kept(cache)).toBe('')
  expect(has(cache, `x${a}`)).toBe(true)
  cache.get('another', 500)
  expect(has(cache, `x${a}`)).toBe(false)
})
