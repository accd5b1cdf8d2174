import { expect, it, vi } from 'vitest'
import { never } from '../deferred.js'
import { fail, isPending, KeyWorld, k1, k2, k3, loadedWorld, settle } from '../key-world.js'

const DAY = 86_400

it('in an outage before any keys are loaded, the error has the cause, and `retryAfter` until the next fetch', async () => {
  const world = new KeyWorld()
  world.answer = fail
  const error = { reason: 'keys_unavailable', cause: { reason: 'unreachable' } }
  for (const [retryAfter, pause, fetches] of [
    [1, 1, 1],
    [2, 0.5, 2],
    [1.5, 1, 2],
    [1, 0.5, 2],
  ] as const) {
    await expect(world.find()).rejects.toMatchObject({ ...error, retryAfter })
    expect(world.fetches).toBe(fetches)
    world.clock.advance(pause)
  }
  world.publish(k1)
  await expect(world.find()).resolves.toBeDefined()
})

it.each([
  ['earliest', 0, 540],
  ['latest', 1, 660],
])('known keys are refreshed at the %s time that the jitter allows', async (_title, random, seconds) => {
  const world = await loadedWorld({ random: () => random })
  world.clock.advance(seconds - 1)
  await world.find()
  expect(world.fetches).toBe(1)
  world.clock.advance(1)
  await world.find()
  expect(world.fetches).toBe(2)
})

it('requests wait only for a refresh of keys older than 15 minutes, and only until the refresh times out', async () => {
  const world = await loadedWorld()
  world.answer = never
  world.clock.advance(900)
  expect(await isPending(world.find())).toBe(false)
  world.clock.advance(0.001)
  const waiting = [world.find(), world.find()]
  world.clock.advance(4.998)
  expect(await Promise.all(waiting.map(isPending))).toEqual([true, true])
  world.clock.advance(0.001)
  await Promise.all(waiting)
  // The clock stands still, so a request that waited for a timeout would never end.
  for (let request = 0; request < 10; request++) await expect(world.find()).resolves.toBeDefined()
  expect(world.fetches).toBe(2)
  world.clock.advance(3600)
  await expect(world.find()).resolves.toBeDefined()
  expect(world.fetches).toBe(3)
})

it('known keys stay in use when the answer of the key endpoint has no usable key', async () => {
  const world = await loadedWorld()
  world.publish({ ...k1, e: 'Aw' })
  await world.findAfter(601)
  await expect(world.find()).resolves.toBeDefined()
})

it('an older answer of the key endpoint that arrives last does not replace newer keys', async () => {
  const world = await loadedWorld()
  const late = await world.beginRefresh()
  world.clock.advance(6)
  world.publish(k2, k3)
  await world.findAfter(60)
  expect(world.keys.health().keys).toBe(2)
  late.resolve({ keys: [k1, { ...k2, n: 'AQAB' }] })
  await settle()
  expect(world.keys.health().keys).toBe(2)
  expect(world.keys.health()).not.toHaveProperty('unusableKeys')
})

it('keys are fetched again if the machine was suspended for days during the fetch', async () => {
  const world = new KeyWorld()
  world.answer = async () => {
    if (world.fetches === 1) world.step(2 * DAY)
    return { keys: [k1] }
  }
  await expect(world.find()).resolves.toBeDefined()
  expect(world.fetches).toBe(2)
})

it('a refresh during which the machine is suspended is followed by exactly one more refresh', async () => {
  const world = await loadedWorld()
  const refresh = await world.beginRefresh()
  world.step(3600)
  const waiting = world.refusal()
  world.publish(k2)
  refresh.resolve({ keys: [k1, k2] })
  expect(await waiting).toBe('unknown_key')
  expect(world.fetches).toBe(3)
})

it('expired keys are not used after a failed refresh, and a request that waited does not repeat the refresh', async () => {
  const world = await loadedWorld()
  const refresh = await world.beginRefresh()
  world.step(30 * DAY)
  const waiting = world.refusal()
  refresh.resolve(fail())
  expect(await waiting).toBe('keys_unavailable')
  expect(await world.refusal()).toBe('keys_unavailable')
  expect(world.fetches).toBe(2)
})

it('keys are used even if their fetch lasts longer than `maxAge` and `staleWhileRevalidate`', async () => {
  const world = new KeyWorld({ options: { maxAge: 1, staleWhileRevalidate: 0 } })
  world.answer = async () => {
    world.clock.advance(1.5)
    return { keys: [k1] }
  }
  for (const _ of [1, 2]) await expect(world.find()).resolves.toBeDefined()
  expect(world.fetches).toBe(2)
})

it('a step of the wall clock neither ends nor prolongs the pause after a failed key fetch', async () => {
  const world = new KeyWorld()
  world.answer = fail
  await world.refusal()
  world.step(DAY)
  await world.refusal()
  expect(world.fetches).toBe(1)
  world.step(-2 * DAY)
  world.clock.advance(1)
  await world.refusal()
  expect(world.fetches).toBe(2)
})

it('a key fetch keeps the process alive only while a request waits for that fetch', async () => {
  const world = new KeyWorld()
  const after = vi.spyOn(world.clock, 'after')
  const inBackground = () => after.mock.calls.map(([, , background = false]) => background)
  world.keys.health()
  await settle()
  const refresh = await world.beginRefresh()
  expect(inBackground()).toEqual([true, true])
  // The refresh lacks the key, so the request that joins it begins another fetch.
  const joined = world.refusal('k2')
  refresh.resolve({ keys: [k1] })
  await joined
  expect(inBackground()).toEqual([true, true, false, false])
  world.clock.advance(901)
  await world.find()
  expect(inBackground()).toEqual([true, true, false, false, false])
})

it('no keys are used while the wall clock returns NaN', async () => {
  const world = await loadedWorld()
  world.clock.now = () => Number.NaN
  expect(await world.findOffline()).toBeUndefined()
  expect(world.keys.health().usable).toBe(false)
})
