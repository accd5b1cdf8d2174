import { expect, it } from 'vitest'
import { deferred, never } from '../deferred.js'
import { fail, isPending, k1, k2, loadedWorld, settle } from '../key-world.js'

it.each([
  ['refused', fail],
  ['unanswered', never],
])('after a key fetch is %s, an unknown key gets 503 until `retryAfter`', async (_, behaviour) => {
  const world = await loadedWorld()
  world.answer = behaviour
  const failed = expect(world.find('k2')).rejects.toMatchObject({
    reason: 'keys_unavailable',
    retryAfter: 1,
  })
  if (behaviour === never) world.clock.advance(5)
  await failed
  world.publish(k1, k2)
  world.clock.advance(0.999)
  expect(await world.refusal('k2')).toBe('keys_unavailable')
  expect(world.fetches).toBe(2)
  world.clock.advance(0.001)
  await expect(world.find('k2')).resolves.toBeDefined()
  expect(world.fetches).toBe(3)
})

it('for 30 s after a key fetch, a token whose key was not found gets 401 without another fetch', async () => {
  const world = await loadedWorld()
  world.answer = fail
  expect(await world.refusal('k2')).toBe('keys_unavailable')
  world.publish(k1)
  world.clock.advance(1)
  expect(await world.refusal('k2')).toBe('unknown_key')
  world.publish(k1, k2)
  world.clock.advance(29.999)
  expect(await world.refusal('k2')).toBe('unknown_key')
  world.clock.advance(0.001)
  await expect(world.find('k2')).resolves.toBeDefined()
  expect(world.fetches).toBe(4)
})

it.each([
  ['lacks their key: they share one more fetch', async () => ({ keys: [k1] }), 'found', 3],
  ['loads their key: they do not fetch again', async () => ({ keys: [k1, k2] }), 'found', 2],
  ['fails: they get 503 without another fetch', fail, 'keys_unavailable', 2],
])('requests with an unknown key join a refresh in flight that %s', async (_, end, outcome, fetches) => {
  const world = await loadedWorld()
  const refresh = await world.beginRefresh()
  const find = () =>
    world.find('k2').then(
      () => 'found',
      ({ reason }) => reason,
    )
  const found = [find(), find()]
  world.publish(k1, k2)
  refresh.resolve(end())
  expect(await Promise.all(found)).toEqual([outcome, outcome])
  expect(world.fetches).toBe(fetches)
})

it('during the cooldown after a fetch for an unknown key, a request that joins a refresh causes no further fetch', async () => {
  const world = await loadedWorld({ options: { cooldown: 700 } })
  expect(await world.refusal('k2')).toBe('unknown_key')
  const refresh = await world.beginRefresh()
  const refused = world.refusal('k2')
  refresh.resolve({ keys: [k1] })
  expect(await refused).toBe('unknown_key')
  expect(world.fetches).toBe(3)
})

it('a request with an unknown key joins at most two fetches, whatever other unknown keys are requested', async () => {
  const world = await loadedWorld({ options: { cooldown: 1, timeout: 30 } })
  const answers = [deferred(), deferred(), deferred()] as const
  const waiting = [...answers]
  world.answer = () => (waiting.shift() ?? deferred()).promise
  world.clock.advance(601)
  await world.find()
  const [first, second, third] = ['a', 'b', 'c'].map((kid) => world.refusal(kid))
  answers[0].resolve({ keys: [k1] })
  await settle()
  // `first` has begun the fetch of `answers[1]`. That answer comes so late that `second` may begin a fetch.
  world.clock.advance(2)
  answers[1].resolve({ keys: [k1] })
  expect(await first).toBe('unknown_key')
  expect(await third).toBe('unknown_key')
  expect(await isPending(second ?? Promise.resolve())).toBe(true)
  answers[2].resolve({ keys: [k1] })
  expect(await second).toBe('unknown_key')
  expect(world.fetches).toBe(4)
})

it('a request that has just waited for a key refresh does not cause a fetch for an unknown key', async () => {
  const world = await loadedWorld()
  world.clock.advance(901)
  expect(await world.refusal('k2')).toBe('unknown_key')
  expect(world.fetches).toBe(2)
})

it('a token whose key is unusable is refused after one fetch, unless the key becomes usable or a fetch fails', async () => {
  const world = await loadedWorld()
  world.publish(k1, { ...k2, n: 'AQAB' })
  const error = await world.find('k2').catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ reason: 'unusable_key', keyProblem: 'wrong_modulus' })
  expect(await world.find('k2').catch((thrown: unknown) => thrown)).toBe(error)
  expect(await world.refusal('k3')).toBe('unknown_key')
  expect(world.fetches).toBe(2)
  world.answer = fail
  world.clock.advance(30)
  expect(await world.refusal('k2')).toBe('keys_unavailable')
  world.publish(k1, k2)
  world.clock.advance(1)
  await expect(world.find('k2')).resolves.toBeDefined()
  expect(world.keys.health()).not.toHaveProperty('unusableKeys')
})
