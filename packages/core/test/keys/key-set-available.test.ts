import { expect, it } from 'vitest'
import { never } from '../deferred.js'
import { fail, KeyWorld, k1, loadedWorld } from '../key-world.js'
import { reasonOfAsync } from '../refusal.js'

it('`loadOffline` returns a loaded key only for the algorithm of the key', async () => {
  const world = new KeyWorld()
  world.publish({ ...k1, alg: 'RS256' })
  const loaded = await world.find()
  expect(await world.findOffline()).toBe(loaded)
  expect(await reasonOfAsync(world.findOffline('k1', 'RS384'))).toBe('unsupported_algorithm')
  expect(world.fetches).toBe(1)
})

it('`loadOffline` never begins the first key fetch, and throws during the pause after that fetch has failed', async () => {
  const world = new KeyWorld()
  expect(await world.findOffline()).toBeUndefined()
  expect(world.fetches).toBe(0)
  world.answer = fail
  await world.refusal()
  world.clock.advance(0.999)
  expect(await reasonOfAsync(world.findOffline())).toBe('keys_unavailable')
  world.clock.advance(0.001)
  expect(await world.findOffline()).toBeUndefined()
  expect(world.fetches).toBe(1)
})

it('`loadOffline` throws `unknown_key` during the cooldown, in which an unknown key causes no fetch', async () => {
  const world = await loadedWorld()
  expect(await world.findOffline('k2')).toBeUndefined()
  await world.refusal('k2')
  world.clock.advance(29.999)
  expect(await reasonOfAsync(world.findOffline('k2'))).toBe('unknown_key')
  world.clock.advance(0.001)
  expect(await world.findOffline('k2')).toBeUndefined()
  expect(world.fetches).toBe(2)
})

it('`loadOffline` returns undefined while a key fetch is in flight', async () => {
  const world = await loadedWorld()
  world.answer = never
  void world.refusal('k2')
  expect(await world.findOffline('k2')).toBeUndefined()
  expect(world.fetches).toBe(2)
})

it('`loadOffline` returns undefined for overdue keys, and the old key once a refresh has failed', async () => {
  const world = await loadedWorld()
  world.clock.advance(901)
  expect(await world.findOffline()).toBeUndefined()
  world.answer = fail
  await world.find()
  expect(await world.findOffline()).toBeDefined()
  expect(world.fetches).toBe(2)
})

it('`loadOffline` returns a stale key without a refresh, also on a request-scoped runtime', async () => {
  const world = await loadedWorld({ isRequestScoped: true })
  world.clock.advance(601)
  expect(await world.findOffline()).toBeDefined()
  expect(world.fetches).toBe(1)
})

it('the application’s own keys are imported once, at their first use, and never expire', async () => {
  const world = new KeyWorld({ isStatic: true })
  expect(world.keys.health()).toMatchObject({ usable: false, keys: 0 })
  for (const _ of [1, 2]) expect(await world.findOffline()).toBeDefined()
  expect(await reasonOfAsync(world.findOffline('k2'))).toBe('unknown_key')
  world.clock.advance(30 * 86_400)
  expect(await world.find()).toBeDefined()
  expect(world.fetches).toBe(1)
})
