import { expect, it } from 'vitest'
import { fail, KeyWorld, k1, loadedWorld, settle } from '../key-world.js'
import { reasonOfAsync } from '../refusal.js'

it('`ready` repeats failed fetches until the timeout, then rejects, and resolves once keys can be loaded', async () => {
  const world = new KeyWorld()
  world.answer = fail
  const outcome = reasonOfAsync(world.keys.ready())
  for (let second = 0; second < 6; second++) {
    await settle()
    world.clock.advance(1)
  }
  expect(await outcome).toBe('keys_unavailable')
  expect(world.fetches).toBe(3)
  world.publish(k1)
  world.clock.advance(60)
  await world.keys.ready()
  expect(world.keys.health()).toEqual({ usable: true, keys: 1, keyAge: 0 })
})

it('`ready` rejects early if the pause before the next fetch would last until the timeout', async () => {
  const world = new KeyWorld({ options: { timeout: 3 } })
  world.answer = fail
  const outcome = reasonOfAsync(world.keys.ready())
  await settle()
  world.clock.advance(1)
  expect(await outcome).toBe('keys_unavailable')
  expect(world.fetches).toBe(2)
})

it('`health` fetches the first keys, so that a readiness probe alone makes an instance ready', async () => {
  const world = new KeyWorld()
  expect(world.keys.health()).toEqual({ usable: false, keys: 0 })
  await settle()
  expect(world.keys.health()).toEqual({ usable: true, keys: 1, keyAge: 0 })
  expect(world.fetches).toBe(1)
})

it('frequent calls of `health` cause only one key fetch until the pause after a failed fetch ends', async () => {
  const world = new KeyWorld()
  world.answer = fail
  for (let probe = 0; probe < 100; probe++) {
    world.keys.health()
    await Promise.resolve()
  }
  await settle()
  world.clock.advance(0.999)
  expect(world.keys.health()).toMatchObject({ usable: false, lastFailure: { reason: 'unreachable' } })
  expect(world.fetches).toBe(1)
  world.clock.advance(0.001)
  world.keys.health()
  expect(world.fetches).toBe(2)
})

it('`health` returns a frozen report of the ages of the keys and of the latest failure, in seconds', async () => {
  const world = await loadedWorld()
  expect(world.keys.failure).toBeUndefined()
  world.answer = fail
  await world.findAfter(601)
  world.clock.advance(0.5)
  const message = expect.stringMatching(/^The endpoint could not be reached: check/)
  const health = world.keys.health()
  const lastFailure = { reason: 'unreachable', message, age: 0.5 }
  expect(health).toEqual({ usable: true, keys: 1, keyAge: 601.5, lastFailure })
  expect([health, health.lastFailure].map(Object.isFrozen)).toEqual([true, true])
  expect(world.keys.failure?.reason).toBe('unreachable')
})

it('`health` lists at most ten unused published keys, each with the reason', async () => {
  const world = new KeyWorld()
  const bad = Array.from({ length: 12 }, (_, index) => ({ ...k1, kid: `bad-${index}`, e: 'Aw' }))
  world.publish({}, ...bad, k1)
  await world.find()
  const { unusableKeys } = world.keys.health()
  expect(unusableKeys).toHaveLength(10)
  const exponent = 'The key is published, but its public exponent is not 65537'
  expect(unusableKeys?.slice(0, 2)).toStrictEqual([
    { problem: 'not_rsa', message: 'The key is published, but it is not an RSA key' },
    { keyId: 'bad-0', problem: 'wrong_exponent', message: exponent },
  ])
  expect([unusableKeys, unusableKeys?.[0]].map(Object.isFrozen)).toEqual([true, true])
})

it('`health` lists the unusable keys when the key endpoint publishes no usable key', async () => {
  const world = new KeyWorld()
  world.publish({ ...k1, d: 'AQAB' })
  await world.refusal()
  expect(world.keys.health()).toMatchObject({
    usable: false,
    lastFailure: { reason: 'no_usable_key' },
    unusableKeys: [{ keyId: 'k1', problem: 'private_key' }],
  })
})
