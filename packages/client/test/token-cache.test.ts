import type { TestClock } from '@portvakt/mock'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { deferred, never } from '../../core/test/deferred.js'
import { TokenCache } from '../src/token-cache.js'
import type { IssuedToken } from '../src/token-response.js'
import { outage, settle, startedClock } from './kit.js'

let clock: TestClock
let cache: TokenCache
let fetches: number
let failure: unknown
let expiresIn: number

const newCache = ({ random = 0.5, maxTokens = 3 } = {}) =>
  new TokenCache({ clock, random: () => random, maxTokens, totalTimeout: 15_000 })

beforeEach(() => {
  clock = startedClock()
  cache = newCache()
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

/** Makes the cache begin a fetch, which a test can end. */
function begin() {
  const answer = deferred<IssuedToken>()
  const end = (accessToken: string) => answer.resolve({ accessToken, expiresIn, scope: 'nav:a' })
  return { token: cache.get('k', () => answer.promise), end }
}

describe('a cached token', () => {
  it('a cached token is frozen, and its life is counted from the request, by the wall clock', async () => {
    const startedAt = clock.now() / 1000
    const slow = async () => {
      clock.advance(7)
      return issue()
    }
    const token = await cache.get('k', slow)
    expect(token).toEqual({ accessToken: 'token 1', expiresAt: startedAt + 120, scope: 'nav:a' })
    expect(Object.isFrozen(token)).toBe(true)
  })

  it.each<[string, number, { margin?: number }, number]>([
    ['the last 5 seconds of 120', 120, {}, 115],
    ['the last sixth of 12 seconds', 12, {}, 10],
    ['with `margin: 30`, the last 30 seconds of 1800', 1800, { margin: 30 }, 1770],
    ['with `margin: 30`, the last sixth of 60 seconds', 60, { margin: 30 }, 50],
  ])('a cached token is not used in the last part of its life: %s', async (_title, life, margin, seconds) => {
    expiresIn = life
    await cache.get('k', async () => ({ ...(await issue()), ...margin }))
    failure = new Error('down')
    clock.advance(seconds - 0.001)
    expect(await get()).toBe('token 1')
    await settle()
    clock.advance(0.001)
    await expect(get()).rejects.toBe(failure)
  })

  it('a cached token is not used after its expiry by the wall clock or by the monotonic clock', async () => {
    await get()
    clock.set(clock.now() + 115_000)
    expect(await get()).toBe('token 2')
    clock.set(clock.now() - 3_600_000)
    clock.advance(115)
    expect(await get()).toBe('token 3')
  })

  it.each([
    ['without jitter', 0.5, 80],
    ['with jitter, at the earliest', 0, 64],
    ['with jitter, at the latest', 1, 96],
  ])('a token that lives 120 s is used while one request renews it: %s', async (_title, random, seconds) => {
    cache = newCache({ random })
    await get()
    clock.advance(seconds - 0.001)
    expect(await get()).toBe('token 1')
    expect(fetches).toBe(1)
    clock.advance(0.001)
    expect(await Promise.all([get(), get()])).toEqual(['token 1', 'token 1'])
    expect(fetches).toBe(2)
    await settle()
    expect(await get()).toBe('token 2')
  })

  it('the number of cached tokens is bounded', async () => {
    for (const key of ['a', 'b', 'c', 'd', 'd']) await get(key)
    expect(fetches).toBe(4)
    await get('a')
    expect(fetches).toBe(5)
  })

  it.each(['accessToken', 'scope'])(
    'the size of cached tokens, with their %s, is limited to 1 MiB, or to 16 KiB times `maxTokens` if that is more',
    async (member) => {
      const large = async () => ({ ...(await issue()), [member]: 'x'.repeat(400_000) })
      for (const key of ['a', 'b', 'b', 'a', 'c', 'a']) await cache.get(key, large)
      expect(fetches).toBe(3)
      await cache.get('b', large)
      expect(fetches).toBe(4)
    },
  )

  it('a token is not cached if its token request is longer than the size limit of the cache', async () => {
    const key = 'k'.repeat(64 * 16_384 + 1)
    expect([await get(key), await get(key)]).toEqual(['token 1', 'token 2'])
  })
})

describe('a fetch', () => {
  it('concurrent callers with the same key share one token fetch, and callers with other keys do not', async () => {
    expect(await Promise.all([get(), get(), get()])).toEqual(['token 1', 'token 1', 'token 1'])
    expect(await Promise.all([get('a'), get('b')])).toEqual(['token 2', 'token 3'])
  })

  it('a token fetch that never settles, as on a runtime that drops timers, is shared until its timeout', async () => {
    void cache.get('k', never)
    clock.advance(14.999)
    const joined = vi.fn()
    void get().then(joined)
    await settle()
    expect(fetches).toBe(0)
    expect(joined).not.toHaveBeenCalled()
    clock.advance(0.001)
    expect(await get()).toBe('token 1')
  })

  it('a token renewal that hangs is repeated after its timeout', async () => {
    await get()
    clock.advance(80)
    await cache.get('k', never)
    clock.advance(15)
    expect(await get()).toBe('token 1')
    await settle()
    expect(await get()).toBe('token 2')
  })

  it('a hanging token fetch that ends late does not stop callers from sharing a later fetch', async () => {
    const late = begin()
    clock.advance(15)
    const later = begin()
    expiresIn = 3
    late.end('too late')
    await settle()
    clock.advance(10)
    const joined = get()
    expiresIn = 120
    later.end('later')
    expect([(await later.token).accessToken, await joined]).toEqual(['later', 'later'])
    expect(fetches).toBe(0)
  })

  it('a caller that joins a background renewal keeps the process alive until the renewal’s deadline', async () => {
    const after = vi.spyOn(clock, 'after')
    await get()
    clock.advance(112)
    const answer = deferred<IssuedToken>()
    const renew = vi.fn(() => answer.promise)
    await cache.get('k', renew)
    clock.advance(4)
    const joined = get()
    answer.resolve({ accessToken: 'renewed', expiresIn, scope: 'nav:a' })
    expect(await joined).toBe('renewed')
    expect(renew.mock.calls).toEqual([[false, true]])
    expect(after.mock.calls).toEqual([[11_000, expect.any(Function)]])
  })
})

describe('a replacement', () => {
  const replace = async (rejected: string) => (await cache.replace('k', rejected, issue))?.accessToken

  it('a replacement for a rejected token bypasses the source’s cache and is cached by the client', async () => {
    const fetchToken = vi.fn(issue)
    await cache.replace('k', 'rejected', fetchToken)
    expect(await get()).toBe('token 1')
    expect(fetchToken.mock.calls).toEqual([[true, false]])
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
    await Promise.all([cache.fetch('a', issue), cache.fetch('b', issue)])
    expect(fetches).toBe(4)
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

  it('a token that is not cached can be replaced, even if the cache has no room for the replacement', async () => {
    cache = newCache({ maxTokens: 1 })
    const tokens = await Promise.all(['a', 'b'].map((key) => cache.replace(key, 'rejected', issue)))
    expect(tokens.map((token) => token?.accessToken)).toEqual(['token 1', 'token 2'])
  })

  it('the replacement of a token stays cached when a renewal that began earlier ends later', async () => {
    await get()
    clock.advance(80)
    const renewal = begin()
    await renewal.token
    expect(await replace('token 1')).toBe('token 2')
    renewal.end('token 1')
    await settle()
    expect(await get()).toBe('token 2')
    expect(await replace('token 2')).toBeUndefined()
  })
})

describe('an outage', () => {
  it('a failed renewal is repeated after pauses that double, and no earlier than Retry-After', async () => {
    await get()
    clock.advance(80)
    const begun: number[] = []
    const startedAt = clock.elapsed()
    // The pauses are ¾ of 1, 2 and 4 s, and then 7 s.
    for (const error of [new Error('down'), new Error('down'), new Error('down'), outage(7), undefined]) {
      failure = error
      for (const before = fetches; fetches === before; clock.advance(0.05)) {
        await get()
        await settle()
      }
      begun.push((clock.elapsed() - startedAt) / 1000)
    }
    expect(begun).toEqual([0.05, 0.8, 2.3, 5.3, 12.3])
  })

  it('the pause after failed token fetches also applies to a caller that bypasses the cache', async () => {
    failure = outage()
    await expect(get()).rejects.toBe(failure)
    await expect(get()).rejects.toBe(failure)
    await expect(cache.fetch('k', issue)).rejects.toEqual(failure)
    expect(fetches).toBe(2)
  })

  it('the first failure after a successful token fetch does not begin a pause', async () => {
    for (const error of [outage(), undefined, outage(), outage()]) {
      failure = error
      await cache.fetch('k', issue).catch(() => undefined)
    }
    expect(fetches).toBe(4)
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
