import { describe, expect, it } from 'vitest'
import { fail, hang, KeyWorld, settle } from '../key-world.js'
import { reasonOfAsync } from '../refusal.js'

/** Whether a key was found without anything to wait for. */
async function foundAtOnce(world: KeyWorld): Promise<boolean> {
  let isFound = false
  const mark = () => {
    isFound = true
  }
  world.find().then(mark, mark)
  await settle()
  return isFound
}

describe('the age of keys', () => {
  it('requests wait for a refresh only when keys are older than 15 minutes', async () => {
    const world = new KeyWorld()
    await world.find()
    world.answer = hang
    world.clock.advance(900)
    expect(await foundAtOnce(world)).toBe(true)
    world.clock.advance(0.001)
    expect([await foundAtOnce(world), await foundAtOnce(world)]).toEqual([false, false])
    expect(world.fetches).toBe(2)
  })

  it('the ages of keys and of a failure are in seconds', async () => {
    const world = new KeyWorld()
    await world.find()
    expect(world.keys.failure).toBeUndefined()
    world.answer = fail
    world.clock.advance(601)
    await world.find()
    await settle()
    world.clock.advance(0.5)
    expect(world.keys.health()).toEqual({
      usable: true,
      keys: 1,
      keyAge: 601.5,
      lastFailure: {
        reason: 'unreachable',
        message: expect.stringMatching(/^The endpoint could not be reached: check/),
        age: 0.5,
      },
    })
    expect(world.keys.failure?.reason).toBe('unreachable')
  })
})

describe('the pause after a failure', () => {
  it('the pause ends to the millisecond for a request with old keys', async () => {
    const world = new KeyWorld()
    await world.find()
    world.answer = fail
    world.clock.advance(601)
    await foundAtOnce(world)
    world.clock.advance(0.999)
    await foundAtOnce(world)
    expect(world.fetches).toBe(2)
    world.clock.advance(0.001)
    await foundAtOnce(world)
    expect(world.fetches).toBe(3)
  })

  it('the pause ends to the millisecond for a probe without keys', async () => {
    const world = new KeyWorld()
    world.answer = fail
    world.keys.health()
    await settle()
    world.clock.advance(0.999)
    world.keys.health()
    expect(world.fetches).toBe(1)
    world.clock.advance(0.001)
    world.keys.health()
    expect(world.fetches).toBe(2)
  })

  it('`retryAfter` is the rest of the pause, in seconds', async () => {
    const world = new KeyWorld()
    world.answer = fail
    await expect(world.find()).rejects.toMatchObject({ retryAfter: 1 })
    world.clock.advance(1)
    await expect(world.find()).rejects.toMatchObject({ retryAfter: 2 })
    world.clock.advance(0.5)
    await expect(world.find()).rejects.toMatchObject({ retryAfter: 1.5 })
    world.clock.advance(1)
    await expect(world.find()).rejects.toMatchObject({ retryAfter: 1 })
  })

  it('`ready` does not wait for a pause that ends with the timeout', async () => {
    const world = new KeyWorld({ options: { timeout: 3 } })
    world.answer = fail
    const outcome = reasonOfAsync(world.keys.ready())
    await settle()
    world.clock.advance(1)
    expect(await outcome).toBe('keys_unavailable')
    expect(world.fetches).toBe(2)
  })
})

describe('an unknown key', () => {
  it('an unknown key causes one fetch in 30 seconds, however many requests name it', async () => {
    const world = new KeyWorld()
    await world.find()
    const before = world.fetches
    const bought: number[] = []
    for (let second = 0; second <= 60; second += 10) {
      expect(await reasonOfAsync(world.find('k2'))).toBe('unknown_key')
      bought.push(world.fetches - before)
      world.clock.advance(10)
    }
    expect(bought).toEqual([1, 1, 1, 2, 2, 2, 3])
  })
})
