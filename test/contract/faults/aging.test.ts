import { expect, it, test } from 'vitest'
import { NOW } from '../security/forge.js'
import type { Verdict } from '../security/verdicts.js'
import {
  AFTER,
  BOTH,
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

/** Returns a token for the time `seconds` after the start: valid from an hour before to an hour after it. */
const tokenAt = (seconds: number, key = forge.known) =>
  forge.signedBy(key, { iat: NOW + seconds - HOUR, exp: NOW + seconds + HOUR })

/** Advances only the wall clock, as when a machine wakes from suspension. */
const suspend = (world: World, seconds: number) => world.clock.set(world.clock.now() + seconds * 1000)

/** Presents a token whose decision waits for the endpoint. */
async function presentSlowly(world: World, token: string): Promise<Verdict> {
  const before = world.attempts()
  const asked = world.present(token)
  await until(() => world.attempts() === before + 1)
  world.clock.advance(1.5)
  return asked
}

test.each([
  ['15 minutes and a second', 901],
  ['23.9 hours', 23.9 * HOUR],
])('%s after the last key fetch, the first token of a removed key is refused', async (_title, seconds) => {
  const world = await loadedWorld(BOTH)
  world.answer(delayed(world, 1500, AFTER))
  world.clock.advance(seconds)
  expect(await presentSlowly(world, tokenAt(seconds))).toBe('unknown_key')
  expect(world.validator.health()).toMatchObject({ usable: true, keys: 1, keyAge: 1.5 })
})

it('with one request an hour for a day, every token signed by a removed key is refused', async () => {
  const world = await loadedWorld(BOTH)
  world.answer(delayed(world, 1500, AFTER))
  for (let hour = 1; hour <= 24; hour++) {
    world.clock.advance(HOUR - 1.5)
    expect(await presentSlowly(world, tokenAt(hour * HOUR))).toBe('unknown_key')
  }
})

test.each([
  ['an hour', HOUR],
  ['a day', DAY],
  ['30 days', 30 * DAY],
])('after %s of suspension, the first token of a removed key is refused', async (_title, seconds) => {
  const world = await loadedWorld(BOTH, AFTER)
  suspend(world, seconds)
  expect(await world.present(tokenAt(seconds))).toBe('unknown_key')
  expect(await world.present(tokenAt(seconds, forge.bystander))).toBe('allowed')
})

it('after 30 days of suspension, requests get 503 until Maskinporten is reachable', async () => {
  const world = await loadedWorld(BOTH, down)
  suspend(world, 30 * DAY)
  expect(world.validator.health()).toMatchObject({ usable: false, keyAge: 30 * DAY })
  expect(await world.present(tokenAt(30 * DAY))).toBe('keys_unavailable')
  world.answer(BOTH)
  world.clock.advance(60)
  expect(await world.present(tokenAt(30 * DAY))).toBe('allowed')
})

it('after a suspension during a key fetch, keys are fetched again: their age counts from the start of the fetch', async () => {
  const world = await loadedWorld(BOTH)
  world.answer(delayed(world, 1500, BOTH))
  world.clock.advance(601)
  expect(await world.present(tokenAt(601))).toBe('allowed')
  expect(world.attempts()).toBe(2)
  suspend(world, 30 * DAY)
  const asked = world.present(tokenAt(30 * DAY))
  world.answer(AFTER)
  world.clock.advance(1.5)
  expect(await asked).toBe('unknown_key')
  expect(world.attempts()).toBe(3)
})

it('a token signed by a removed key is refused after the wall clock stepped back and then forward', async () => {
  const world = await loadedWorld(BOTH)
  suspend(world, -40 * DAY)
  expect(await world.present(tokenAt(-40 * DAY))).toBe('allowed')
  world.answer(AFTER)
  suspend(world, 30 * DAY)
  expect(await world.present(tokenAt(-10 * DAY))).toBe('unknown_key')
})

it('C12 a step forward of the wall clock causes a key refresh, and no 503 if the refresh succeeds', async () => {
  const world = await loadedWorld(BOTH)
  for (const days of [1, 1, 365]) {
    const before = world.attempts()
    suspend(world, days * DAY)
    const now = world.clock.now() / 1000 - NOW
    expect(await world.present(tokenAt(now))).toBe('allowed')
    expect(world.attempts()).toBe(before + 1)
  }
})

it('C12 a step forward of the wall clock by more than 24 hours causes 503 if the key refresh fails', async () => {
  const world = await loadedWorld(BOTH, down)
  suspend(world, DAY)
  expect(await world.present(tokenAt(DAY))).toBe('allowed')
  suspend(world, 1)
  expect(await world.present(tokenAt(DAY))).toBe('keys_unavailable')
})

it('C12 a step back of the wall clock does not reduce the age of keys', async () => {
  const world = await loadedWorld(BOTH)
  world.clock.advance(500)
  suspend(world, -HOUR)
  expect(await world.present(tokenAt(-HOUR))).toBe('allowed')
  expect(world.validator.health().keyAge).toBe(500)
  world.answer(AFTER)
  world.clock.advance(401)
  expect(await world.present(tokenAt(-HOUR))).toBe('unknown_key')
})

it('if the key endpoint hangs when keys are older than 15 minutes, only the first requests wait, for one timeout', async () => {
  const world = await loadedWorld(BOTH, hanging)
  world.clock.advance(901)
  const waiting = [tokenAt(901), tokenAt(901, forge.bystander)].map((token) => world.present(token))
  world.clock.advance(4.999)
  expect(await Promise.race([...waiting, turns(5)])).toBeUndefined()
  world.clock.advance(0.001)
  expect(await Promise.all(waiting)).toEqual(['allowed', 'allowed'])
  expect(world.validator.health()).toMatchObject({ usable: true, lastFailure: { reason: 'timeout' } })
  // The test clock advances only between requests, so a request that waited for keys would never end.
  const before = world.attempts()
  for (let minute = 0; minute < 60; minute++) {
    expect(await world.present(tokenAt(901))).toBe('allowed')
    world.clock.advance(60)
  }
  expect(world.attempts()).toBeGreaterThan(before + 10)
})
