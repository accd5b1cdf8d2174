import { describe, expect, it, test } from 'vitest'
import { fail, hang, isPending, KeyWorld, k1, k2, k3, settle } from '../key-world.js'
import { reasonOfAsync } from '../refusal.js'

describe('the first keys', () => {
  it('the first keys are fetched once for 1,000 parallel requests', async () => {
    const world = new KeyWorld()
    const found = await Promise.all(Array.from({ length: 1000 }, () => world.find()))
    expect(new Set(found).size).toBe(1)
    expect(world.fetches).toBe(1)
  })

  it('without keys, an outage of Maskinporten is 503 and not a refusal', async () => {
    const world = new KeyWorld()
    world.answer = fail
    const error: unknown = await world.find().catch((failure: unknown) => failure)
    expect(error).toMatchObject({
      reason: 'keys_unavailable',
      retryAfter: 1,
      cause: { reason: 'unreachable' },
    })
  })

  it('the first keys are not fetched again before the pause is over, but right after it', async () => {
    const world = new KeyWorld()
    world.answer = fail
    for (let request = 0; request < 50; request++) await world.find().catch(() => undefined)
    expect(world.fetches).toBe(1)
    world.answer = async () => ({ keys: [k1] })
    world.clock.advance(1)
    await expect(world.find()).resolves.toBeDefined()
    expect(world.fetches).toBe(2)
  })

  it('a request waits for the first keys no longer than the timeout', async () => {
    const world = new KeyWorld()
    world.answer = hang
    const outcome = reasonOfAsync(world.find())
    world.clock.advance(5)
    expect(await outcome).toBe('keys_unavailable')
  })
})

describe('known keys', () => {
  it('known keys cause no fetch while they are fresh', async () => {
    const world = new KeyWorld()
    await world.find()
    world.clock.advance(599)
    await world.find()
    expect(world.fetches).toBe(1)
  })

  it.each([
    ['earliest', 0, 540],
    ['latest', 1, 660],
  ])('known keys are refreshed after a time with jitter: %s', async (_title, random, seconds) => {
    const world = new KeyWorld({ random: () => random })
    await world.find()
    world.clock.advance(seconds - 1)
    await world.find()
    expect(world.fetches).toBe(1)
    world.clock.advance(1)
    await world.find()
    expect(world.fetches).toBe(2)
  })

  it('known keys serve at once during a background refresh', async () => {
    const world = new KeyWorld()
    await world.find()
    world.answer = hang
    world.clock.advance(601)
    await expect(world.find()).resolves.toBeDefined()
    expect(world.fetches).toBe(2)
  })

  it('keys older than 15 minutes make requests wait for one timeout, then serve at once', async () => {
    const world = new KeyWorld()
    await world.find()
    world.answer = hang
    world.clock.advance(901)
    const waiting = [world.find(), world.find()]
    world.clock.advance(4.999)
    expect(await Promise.all(waiting.map(isPending))).toEqual([true, true])
    world.clock.advance(0.001)
    await Promise.all(waiting)
    // The clock stands still: these wait for nothing.
    for (let request = 0; request < 10; request++) await expect(world.find()).resolves.toBeDefined()
    expect(world.fetches).toBe(2)
  })

  it('requests do not wait for keys when the latest attempt failed', async () => {
    const world = new KeyWorld()
    await world.find()
    world.answer = fail
    world.clock.advance(601)
    await world.find()
    await settle()
    world.answer = hang
    world.clock.advance(3600)
    await expect(world.find()).resolves.toBeDefined()
    expect(world.fetches).toBe(3)
  })

  it('known keys serve for 24 hours of outage with bounded attempts, and then not at all', async () => {
    const world = new KeyWorld({ random: () => 0 })
    await world.find()
    world.answer = fail
    for (let second = 0; second < 86_400; second += 10) {
      world.clock.advance(10)
      await expect(world.find()).resolves.toBeDefined()
    }
    expect(world.fetches).toBeLessThan(1501)
    world.clock.advance(1)
    expect(await reasonOfAsync(world.find())).toBe('keys_unavailable')
  })

  it('keys are refreshed within 60 seconds of the end of an outage', async () => {
    const world = new KeyWorld({ random: () => 1 })
    await world.find()
    world.answer = fail
    world.clock.advance(7200)
    for (let attempt = 0; attempt < 20; attempt++) {
      await world.find()
      await settle()
      world.clock.advance(60)
    }
    world.answer = async () => ({ keys: [k1, k2] })
    world.clock.advance(60)
    await world.find()
    await settle()
    expect(world.keys.health()).toMatchObject({ usable: true, keys: 2, keyAge: 0 })
  })

  it('keys are replaced as a whole: a removed key is refused', async () => {
    const world = new KeyWorld()
    world.answer = async () => ({ keys: [k1, k2] })
    await world.find('k2')
    world.answer = async () => ({ keys: [k1] })
    world.clock.advance(601)
    await world.find()
    await settle()
    expect(await reasonOfAsync(world.find('k2'))).toBe('unknown_key')
  })

  test.each<[string, unknown]>([
    ['is empty', { keys: [] }],
    ['has no usable key', { keys: [{ kty: 'oct', kid: 'k1', k: 'AAAA' }] }],
    ['is something else', ['keys']],
  ])('known keys survive an answer that %s', async (_title, bad) => {
    const world = new KeyWorld()
    await world.find()
    world.answer = async () => bad
    world.clock.advance(601)
    await world.find()
    await settle()
    await expect(world.find()).resolves.toBeDefined()
    expect(world.keys.health().lastFailure?.reason).toBe('no_usable_key')
  })
})

describe('attempts', () => {
  it('an attempt ends by the clock when its promise and its timer are lost', async () => {
    const world = new KeyWorld({ clockOf: (clock) => ({ ...clock, after: () => () => undefined }) })
    world.answer = hang
    void world.find().catch(() => undefined)
    world.clock.advance(5.001)
    // The pause after the lost attempt does not hold up a request that finds the slot free.
    world.answer = async () => ({ keys: [k1] })
    await expect(world.find()).resolves.toBeDefined()
    expect(world.fetches).toBe(2)
  })

  it('an older answer that arrives last does not replace newer keys', async () => {
    const world = new KeyWorld()
    await world.find()
    let answerLate: (jwks: unknown) => void = () => undefined
    world.answer = () =>
      new Promise((resolve) => {
        answerLate = resolve
      })
    world.clock.advance(601)
    await world.find()
    world.clock.advance(6)
    world.answer = async () => ({ keys: [k2, k3] })
    world.clock.advance(60)
    await world.find()
    await settle()
    expect(world.keys.health().keys).toBe(2)
    answerLate({ keys: [k1] })
    await settle()
    expect(world.keys.health().keys).toBe(2)
  })
})
