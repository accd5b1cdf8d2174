import { createTestClock, type TestClock } from '@portvakt/mock'
import { expect, it, vi } from 'vitest'
import type { ReadClaims } from '../../src/claims/read-claims.js'
import type { VerificationKey } from '../../src/jws/verify-signature.js'
import type { TokenCacheLimits } from '../../src/verifiers/token-cache-limits.js'
import { VerifiedTokenCache } from '../../src/verifiers/verified-token-cache.js'

const KEY: VerificationKey = { algorithm: 'RS256', verify: () => true }
const bytes = (token: string) => new TextEncoder().encode(token)
/** The claims that the cache reads. */
const claims = (expiresAt = 1000, scopes: readonly string[] = []) =>
  ({ token: { expiresAt, scopes }, memory: 0 }) as unknown as ReadClaims

/** Returns a token that begins with `start`. All tokens from this function end in the same characters. */
const ending = (start: string) => `${start}.${'s'.repeat(342)}`

const limits = { maxTokens: 3, maxBytes: 1e6 }
const made = (more: Partial<TokenCacheLimits> = {}, time?: TestClock) =>
  new VerifiedTokenCache({ ...limits, ...more }, time)
const [a = '', b = '', c = '', d = ''] = ['a', 'b', 'c', 'd'].map((name) => name.repeat(30))

it('VerifiedTokenCache finds an entry by the last characters of a token, but compares the whole token', () => {
  const cache = made()
  cache.keep(bytes(ending('h.a')), KEY, claims(), 0)
  expect(cache.get(ending('h.a'), 0)).toMatchObject({ token: ending('h.a'), key: KEY })
  for (const other of [ending('h.b'), ending('h.aa'), ending('H.a'), 's'.repeat(24), '']) {
    expect(cache.get(other, 0)).toBeUndefined()
  }
})

it('VerifiedTokenCache evicts the least recently used token beyond `maxTokens`', () => {
  const cache = made()
  for (const token of [a, b, c]) cache.keep(bytes(token), KEY, claims(), 0)
  cache.get(a, 0)
  cache.keep(bytes(d), KEY, claims(), 0)
  expect([a, b, c, d].map((token) => cache.get(token, 0) !== undefined)).toEqual([true, false, true, true])
})

it.each([
  ['the texts of tokens', claims()],
  ['claims', { ...claims(), memory: 9000 }],
  ['scopes', claims(1000, Array(100).fill('nav:x'))],
])('VerifiedTokenCache stays within `maxBytes` when the memory is used by %s', (_title, held) => {
  const cache = made({ maxTokens: 1000, maxBytes: 100_000 })
  const tokens = Array.from({ length: 50 }, (_, n) => `${n}`.repeat(1000).slice(0, 1500))
  for (const token of tokens) cache.keep(bytes(token), KEY, held, 0)
  const kept = tokens.filter((token) => cache.get(token, 0)).length
  expect(kept).toBeGreaterThan(4)
  expect(kept * (1000 + held.memory + 100 * held.token.scopes.length)).toBeLessThanOrEqual(100_000)
})

it('with the smallest `maxBytes`, a cache of one token holds a 16 KiB token, and replaces it with the next', () => {
  const cache = made({ maxTokens: 1, maxBytes: 65_536 })
  const [first = '', second = ''] = ['a', 'b'].map((name) => name.repeat(16_384))
  for (const token of [first, second]) {
    cache.keep(bytes(token), KEY, { ...claims(), memory: 16_384 }, 0)
    expect(cache.get(token, 0)).toMatchObject({ token, key: KEY })
  }
  expect(cache.get(first, 0)).toBeUndefined()
  cache.keep(bytes(first), KEY, { ...claims(), memory: 65_536 - 16_384 }, 0)
  expect(cache.get(first, 0)).toBeUndefined()
})

it('VerifiedTokenCache keeps no token larger than `maxBytes`, and sets no timer for such a token', () => {
  const time = createTestClock(0)
  const after = vi.spyOn(time, 'after')
  const cache = made({ maxBytes: 100_000 }, time)
  const large = 'x'.repeat(100_000)
  cache.keep(bytes(large), KEY, claims(Number.MAX_SAFE_INTEGER), 0)
  expect(cache.get(large, 0)).toBeUndefined()
  expect(after).not.toHaveBeenCalled()
})

