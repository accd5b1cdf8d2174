import type { Fetch } from '@portvakt/core'
import { beforeAll, expect, it } from 'vitest'
import { encode, NOW } from '../security/forge.js'
import type { Verdict } from '../security/verdicts.js'
import { BEFORE, createWorld, down, forge, hanging, loadedWorld, turns } from './world.js'

const SECONDS = 10 * 60
const TOKENS = 100_000

/** The payload and signature of the tokens with unknown kids. The validator never checks this signature. */
let tail: string
beforeAll(() => {
  tail = `.${encode({ ...forge.claims, exp: NOW + 3600 })}.${forge.parts()[2]}`
})
const invented = (index: number) => `${encode({ kid: `invented-${index}`, alg: 'RS256' })}${tail}`

const ENDPOINTS: readonly (readonly [string, Fetch, readonly Verdict[]])[] = [
  ['up', BEFORE, ['unknown_key']],
  ['down', down, ['keys_unavailable']],
  ['hanging', hanging, ['keys_unavailable']],
]

it.each(ENDPOINTS)(
  'J04 with the key endpoint %s, 100,000 unknown kids in ten minutes cause one fetch per 30 s, delay no valid token, and leave the validator ready',
  async (_state, endpoint, refusals) => {
    const world = await loadedWorld(BEFORE, endpoint)
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
      expect(world.validator.health().usable).toBe(true)
      await turns(1)
      world.clock.advance(1)
      expect(world.validator.health().usable).toBe(true)
    }
    await expect(world.validator.ready()).resolves.toBeUndefined()
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

it('J04 before the first keys are loaded, unknown kids cause no more fetches than valid tokens', async () => {
  const world = createWorld(down)
  const good = forge.token({ exp: NOW + 3600 })
  for (let second = 0; second < 120; second++) {
    await Promise.all(Array.from({ length: 20 }, (_, index) => world.present(invented(second * 20 + index))))
    expect(await world.present(good)).toBe('keys_unavailable')
    world.clock.advance(1)
  }
  // The attempts to load keys are 1, 2, 4, 8, 16, 32 and 60 seconds apart.
  expect(world.attempts()).toBeLessThanOrEqual(8)
  world.answer(BEFORE)
  world.clock.advance(60)
  expect(await world.present(good)).toBe('allowed')
})
