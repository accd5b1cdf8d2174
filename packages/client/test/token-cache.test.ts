import { createTestClock, type TestClock } from '@portvakt/mock'
import { beforeEach, describe, expect, it, vi } from 'vitest'
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
const get = async (key = 'k') => (await cache.get(key, issue)).accessToken

describe('a cached token', () => {
  it('a cached token is frozen, and its expiry is a time of the wall clock', async () => {
    const token = await cache.get('k', issue)
    expect(token).toEqual({ accessToken: 'token 1', expiresAt: clock.now() / 1000 + 120, scope: 'nav:a' })
    expect(Object.isFrozen(token)).toBe(true)
  })

  it('the life of a cached token is counted from the request, not from the answer', async () => {
    const slow = async () => {
      clock.advance(7)
      return issue()
    }
    expect((await cache.get('k', slow)).expiresAt).toBe(clock.now() / 1000 + 113)
  })

  it.each([
    ['the last 5 seconds of 120', 120, 115],
    ['the last sixth of 12 seconds', 12, 10],
    ['the last 5 seconds of 30, which are its last sixth', 30, 25],
  ])('a cached token is not used in the last part of its life: %s', async (_title, lifetime, seconds) => {
    expiresIn = lifetime
    await get()
    failure = new Error('down')
    clock.advance(seconds - 0.001)
    expect(await get()).toBe('token 1')
    await settle()
    clock.advance(0.001)
    await expect(get()).rejects.toBe(failure)
  })

  it('a token with `margin: 30` is not used in its last 30 seconds, or in its last sixth if that is shorter', async () => {
    const issueWithMargin = async () => ({ ...(await issue()), margin: 30 })
    for (const [lifetime, seconds] of [
      [1800, 1770],
      [60, 50],
    ] as const) {
      expiresIn = lifetime
      const { accessToken } = await cache.fetch('k', issueWithMargin)
      clock.advance(seconds - 0.001)
      expect((await cache.get('k', () => Promise.reject(new Error('down')))).accessToken).toBe(accessToken)
      await settle()
      clock.advance(0.001)
      await expect(cache.get('k', () => Promise.reject(new Error('down')))).rejects.toThrow('down')
    }
  })

  it('a cached token is not used after its expiry by the wall clock or by the monotonic clock', async () => {
    await get()
    clock.set(clock.now() + 115_000)
    expect(await get()).toBe('token 2')
    clock.set(clock.now() - 3_600_000)
    clock.advance(115)
    expect(await get()).toBe('token 3')
  })

  it('a cached token is used after two thirds of its life, while one request renews the token', async () => {
    await get()
    clock.advance(79.999)
    expect(await get()).toBe('token 1')
    expect(fetches).toBe(1)
    clock.advance(0.001)
    expect(await Promise.all([get(), get()])).toEqual(['token 1', 'token 1'])
    expect(fetches).toBe(2)
    await settle()
    expect(await get()).toBe('token 2')
  })

  it.each([
    ['after 64 s at the earliest', 0, 64],
    ['after 96 s at the latest', 1, 96],
  ])('with jitter, a token that lives 120 s is renewed %s', async (_title, random, seconds) => {
    cache = new TokenCache({ clock, random: () => random, maxTokens: 3, totalTimeout: 15_000 })
    await get()
    clock.advance(seconds - 0.001)
    await get()
    expect(fetches).toBe(1)
    clock.advance(0.001)
    await get()
    expect(fetches).toBe(2)
  })

  it('the number of cached tokens is bounded', async () => {
    for (const key of ['a', 'b', 'c', 'd', 'd']) await get(key)
    expect(fetches).toBe(4)
    await get('a')
    expect(fetches).toBe(5)
  })

  it('the size of cached tokens is limited to 1 MiB, or to 16 KiB times `maxTokens` if that is more', async () => {
    const large = async () => ({ ...(await issue()), accessToken: 'x'.repeat(400_000) })
    for (const key of ['a', 'b', 'b', 'a', 'c', 'a']) await cache.get(key, large)
    expect(fetches).toBe(3)
    await cache.get('b', large)
    expect(fetches).toBe(4)
  })
})

describe('a fetch', () => {
  it('concurrent callers with the same key share one token fetch, and callers with other keys do not', async () => {
    expect(await Promise.all([get(), get(), get()])).toEqual(['token 1', 'token 1', 'token 1'])
    expect(await Promise.all([get('a'), get('b')])).toEqual(['token 2', 'token 3'])
  })

  it('a failed token fetch fails only its own callers', async () => {
    failure = new Error('down')
    await expect(Promise.all([get(), get()])).rejects.toBe(failure)
    failure = undefined
    expect(await get()).toBe('token 2')
  })
})