it('VerifiedTokenCache does not keep an expired token', () => {
  const cache = made()
  cache.keep(bytes(a), KEY, claims(100), 100)
  expect(cache.get(a, 99)).toBeUndefined()
})

/** Returns the tokens in the cache. They are read at time 0, so that none of them is removed. */
const kept = (cache: VerifiedTokenCache) =>
  [a, b, c]
    .filter((token) => cache.get(token, 0))
    .join('')
    .replace(/(.)\1+/g, '$1')

it('VerifiedTokenCache removes an expired token at the next request for any token', () => {
  const cache = made()
  cache.keep(bytes(a), KEY, claims(100), 0)
  cache.keep(bytes(b), KEY, claims(200.9), 0)
  cache.keep(bytes(c), KEY, claims(300), 0)
  cache.get('another', 99.9)
  expect(kept(cache)).toBe('abc')
  cache.get('another', 100)
  expect(kept(cache)).toBe('bc')
  cache.keep(bytes(d), KEY, claims(), 200)
  expect(kept(cache)).toBe('c')
  cache.get('another', 300)
  expect(kept(cache)).toBe('')
})

it('VerifiedTokenCache removes each token at its expiry by a background timer', () => {
  const time = createTestClock(0)
  const after = vi.spyOn(time, 'after')
  const cache = made({}, time)
  cache.keep(bytes(b), KEY, claims(200), 0)
  cache.keep(bytes(a), KEY, claims(100), 0)
  cache.keep(bytes(c), KEY, claims(100), 0)
  time.advance(99.999)
  expect(kept(cache)).toBe('abc')
  time.advance(0.001)
  expect(kept(cache)).toBe('b')
  time.advance(100)
  expect(kept(cache)).toBe('')
  expect(after.mock.calls.map(([wait, , options]) => [wait, options])).toEqual([
    [200_000, true],
    [100_000, true],
    [100_000, true],
  ])
})

it('VerifiedTokenCache runs one timer at a time, and no timer while it is empty', () => {
  const time = createTestClock(0)
  const running = new Set<() => void>()
  const after: TestClock['after'] = (milliseconds, callback) => {
    const end = () => running.delete(end)
    running.add(end)
    const stop = time.after(milliseconds, () => {
      end()
      callback()
    })
    return () => {
      end()
      stop()
    }
  }
  const cache = made({ maxTokens: 10 }, { ...time, after })
  for (let expiry = 50; expiry > 40; expiry--) {
    cache.keep(bytes(`${a}${expiry}`), KEY, claims(expiry), 0)
    expect(running.size).toBe(1)
  }
  time.advance(45)
  expect(running.size).toBe(1)
  time.advance(5)
  expect(running.size).toBe(0)
})

it('VerifiedTokenCache sets no timer for a token that was evicted', () => {
  const time = createTestClock(0)
  const after = vi.spyOn(time, 'after')
  const cache = made({ maxTokens: 1 }, time)
  cache.keep(bytes(a), KEY, claims(100), 0)
  cache.keep(bytes(b), KEY, claims(50), 0)
  time.advance(50)
  expect(after.mock.calls.map(([wait]) => wait)).toEqual([100_000, 50_000])
})

it('VerifiedTokenCache sets its timer again if the timer fires before a token expires', () => {
  const time = createTestClock(0)
  const cache = made({}, time)
  cache.keep(bytes(a), KEY, claims(40 * 86_400), 0)
  time.advance(39 * 86_400)
  expect(kept(cache)).toBe('a')
  time.set(0)
  time.advance(86_400)
  expect(kept(cache)).toBe('a')
  time.advance(39 * 86_400)
  expect(kept(cache)).toBe('')
})

it('VerifiedTokenCache removes the recorded expiry of a token that was evicted or replaced', () => {
  const cache = made({}, undefined)
  for (let count = 0; count < 100; count++)
    cache.keep(bytes(`${count}`.repeat(30)), KEY, claims(1000 + count), 0)
  for (const token of [a, b, c]) cache.keep(bytes(token), KEY, claims(100), 0)
  // A token that ends in the same characters as `a`, but has another expiry.
  cache.keep(bytes(`x${a}`), KEY, claims(500), 0)
  cache.get('another', 100)
  expect(kept(cache)).toBe('')
  expect(cache.get(`x${a}`, 0)).toBeDefined()
  cache.get('another', 500)
  expect(cache.get(`x${a}`, 0)).toBeUndefined()
})
