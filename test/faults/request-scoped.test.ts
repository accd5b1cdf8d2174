import { createMaskinportenValidator, type Fetch } from '@portvakt/core'
import { createTestClock, type TestClock } from '@portvakt/mock'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { READ } from '../conformance/api.js'
import { Forge, ISSUER, NOW } from '../security/forge.js'
import { publishing, turns, until } from './world.js'

const forge = new Forge()
const GOOD = forge.token({ exp: NOW + 86_000 })
const BY_NEW_KEY = forge.raw(
  { ...forge.header, kid: forge.bystander.jwk.kid },
  { ...forge.claims, exp: NOW + 86_000 },
  forge.bystander,
)

// Known by its name: there, I/O and timers end with the request that began them.
beforeEach(() => vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' }))
afterEach(() => vi.unstubAllGlobals())

/** A platform that can end a request, and with it everything that the request waits for. */
class Platform {
  readonly clock: TestClock = createTestClock(NOW * 1000)
  fetches = 0
  answer: Fetch = publishing([forge.known.jwk])
  #ended = false

  readonly validator = createMaskinportenValidator({
    issuer: ISSUER,
    jwksUri: `${ISSUER}jwk`,
    random: () => 0.5,
    clock: {
      ...this.clock,
      // A timer belongs to the request in which it is set.
      after: (milliseconds, callback) =>
        this.#ended ? () => undefined : this.clock.after(milliseconds, callback),
    },
    fetch: (url, init) => {
      this.fetches++
      return this.#ended ? new Promise(() => undefined) : this.answer(url, init)
    },
  })

  /** What this begins never ends, and what it waits for never comes. */
  endedRequest(token: string): void {
    this.#ended = true
    void this.validator.decide(`Bearer ${token}`, READ)
    this.#ended = false
  }

  async request(token: string, waitUntil?: (promise: Promise<unknown>) => void): Promise<string> {
    const decision = await this.validator.decide(`Bearer ${token}`, READ, waitUntil ? { waitUntil } : {})
    return decision.allowed ? 'let in' : decision.denial.reason
  }
}

describe('where a refresh dies with its request', () => {
  it('the first keys come to a later request, once the lost attempt’s time is over', async () => {
    const platform = new Platform()
    platform.endedRequest(GOOD)
    await turns(5)
    expect(platform.fetches).toBe(1)
    platform.clock.advance(5.001)
    expect(await platform.request(GOOD)).toBe('let in')
    expect(platform.fetches).toBe(2)
  })

  it('a request that comes meanwhile watches the clock, and no promise that will never settle', async () => {
    const platform = new Platform()
    platform.endedRequest(GOOD)
    await turns(5)
    const meanwhile = platform.request(GOOD)
    for (let step = 0; step < 260; step++) {
      platform.clock.advance(0.02)
      await turns(1)
    }
    expect(['let in', 'keys_unavailable']).toContain(await meanwhile)
    platform.clock.advance(2)
    expect(await platform.request(GOOD)).toBe('let in')
  })

  it('a lost refresh of known keys holds up nobody, and a later one takes its place', async () => {
    const platform = new Platform()
    expect(await platform.request(GOOD)).toBe('let in')
    platform.clock.advance(700)
    platform.endedRequest(GOOD)
    await turns(5)
    expect(platform.fetches).toBe(2)
    expect(await platform.request(GOOD)).toBe('let in')
    platform.clock.advance(60)
    const kept: Promise<unknown>[] = []
    expect(await platform.request(GOOD, (promise) => kept.push(promise))).toBe('let in')
    await Promise.all(kept)
    await until(() => platform.validator.health().keyAge === 0)
    expect(platform.fetches).toBe(3)
  })

  it('a lost look for an unknown key costs the next one no more than the cool-down', async () => {
    const platform = new Platform()
    expect(await platform.request(GOOD)).toBe('let in')
    platform.answer = publishing([forge.known.jwk, forge.bystander.jwk])
    platform.endedRequest(BY_NEW_KEY)
    await turns(5)
    platform.clock.advance(31)
    expect(await platform.request(BY_NEW_KEY)).toBe('let in')
    expect(platform.fetches).toBe(3)
  })

  it('a hundred requests that end, one after another, leave the next one to be served', async () => {
    const platform = new Platform()
    for (let request = 0; request < 100; request++) {
      platform.endedRequest(GOOD)
      await turns(1)
      platform.clock.advance(6)
    }
    platform.clock.advance(60)
    expect(await platform.request(GOOD)).toBe('let in')
  })
})
