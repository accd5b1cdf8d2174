import { describe, expect, it } from 'vitest'
import { fail, hang, isPending, KeyWorld, k1, k2, settle } from '../key-world.js'
import { reasonOfAsync } from '../refusal.js'

describe('an unknown key', () => {
  it('an unknown key is found after a rotation', async () => {
    const world = new KeyWorld()
    await world.find()
    world.answer = async () => ({ keys: [k1, k2] })
    await expect(world.find('k2')).resolves.toBeDefined()
    expect(world.fetches).toBe(2)
  })

  it('an unknown key is 401 when the latest fetch succeeded', async () => {
    const world = new KeyWorld()
    await world.find()
    expect(await reasonOfAsync(world.find('k2'))).toBe('unknown_key')
  })

  it('an unknown key is 503 when the latest fetch failed, with the end of the back-off as Retry-After', async () => {
    const world = new KeyWorld()
    await world.find()
    world.answer = fail
    const error: unknown = await world.find('k2').catch((failure: unknown) => failure)
    expect(error).toMatchObject({ reason: 'keys_unavailable', retryAfter: 1 })
  })

  it.each([
    ['refused', fail],
    ['unanswered', hang],
  ])(
    'an unknown key causes another fetch after the back-off, when the last one was %s',
    async (_title, behaviour) => {
      const world = new KeyWorld()
      await world.find()
      world.answer = behaviour
      const failed = reasonOfAsync(world.find('k2'))
      if (behaviour === hang) world.clock.advance(5)
      expect(await failed).toBe('keys_unavailable')
      world.answer = async () => ({ keys: [k1, k2] })
      world.clock.advance(0.999)
      expect(await reasonOfAsync(world.find('k2'))).toBe('keys_unavailable')
      expect(world.fetches).toBe(2)
      world.clock.advance(0.001)
      await expect(world.find('k2')).resolves.toBeDefined()
      expect(world.fetches).toBe(3)
    },
  )

  it('an unknown key is 401 for 30 s after an answer without it, and causes no fetch until then', async () => {
    const world = new KeyWorld()
    await world.find()
    world.answer = fail
    expect(await reasonOfAsync(world.find('k2'))).toBe('keys_unavailable')
    world.answer = async () => ({ keys: [k1] })
    world.clock.advance(1)
    expect(await reasonOfAsync(world.find('k2'))).toBe('unknown_key')
    world.answer = async () => ({ keys: [k1, k2] })
    world.clock.advance(29.999)
    expect(await reasonOfAsync(world.find('k2'))).toBe('unknown_key')
    world.clock.advance(0.001)
    await expect(world.find('k2')).resolves.toBeDefined()
    expect(world.fetches).toBe(4)
  })

  it('a refresh does not use up the fetch of an unknown key', async () => {
    const world = new KeyWorld()
    await world.find()
    world.clock.advance(601)
    await world.find()
    await settle()
    expect(world.fetches).toBe(2)
    world.answer = async () => ({ keys: [k1, k2] })
    await expect(world.find('k2')).resolves.toBeDefined()
    expect(world.fetches).toBe(3)
  })

  it('an unknown key causes no second fetch when its request has just waited for a refresh', async () => {
    const world = new KeyWorld()
    await world.find()
    world.clock.advance(901)
    expect(await reasonOfAsync(world.find('k2'))).toBe('unknown_key')
    expect(world.fetches).toBe(2)
  })

  it.each([
    ['up', async () => ({ keys: [k1] })],
    ['down', fail],
    ['hanging', hang],
  ])(
    'a flood of unknown keys causes one fetch in 30 seconds, with the endpoint %s',
    async (_title, behaviour) => {
      const world = new KeyWorld()
      await world.find()
      const before = world.fetches
      world.answer = behaviour
      for (let second = 0; second < 300; second++) {
        const flood = [1, 2, 3].map((n) => world.find(`invented-${second}-${n}`).catch(() => undefined))
        // The known key is found in the middle of it, and waits for nothing.
        expect(await isPending(world.find())).toBe(false)
        world.clock.advance(1)
        await settle()
        if (second > 5) await Promise.race([Promise.all(flood), settle()])
      }
      expect(world.fetches - before).toBeLessThanOrEqual(11)
    },
  )

  it('a known `kid` with another algorithm is refused, and causes no fetch', async () => {
    const world = new KeyWorld()
    world.answer = async () => ({ keys: [{ ...k1, alg: 'RS512' }] })
    expect(await reasonOfAsync(world.find())).toBe('unsupported_algorithm')
    expect(world.fetches).toBe(1)
  })
})

describe('a key that is published but must not be used', () => {
  const short = { ...k2, n: 'AQAB' }

  it('an unusable key is refused after one fetch, like an unknown key', async () => {
    const world = new KeyWorld()
    world.answer = async () => ({ keys: [k1, short] })
    await world.find()
    const error = await world.find('k2').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ reason: 'unusable_key', keyProblem: 'wrong_modulus' })
    expect(await world.find('k2').catch((thrown: unknown) => thrown)).toBe(error)
    expect(world.fetches).toBe(2)
    expect(await reasonOfAsync(world.find('k3'))).toBe('unknown_key')
  })

  it('an unusable key serves once it is published in a usable form', async () => {
    const world = new KeyWorld()
    world.answer = async () => ({ keys: [k1, short] })
    await world.find()
    world.answer = async () => ({ keys: [k1, k2] })
    await expect(world.find('k2')).resolves.toBeDefined()
    expect(world.keys.health()).not.toHaveProperty('unusableKeys')
  })

  it('an unusable key is 503 while the latest fetch has failed, like an unknown key', async () => {
    const world = new KeyWorld()
    world.answer = async () => ({ keys: [k1, short] })
    await world.find()
    world.answer = fail
    expect(await reasonOfAsync(world.find('k2'))).toBe('keys_unavailable')
  })
})