describe('a hanging fetch', () => {
  const hang = () => new Promise<IssuedToken>(() => undefined)

  it('a hanging token fetch is shared until its timeout', async () => {
    void cache.get('k', hang)
    clock.advance(14.999)
    let joined: unknown
    void get().then((token) => {
      joined = token
    })
    await settle()
    expect([fetches, joined]).toEqual([0, undefined])
    clock.advance(0.001)
    expect(await get()).toBe('token 1')
  })

  it('a token renewal that hangs is repeated after its timeout', async () => {
    await get()
    clock.advance(80)
    await cache.get('k', hang)
    clock.advance(15)
    expect(await get()).toBe('token 1')
    await settle()
    expect(await get()).toBe('token 2')
  })

  it('a hanging token fetch that ends late does not stop callers from sharing a later fetch', async () => {
    let end = (_issued: IssuedToken) => {}
    void cache.get('k', () => new Promise((resolve) => (end = resolve)))
    clock.advance(15)
    let answer = (_issued: IssuedToken) => {}
    const later = cache.get('k', () => new Promise((resolve) => (answer = resolve)))
    end({ accessToken: 'too late', expiresIn: 3, scope: 'nav:a' })
    await settle()
    clock.advance(10)
    const joined = cache.get('k', issue)
    answer({ accessToken: 'later', expiresIn, scope: 'nav:a' })
    expect(await Promise.all([later, joined])).toMatchObject([
      { accessToken: 'later' },
      { accessToken: 'later' },
    ])
    expect(fetches).toBe(0)
  })
})

describe('a replacement', () => {
  const replace = async (rejected: string) => (await cache.replace('k', rejected, issue))?.accessToken

  it('a replacement for a rejected token bypasses the source’s cache and is cached by the client', async () => {
    const fetchToken = vi.fn(issue)
    await cache.get('k', fetchToken)
    expect(await cache.replace('k', 'token 1', fetchToken)).toMatchObject({ accessToken: 'token 2' })
    expect(await get()).toBe('token 2')
    expect(fetchToken.mock.calls).toEqual([
      [false, false],
      [true, false],
    ])
  })

  it('a usable token that another caller has fetched replaces a rejected token', async () => {
    await get()
    await cache.fetch('k', issue)
    expect(await replace('token 1')).toBe('token 2')
    clock.advance(115)
    expect(await replace('token 1')).toBe('token 3')
  })

  it('callers with the same key share one replacement of a token, and callers with other keys do not', async () => {
    await get()
    expect(await Promise.all([replace('token 1'), replace('token 1')])).toEqual(['token 2', 'token 2'])
    const both = await Promise.all([cache.fetch('a', issue), cache.fetch('b', issue)])
    expect(both).toMatchObject([{ accessToken: 'token 3' }, { accessToken: 'token 4' }])
  })

  it('a replacement that is also rejected is not replaced for 30 seconds', async () => {
    await get()
    await replace('token 1')
    clock.advance(29.999)
    expect(await replace('token 2')).toBeUndefined()
    expect(fetches).toBe(2)
    clock.advance(0.001)
    expect(await replace('token 2')).toBe('token 3')
  })

  it('a rejected token that is not cached can be replaced', async () => {
    expect(await replace('of another process')).toBe('token 1')
  })

  it('a token can be replaced even if the cache has no room for the replacement', async () => {
    cache = new TokenCache({ clock, random: () => 0.5, maxTokens: 1, totalTimeout: 15_000 })
    const tokens = await Promise.all(['a', 'b'].map((key) => cache.replace(key, 'rejected', issue)))
    expect(tokens.map((token) => token?.accessToken)).toEqual(['token 1', 'token 2'])
  })

  it('the replacement of a token stays cached when a renewal that began earlier ends later', async () => {
    await get()
    clock.advance(80)
    let answer = (_issued: IssuedToken) => {}
    await cache.get('k', () => new Promise((resolve) => (answer = resolve)))
    expect(await replace('token 1')).toBe('token 2')
    answer({ accessToken: 'token 1', expiresIn, scope: 'nav:a' })
    await settle()
    expect(await get()).toBe('token 2')
    expect(await replace('token 2')).toBeUndefined()
  })
})

it('a caller that joins a background renewal keeps the process alive until the renewal’s deadline', async () => {
  const delays: number[] = []
  const after: typeof clock.after = (milliseconds, callback) => {
    delays.push(milliseconds)
    return clock.after(milliseconds, callback)
  }
  const own = new TokenCache({
    clock: { ...clock, after },
    random: () => 0.5,
    maxTokens: 3,
    totalTimeout: 15_000,
  })
  const begun: boolean[] = []
  let end: (token: IssuedToken) => void = () => undefined
  const fetchToken = (_skipCache: boolean, inBackground: boolean): Promise<IssuedToken> => {
    begun.push(inBackground)
    return begun.length === 1 ? issue() : new Promise((resolve) => (end = resolve))
  }
  await own.get('k', fetchToken)
  clock.advance(112)
  await own.get('k', fetchToken)
  clock.advance(4)
  const joined = own.get('k', fetchToken)
  end(await issue())
  expect((await joined).accessToken).toBe('token 2')
  expect([begun, delays]).toEqual([[false, true], [11_000]])
})

it('a token is not cached if its token request is longer than the size limit of the cache', async () => {
  const key = 'k'.repeat(64 * 16_384 + 1)
  expect([await get(key), await get(key)]).toEqual(['token 1', 'token 2'])
})
