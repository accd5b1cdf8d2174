import { createMaskinportenValidator } from '@portvakt/core'
import { createTestClock, type TestClock } from '@portvakt/mock'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { READ } from '../conformance/api.js'
import { ISSUER, NOW } from '../security/forge.js'
import { BEFORE, forge, turns, until } from './world.js'

const GOOD = forge.token({ exp: NOW + 86_000 })

// The validator recognises Cloudflare Workers by this user agent. On Workers, I/O and timers end with the
// request that started them.
beforeEach(() => vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' }))
afterEach(() => vi.unstubAllGlobals())

/** A platform on which a request's I/O and timers end with the request. */
class Platform {
  readonly clock: TestClock = createTestClock(NOW * 1000)
  fetches = 0
  #ended = false

  readonly validator = createMaskinportenValidator({
    issuer: ISSUER,
    jwksUri: `${ISSUER}jwk`,
    random: () => 0.5,
    clock: {
      ...this.clock,
      // A timer that an ended request sets never fires.
      after: (milliseconds, callback) =>
        this.#ended ? () => undefined : this.clock.after(milliseconds, callback),
    },
    fetch: (url, init) => {
      this.fetches++
      return this.#ended ? new Promise(() => undefined) : BEFORE(url, init)
    },
  })

  /** Starts a request that ends at once, so that its I/O and timers never complete. */
  endedRequest(token: string): void {
    this.#ended = true
    void this.validator.decide(`Bearer ${token}`, READ)
    this.#ended = false
  }

  async request(token: string, waitUntil?: (promise: Promise<unknown>) => void): Promise<string> {
    const decision = await this.validator.decide(`Bearer ${token}`, READ, waitUntil ? { waitUntil } : {})
    return decision.allowed ? 'allowed' : decision.denial.reason
  }
}

it('after the timeout of a first key fetch that never settles, the next request loads the keys', async () => {
  const platform = new Platform()
  platform.endedRequest(GOOD)
  await turns(5)
  expect(platform.fetches).toBe(1)
  platform.clock.advance(5.001)
  expect(await platform.request(GOOD)).toBe('allowed')
  expect(platform.fetches).toBe(2)
})

it('a key refresh that never settles delays no request, and a later refresh replaces the hanging one', async () => {
  const platform = new Platform()
  expect(await platform.request(GOOD)).toBe('allowed')
  platform.clock.advance(700)
  platform.endedRequest(GOOD)
  await turns(5)
  expect(platform.fetches).toBe(2)
  expect(await platform.request(GOOD)).toBe('allowed')
  platform.clock.advance(60)
  const kept: Promise<unknown>[] = []
  expect(await platform.request(GOOD, (promise) => kept.push(promise))).toBe('allowed')
  await Promise.all(kept)
  await until(() => platform.validator.health().keyAge === 0)
  expect(platform.fetches).toBe(3)
})
