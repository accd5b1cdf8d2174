import { expect, it } from 'vitest'
import { deferred } from '../deferred.js'
import { fail, hang, isPending, KeyWorld, k1, k2, k3, loadedWorld, settle } from '../key-world.js'

it('the first keys are fetched once for 1,000 parallel requests', async () => {
  const world = new KeyWorld()
  const found = await Promise.all(Array.from({ length: 1000 }, () => world.find()))
  expect(new Set(found).size).toBe(1)
  expect(world.fetches).toBe(1)
})

it('in an outage before any keys are loaded, a request fails with `keys_unavailable` and the cause', async () => {
  const world = new KeyWorld()
  world.answer = fail
  const expected = { reason: 'keys_unavailable', retryAfter: 1, cause: { reason: 'unreachable' } }
  await expect(world.find()).rejects.toMatchObject(expected)
})

it('after the first key fetch fails, no other fetch begins before a pause of one second ends', async () => {
  const world = new KeyWorld()
  world.answer = fail
  for (let request = 0; request < 50; request++) await world.refusal()
  expect(world.fetches).toBe(1)
  world.publish(k1)
  world.clock.advance(1)
  await expect(world.find()).resolves.toBeDefined()
  expect(world.fetches).toBe(2)
})

it('the error `keys_unavailable` has the seconds until the next fetch as `retryAfter`', async () => {
  const world = new KeyWorld()
  world.answer = fail
  for (const [retryAfter, pause] of [
    [1, 1],
    [2, 0.5],
    [1.5, 1],
    [1, 0],
  ] as const) {
    await expect(world.find()).rejects.toMatchObject({ retryAfter })
    world.clock.advance(pause)
  }
})

it('a request that needs the first keys waits at most for the timeout of one key fetch', async () => {
  const world = new KeyWorld()
  world.answer = hang
  const outcome = world.refusal()
  world.clock.advance(5)
  expect(await outcome).toBe('keys_unavailable')
})

it('known keys cause no fetch while they are fresh', async () => {
  const world = await loadedWorld()
  world.clock.advance(599)
  await world.find()
  expect(world.fetches).toBe(1)
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

it('requests wait for a refresh only when keys are older than 15 minutes', async () => {
  const world = await loadedWorld()
  world.answer = hang
  world.clock.advance(900)
  expect(await isPending(world.find())).toBe(false)
  world.clock.advance(0.001)
  expect([await isPending(world.find()), await isPending(world.find())]).toEqual([true, true])
  expect(world.fetches).toBe(2)
})

it('when a refresh of old keys hangs, requests wait until it times out, and later requests do not wait', async () => {
  const world = await loadedWorld()
  world.answer = hang
  world.clock.advance(901)
  const waiting = [world.find(), world.find()]
  world.clock.advance(4.999)
  expect(await Promise.all(waiting.map(isPending))).toEqual([true, true])
  world.clock.advance(0.001)
  await Promise.all(waiting)
  // The clock stands still, so a request that waited for a timeout would never end.
  for (let request = 0; request < 10; request++) await expect(world.find()).resolves.toBeDefined()
  expect(world.fetches).toBe(2)
})

it('requests use keys over 15 minutes old without waiting when the latest refresh failed', async () => {
  const world = await loadedWorld()
  world.answer = fail
  await world.findAfter(601)
  world.answer = hang
  world.clock.advance(3600)
  await expect(world.find()).resolves.toBeDefined()
  expect(world.fetches).toBe(3)
})

it('a failed key refresh is repeated when the pause of one second ends, to the millisecond', async () => {
  const world = await loadedWorld()
  world.answer = fail
  for (const [seconds, fetches] of [
    [601, 2],
    [0.999, 2],
    [0.001, 3],
  ] as const) {
    await world.findAfter(seconds)
    expect(world.fetches).toBe(fetches)
  }
})

it('in an outage, known keys are used for 24 hours and no longer, and the number of attempts is bounded', async () => {
  const world = await loadedWorld({ random: () => 0 })
  world.answer = fail
  for (let second = 0; second < 86_400; second += 10) {
    world.clock.advance(10)
    await expect(world.find()).resolves.toBeDefined()
  }
  // The longest pause is at least 49 s, and requests come every 10 s.
  expect(world.fetches).toBeLessThan(86_400 / 49)
  world.clock.advance(1)
  expect(await world.refusal()).toBe('keys_unavailable')
})

it('keys are refreshed within 60 seconds of the end of an outage', async () => {
  const world = await loadedWorld({ random: () => 1 })
  world.answer = fail
  world.clock.advance(7200)
  for (let attempt = 0; attempt < 20; attempt++) {
    await world.find()
    await settle()
    world.clock.advance(60)
  }
  world.publish(k1, k2)
  await world.findAfter(60)
  expect(world.keys.health()).toMatchObject({ usable: true, keys: 2, keyAge: 0 })
})

it('a refresh replaces all keys: a token of a key that is no longer published is refused', async () => {
  const world = new KeyWorld()
  world.publish(k1, k2)
  await world.find('k2')
  world.publish(k1)
  await world.findAfter(601)
  expect(await world.refusal('k2')).toBe('unknown_key')
})

it.each<[string, unknown]>([
  ['is empty', { keys: [] }],
  ['has no usable key', { keys: [{ kty: 'oct', kid: 'k1', k: 'AAAA' }] }],
  ['is not a key set', ['keys']],
])('known keys stay in use when the answer of the key endpoint %s', async (_title, bad) => {
  const world = await loadedWorld()
  world.answer = async () => bad
  await world.findAfter(601)
  await expect(world.find()).resolves.toBeDefined()
  expect(world.keys.health().lastFailure?.reason).toBe('no_usable_key')
})

it('a new key fetch can begin after the timeout, even if the previous one never settles and its timer never fires', async () => {
  const world = new KeyWorld({ clockOf: (clock) => ({ ...clock, after: () => () => undefined }) })
  world.answer = hang
  void world.refusal()
  world.clock.advance(5.001)
  // The clock stands still from here on, so a `find` that waited for a pause would never end.
  world.publish(k1)
  await expect(world.find()).resolves.toBeDefined()
  expect(world.fetches).toBe(2)
})

it('an older answer of the key endpoint that arrives last does not replace newer keys', async () => {
  const world = await loadedWorld()
  const late = deferred()
  world.answer = () => late.promise
  world.clock.advance(601)
  await world.find()
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
    if (world.fetches === 1) world.step(2 * 86_400)
    return { keys: [k1] }
  }
  await expect(world.find()).resolves.toBeDefined()
  expect(world.fetches).toBe(2)
})
