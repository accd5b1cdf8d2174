import { createTestClock } from '@portvakt/mock'
import { expect, it } from 'vitest'
import { describeFailure, reportFailure } from '../../src/keys/health.js'
import { Stopwatch } from '../../src/platform/clock.js'
import { UpstreamError } from '../../src/platform/fetch-json.js'
import { fail, KeyWorld, k1, loadedWorld, settle } from '../key-world.js'
import { reasonOfAsync } from '../refusal.js'

it('describeFailure returns a fixed message for any error, and not the message of the error', () => {
  expect(describeFailure(new Error('secret'))).toStrictEqual({
    reason: 'unreachable',
    message: 'The endpoint could not be reached: check outbound access, DNS and whether a proxy is needed',
  })
})

it('describeFailure and reportFailure return the platform’s error code, in a frozen object', () => {
  const cause = new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ENOTFOUND' }) })
  const error = new UpstreamError('unreachable', { cause })
  const described = describeFailure(error)
  const message = expect.stringMatching(/could not be reached \(ENOTFOUND\): the host name is not in DNS/)
  expect(described).toEqual({ reason: 'unreachable', code: 'ENOTFOUND', message })
  const reported = reportFailure({ error, age: new Stopwatch(createTestClock()) })
  expect(reported).toEqual({ ...described, age: 0 })
  expect([described, reported].map(Object.isFrozen)).toEqual([true, true])
})

it.each([
  ['repeats failed fetches until the timeout', 5, 6, 3],
  ['rejects early if the pause before the next fetch would last until the timeout', 3, 1, 2],
])('`ready` %s', async (_title, timeout, seconds, fetches) => {
  const world = new KeyWorld({ options: { timeout } })
  world.answer = fail
  const outcome = reasonOfAsync(world.keys.ready())
  for (let second = 0; second < seconds; second++) {
    await settle()
    world.clock.advance(1)
  }
  expect(await outcome).toBe('keys_unavailable')
  expect(world.fetches).toBe(fetches)
  world.publish(k1)
  world.clock.advance(60)
  await world.keys.ready()
  expect(world.keys.health().usable).toBe(true)
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
  const health = world.keys.health()
  expect(health).toMatchObject({ usable: true, keys: 1, keyAge: 601.5, lastFailure: { age: 0.5 } })
  expect(Object.isFrozen(health)).toBe(true)
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
