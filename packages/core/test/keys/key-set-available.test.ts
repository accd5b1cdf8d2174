import { describe, expect, it } from 'vitest'
import { fail, hang, KeyWorld, k1, settle } from '../key-world.js'
import { reasonOfAsync } from '../refusal.js'

describe('what is known of a key without a fetch', () => {
  it('is nothing before the first one, which it does not begin', async () => {
    const world = new KeyWorld()
    expect(await world.findOffline()).toBeUndefined()
    expect(world.fetches).toBe(0)
  })

  it('is the key, once it is loaded, and what it is for', async () => {
    const world = new KeyWorld()
    world.answer = async () => ({ keys: [{ ...k1, alg: 'RS256' }] })
    const loaded = await world.find()
    expect(await world.findOffline()).toBe(loaded)
    expect(await reasonOfAsync(world.findOffline('k1', 'RS384'))).toBe('unsupported_algorithm')
    expect(world.fetches).toBe(1)
  })

  it('is that there are no keys, for as long as nobody may ask again', async () => {
    const world = new KeyWorld()
    world.answer = fail
    await world.find().catch(() => undefined)
    world.clock.advance(0.999)
    expect(await reasonOfAsync(world.findOffline())).toBe('keys_unavailable')
    world.clock.advance(0.001)
    expect(await world.findOffline()).toBeUndefined()
    expect(world.fetches).toBe(1)
  })

  it('is that an unknown one does not exist, for as long as it would buy no fetch', async () => {
    const world = new KeyWorld()
    await world.find()
    expect(await world.findOffline('k2')).toBeUndefined()
    await world.find('k2').catch(() => undefined)
    world.clock.advance(29.999)
    expect(await reasonOfAsync(world.findOffline('k2'))).toBe('unknown_key')
    world.clock.advance(0.001)
    expect(await world.findOffline('k2')).toBeUndefined()
    expect(world.fetches).toBe(2)
  })

  it('is nothing while an attempt is under way that may bring it', async () => {
    const world = new KeyWorld()
    await world.find()
    world.answer = hang
    void world.find('k2').catch(() => undefined)
    expect(await world.findOffline('k2')).toBeUndefined()
    expect(world.fetches).toBe(2)
  })

  it('is open while a request would wait for a refresh, and the old key once that has failed', async () => {
    const world = new KeyWorld()
    const loaded = await world.find()
    world.clock.advance(901)
    expect(await world.findOffline()).toBeUndefined()
    expect(world.fetches).toBe(1)
    world.answer = fail
    await world.find()
    await settle()
    expect(await world.findOffline()).toBe(loaded)
    expect(world.fetches).toBe(2)
  })
})

describe('keys that the application gave', () => {
  it('are imported when they are asked for, once', async () => {
    const world = new KeyWorld({ isStatic: true })
    expect(world.keys.health()).toMatchObject({ usable: false, keys: 0 })
    expect(await world.findOffline()).toBeDefined()
    expect(await world.findOffline()).toBeDefined()
    expect(world.fetches).toBe(1)
  })

  it('are all there are: another one is unknown, and nothing would bring it', async () => {
    const world = new KeyWorld({ isStatic: true })
    expect(await reasonOfAsync(world.findOffline('k2'))).toBe('unknown_key')
    expect(world.fetches).toBe(1)
  })

  it('never grow old', async () => {
    const world = new KeyWorld({ isStatic: true })
    await world.find()
    world.clock.advance(30 * 86_400)
    expect(await world.find()).toBeDefined()
    expect(world.fetches).toBe(1)
  })
})
