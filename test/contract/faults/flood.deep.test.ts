import type { Fetch } from '@portvakt/core'
import { beforeAll, expect, it, vi } from 'vitest'
import { encode, Forge, NOW } from '../security/forge.js'
import type { Verdict } from '../security/verdicts.js'
import { createWorld, publishing, turns } from './world.js'

// 300,000 decisions take long on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const forge = new Forge()
const MINUTES = 10
const SECONDS = MINUTES * 60
const TOKENS = 100_000

/** The payload and signature of the tokens with unknown kids. The validator never checks this signature. */
let tail: string
beforeAll(() => {
  tail = `.${encode({ ...forge.claims, exp: NOW + 3600 })}.${forge.parts()[2]}`
})
const invented = (index: number) => `${encode({ kid: `invented-${index}`, alg: 'RS256' })}${tail}`

const ENDPOINTS: readonly (readonly [string, Fetch, readonly Verdict[]])[] = [
  ['up', publishing([forge.known.jwk]), ['unknown_key']],
  ['down', () => Promise.reject(new TypeError('fetch failed')), ['keys_unavailable']],
  ['hanging', () => new Promise(() => undefined), ['keys_unavailable']],
]

it.each(ENDPOINTS)(
  'J04 with the key endpoint %s, 100,000 unknown kids in ten minutes cause one fetch per 30 s, and delay no valid token',
  async (_state, endpoint, refusals) => {
    const world = createWorld(forge)
    await world.validator.ready()
    world.answer(endpoint)
    const [good, before] = [forge.token({ exp: NOW + 3600 }), world.attempts()]
    const verdicts = new Map<Verdict, number>()
    let longest = 0
    const pending: Promise<void>[] = []
    for (let second = 0; second < SECONDS; second++) {
      const [from, to] = [second, second + 1].map((at) => Math.floor((at * TOKENS) / SECONDS))
      for (let index = from ?? 0; index < (to ?? 0); index++) {
        const askedAt = world.clock.elapsed()
        const recorded = world.present(invented(index)).then((verdict) => {
          verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1)
          longest = Math.max(longest, world.clock.elapsed() - askedAt)
        })
        pending.push(recorded)
      }
      // The test clock stands still here, so a decision that waited for keys would never end.
      expect(await world.present(good)).toBe('allowed')
      await turns(1)
      world.clock.advance(1)
    }
    world.clock.advance(5)
    await Promise.all(pending)
    expect(verdicts.get('allowed')).toBeUndefined()
    for (const verdict of verdicts.keys()) expect(refusals).toContain(verdict)
    expect([...verdicts.values()].reduce((sum, count) => sum + count, 0)).toBe(TOKENS)
    // One attempt to load keys per 30 seconds, plus one because the keys reach `maxAge`.
    expect(world.attempts() - before).toBeLessThanOrEqual(SECONDS / 30 + 1)
    expect(longest).toBeLessThanOrEqual(5000)
  },
)

it.each(ENDPOINTS)(
  'J04 with the key endpoint %s, a validator stays ready despite unknown kids',
  async (_state, endpoint) => {
    const world = createWorld(forge)
    await world.validator.ready()
    world.answer(endpoint)
    const pending: Promise<Verdict>[] = []
    for (let second = 0; second < SECONDS; second++) {
      for (let index = 0; index < 5; index++) pending.push(world.present(invented(second * 5 + index)))
      expect(world.validator.health().usable).toBe(true)
      await turns(1)
      world.clock.advance(1)
      expect(world.validator.health().usable).toBe(true)
    }
    await expect(world.validator.ready()).resolves.toBeUndefined()
    world.clock.advance(5)
    expect(await Promise.all(pending)).not.toContain('allowed')
  },
)

it('J04 before the first keys are loaded, unknown kids cause no more fetches than valid tokens', async () => {
  const world = createWorld(forge)
  world.answer(() => Promise.reject(new TypeError('fetch failed')))
  const good = forge.token({ exp: NOW + 3600 })
  for (let second = 0; second < 120; second++) {
    await Promise.all(Array.from({ length: 20 }, (_, index) => world.present(invented(second * 20 + index))))
    expect(await world.present(good)).toBe('keys_unavailable')
    world.clock.advance(1)
  }
  // The attempts to load keys are 1, 2, 4, 8, 16, 32 and 60 seconds apart.
  expect(world.attempts()).toBeLessThanOrEqual(8)
  world.answer(publishing([forge.known.jwk]))
  world.clock.advance(60)
  expect(await world.present(good)).toBe('allowed')
})

it('J04 one unknown kid, presented 10,000 times, causes one fetch', async () => {
  const world = createWorld(forge)
  await world.validator.ready()
  const before = world.attempts()
  const verdicts = await Promise.all(Array.from({ length: 10_000 }, () => world.present(invented(0))))
  expect(new Set(verdicts)).toEqual(new Set(['unknown_key']))
  expect(world.attempts()).toBe(before + 1)
})

it('J04 tokens that are invalid by their own claims or header cause no key fetch', async () => {
  const world = createWorld(forge)
  await world.validator.ready()
  const [before, exp] = [world.attempts(), NOW + 3600]
  for (let minute = 0; minute < 5; minute++) {
    world.clock.advance(60)
    expect(await world.present(forge.token({ exp: 1 }, { kid: `a${minute}` }))).toBe('expired')
    expect(await world.present(forge.token({ exp, iss: 'https://x.no/' }, { kid: `b${minute}` }))).toBe(
      'wrong_issuer',
    )
    expect(await world.present(forge.token({ exp }, { kid: `c ${minute}` }))).toBe('malformed_token')
    expect(await world.present(forge.token({ exp }, { kid: `d${minute}`, alg: 'HS256' }))).toBe(
      'unsupported_algorithm',
    )
  }
  expect(world.attempts()).toBe(before)
})
