import { expect, it } from 'vitest'
import { NOW } from '../security/forge.js'
import { AFTER, BOTH, DAY, delayed, down, forge, HOUR, loadedWorld, until, type World } from './world.js'

/** Returns a token for the time `seconds` after the start: valid from an hour before to an hour after it. */
const tokenAt = (seconds: number, key = forge.known) =>
  forge.signedBy(key, { iat: NOW + seconds - HOUR, exp: NOW + seconds + HOUR })

/** Advances only the wall clock, as when a machine wakes from suspension. */
const suspend = (world: World, seconds: number) => world.clock.set(world.clock.now() + seconds * 1000)

it.each([
  ['15 minutes and a second', 901],
  ['23.9 hours', 23.9 * HOUR],
])('%s after the last key fetch, the first token of a removed key is refused', async (_title, seconds) => {
  const world = await loadedWorld(BOTH)
  world.answer(delayed(world, 1500, AFTER))
  world.clock.advance(seconds)
  const asked = world.present(tokenAt(seconds))
  await until(() => world.attempts() === 2)
  world.clock.advance(1.5)
  expect(await asked).toBe('unknown_key')
  expect(world.validator.health()).toMatchObject({ usable: true, keys: 1, keyAge: 1.5 })
})

it.each([
  ['an hour', HOUR],
  ['30 days', 30 * DAY],
])(
  'C12 after a step forward of the wall clock by %s, the first request refreshes the keys',
  async (_title, seconds) => {
    const world = await loadedWorld(BOTH, AFTER)
    suspend(world, seconds)
    expect(await world.present(tokenAt(seconds))).toBe('unknown_key')
    expect(await world.present(tokenAt(seconds, forge.bystander))).toBe('allowed')
    expect(world.attempts()).toBe(2)
  },
)

it('C12 after a step forward of the wall clock by more than 24 hours, requests get 503 until keys are fetched', async () => {
  const world = await loadedWorld(BOTH, down)
  suspend(world, DAY)
  expect(await world.present(tokenAt(DAY))).toBe('allowed')
  suspend(world, 1)
  expect(world.validator.health()).toMatchObject({ usable: false, keyAge: DAY + 1 })
  expect(await world.present(tokenAt(DAY))).toBe('keys_unavailable')
  world.answer(BOTH)
  world.clock.advance(60)
  expect(await world.present(tokenAt(DAY))).toBe('allowed')
})

it('C12 a step back of the wall clock does not reduce the age of keys', async () => {
  const world = await loadedWorld(BOTH)
  world.clock.advance(500)
  suspend(world, -40 * DAY)
  expect(await world.present(tokenAt(-40 * DAY))).toBe('allowed')
  expect(world.validator.health().keyAge).toBe(500)
  world.answer(AFTER)
  world.clock.advance(401)
  expect(await world.present(tokenAt(-40 * DAY))).toBe('unknown_key')
})

it('a token signed by a removed key is refused after the wall clock stepped back and then forward', async () => {
  const world = await loadedWorld(BOTH, AFTER)
  suspend(world, -40 * DAY)
  expect(await world.present(tokenAt(-40 * DAY))).toBe('allowed')
  suspend(world, 30 * DAY)
  expect(await world.present(tokenAt(-10 * DAY))).toBe('unknown_key')
})
