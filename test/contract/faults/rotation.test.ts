import { expect, it } from 'vitest'
import { NOW } from '../security/forge.js'
import { AFTER, BOTH, DAY, down, forge, HOUR, loadedWorld, turns, type World } from './world.js'

const OLD = forge.signedBy(forge.known, { exp: NOW + DAY })
const NEW = forge.signedBy(forge.bystander, { exp: NOW + DAY })

/**
 * Creates a world that has accepted a token of the old key. Afterwards, the key endpoint publishes only the
 * new key.
 */
async function worldWithoutOldKey(): Promise<World> {
  const world = await loadedWorld(BOTH)
  expect(await world.present(OLD)).toBe('allowed')
  world.answer(AFTER)
  return world
}

it('J10 a key rotation that is announced an hour ahead causes no refusal', async () => {
  const world = await loadedWorld()
  for (let second = 0; second < 3 * HOUR; second += 10) {
    if (second === HOUR) world.answer(BOTH)
    const tokens = second < 2 * HOUR ? [OLD] : [OLD, NEW]
    for (const token of tokens) expect(await world.present(token)).toBe('allowed')
    await turns(1)
    world.clock.advance(10)
  }
})

it('J10 an unannounced key rotation causes one key fetch and no refusal', async () => {
  const world = await loadedWorld()
  world.clock.advance(100)
  world.answer(BOTH)
  const before = world.attempts()
  const verdicts = await Promise.all(
    Array.from({ length: 100 }, (_, index) => world.present(index % 2 ? OLD : NEW)),
  )
  expect(new Set(verdicts)).toEqual(new Set(['allowed']))
  expect(world.attempts()).toBe(before + 1)
})

it('J10 a key rotation is noticed within 30 seconds, even if an unknown kid has just caused a fetch', async () => {
  const world = await loadedWorld()
  expect(await world.present(forge.token({}, { kid: 'invented' }))).toBe('unknown_key')
  world.answer(BOTH)
  world.clock.advance(29)
  expect(await world.present(NEW)).toBe('unknown_key')
  world.clock.advance(1)
  expect(await world.present(NEW)).toBe('allowed')
})

it('J11 a token signed by a removed key is refused within 15 minutes, even if presented every second', async () => {
  const world = await worldWithoutOldKey()
  let second = 0
  for (; second < 2 * HOUR; second++) {
    if ((await world.present(OLD)) !== 'allowed') break
    await turns(1)
    world.clock.advance(1)
  }
  expect(second).toBeLessThanOrEqual(900)
  expect(await world.present(OLD)).toBe('unknown_key')
  expect(await world.present(NEW)).toBe('allowed')
})

it('J11 once a fetched key set lacks a key, its tokens are refused, even during a later outage', async () => {
  const world = await worldWithoutOldKey()
  expect(await world.present(forge.token({}, { kid: 'invented' }))).toBe('unknown_key')
  expect(world.validator.health().keys).toBe(1)
  expect(await world.present(OLD)).toBe('unknown_key')
  world.answer(down)
  for (let minute = 0; minute < 60; minute++) {
    world.clock.advance(60)
    expect(await world.present(OLD)).not.toBe('allowed')
    await turns(2)
  }
  expect(await world.present(NEW)).toBe('allowed')
})
