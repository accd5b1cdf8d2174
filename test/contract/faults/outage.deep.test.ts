import type { Fetch } from '@portvakt/core'
import { describe, expect, it } from 'vitest'
import { NOW } from '../security/forge.js'
import {
  BEFORE,
  BOTH,
  createWorld,
  DAY,
  delayed,
  down,
  forge,
  HOUR,
  hanging,
  loadedWorld,
  turns,
  until,
  type World,
} from './world.js'

const answering =
  (make: () => Response): Fetch =>
  async () =>
    make()

/** Answers with a body that is created as the client reads. */
const streaming = (pull: (controller: ReadableStreamDefaultController<Uint8Array>) => void): Fetch =>
  answering(() => new Response(new ReadableStream({ pull }, { highWaterMark: 0 })))

const waiting: Fetch = (_url, { signal }) =>
  new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))

const HALF = new Uint8Array(32 * 1024)

/** Outages that differ for the age of keys. `wire.deep.test.ts` has more kinds, each on a real socket. */
const OUTAGES: readonly (readonly [title: string, fetch: Fetch])[] = [
  ['refused connections', down],
  ['no answer', waiting],
  ['no answer, even to the abort signal', hanging],
  ['a body without data and without an end', streaming(() => undefined)],
  ['status 429', answering(() => new Response('', { status: 429, headers: { 'retry-after': '86400' } }))],
  ['an empty set', answering(() => Response.json({ keys: [] }))],
  ['200 MB', streaming((controller) => controller.enqueue(HALF))],
  ['half a body', streaming((controller) => controller.error(new TypeError('terminated')))],
]

/** One token per half hour of the day, each valid for two hours: at least two are valid at any time. */
const tokens = Array.from({ length: 50 }, (_, index) => {
  const iat = NOW + (index - 1) * 1800
  return forge.signedBy(index % 2 === 0 ? forge.known : forge.bystander, { iat, exp: iat + 2 * HOUR })
})

/** Creates a world whose validator has just loaded a second key. */
async function rotatedWorld(): Promise<World> {
  const world = await loadedWorld(BEFORE, BOTH)
  expect(await world.present(forge.signedBy(forge.bystander, {}))).toBe('allowed')
  expect(world.validator.health()).toMatchObject({ keys: 2, keyAge: 0 })
  return world
}

/** Advances the clock by a day in steps of a minute, and counts refused valid tokens. */
async function refusedInADayOf(world: World): Promise<number> {
  let refused = 0
  for (let minute = 0; minute < DAY / 60; minute++) {
    const current = Math.floor(minute / 30) + 1
    for (const token of [tokens[current - 1], tokens[current]]) {
      // The test clock advances only after these decisions, so a decision that waited for keys would never
      // end.
      if ((await world.present(token ?? '')) !== 'allowed') refused++
    }
    await turns(2)
    world.clock.advance(60)
  }
  return refused
}

it.each(OUTAGES)(
  'in an outage (%s), valid tokens pass for a day (at most 1,500 key fetches), then get 503 until after the outage',
  async (_title, outage) => {
    const world = await rotatedWorld()
    const before = world.attempts()
    world.answer(outage)
    expect(await refusedInADayOf(world)).toBe(0)
    expect(world.attempts() - before).toBeLessThanOrEqual(1500)
    expect(world.validator.health()).toMatchObject({ usable: true, keyAge: DAY })

    world.clock.advance(60)
    const late = forge.signedBy(forge.known, { iat: NOW + DAY, exp: NOW + DAY + HOUR })
    const asked = world.present(late)
    await turns(5)
    world.clock.advance(5)
    expect(await asked).toBe('keys_unavailable')

    world.answer(BOTH)
    world.clock.advance(60)
    expect(await world.present(late)).toBe('allowed')
    expect(world.validator.health()).toMatchObject({ usable: true, keyAge: 0 })
  },
)

it('a slow fetch of metadata and a slow fetch of keys share one timeout', async () => {
  const world = createWorld()
  world.answer(delayed(world, 3000, BEFORE))
  const asked = world.present(forge.token())
  await until(() => world.fetches() === 1)
  world.clock.advance(3)
  await until(() => world.fetches() === 2)
  world.clock.advance(1.999)
  expect(await Promise.race([asked, turns(5)])).toBeUndefined()
  world.clock.advance(0.001)
  expect(await asked).toBe('keys_unavailable')
  expect(world.validator.health()).toMatchObject({ usable: false, lastFailure: { reason: 'timeout' } })
})

describe('a key endpoint with alternating answers', () => {
  it('J13 no valid token is refused during a day in which every second key fetch fails', async () => {
    const world = await rotatedWorld()
    let fetches = 0
    world.answer((url, init) => {
      if (!url.endsWith('/jwk')) return BOTH(url, init)
      return ++fetches % 2 === 0 ? BOTH(url, init) : down(url, init)
    })
    expect(await refusedInADayOf(world)).toBe(0)
    expect(fetches).toBeGreaterThan(100)
    expect(world.attempts()).toBeLessThanOrEqual(1500)
  })

  it('J13 if a refresh gets an older key set, a key that the set lacks is found again within 30 seconds', async () => {
    const world = await rotatedWorld()
    const token = forge.signedBy(forge.bystander, { exp: NOW + DAY })
    world.answer(BEFORE)
    world.clock.advance(601)
    await world.present(token)
    await until(() => world.validator.health().keys === 1)
    world.answer(BOTH)
    world.clock.advance(30)
    expect(await world.present(token)).toBe('allowed')
  })
})
