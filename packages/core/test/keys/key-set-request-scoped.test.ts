import { describe, expect, it } from 'vitest'
import { hang, isPending, KeyWorld, k1, k2, settle } from '../key-world.js'
import { reasonOfAsync } from '../refusal.js'

describe('on a request-scoped runtime', () => {
  it('a background refresh runs under waitUntil', async () => {
    const world = new KeyWorld({ isRequestScoped: true })
    await world.find()
    world.clock.advance(601)
    const promises: Promise<unknown>[] = []
    world.answer = hang
    await expect(world.find('k1', { waitUntil: (promise) => promises.push(promise) })).resolves.toBeDefined()
    expect(promises).toHaveLength(1)
  })

  it('the first load runs under waitUntil, so that it outlives a cancelled request', async () => {
    const world = new KeyWorld({ isRequestScoped: true })
    const promises: Promise<unknown>[] = []
    world.answer = hang
    const loading = () => world.find('k1', { waitUntil: (promise) => promises.push(promise) })
    void Promise.allSettled([loading(), loading()])
    await settle()
    expect(promises).toHaveLength(1)
  })

  it('a request without waitUntil waits for its refresh', async () => {
    const world = new KeyWorld({ isRequestScoped: true })
    await world.find()
    world.clock.advance(601)
    world.answer = hang
    const waiting = world.find()
    expect(await isPending(waiting)).toBe(true)
    world.clock.advance(5)
    await expect(waiting).resolves.toBeDefined()
  })

  it('a request polls another request’s attempt, and uses its keys', async () => {
    const world = new KeyWorld({ isRequestScoped: true })
    let answerFirst: (jwks: unknown) => void = () => undefined
    world.answer = () =>
      new Promise((resolve) => {
        answerFirst = resolve
      })
    const first = world.find()
    const second = world.find()
    await settle()
    answerFirst({ keys: [k1] })
    await first
    world.clock.advance(0.02)
    await expect(second).resolves.toBeDefined()
    expect(world.fetches).toBe(1)
  })

  it('an attempt that was lost with its request counts as failed: an unknown key is 503, not 401', async () => {
    const world = new KeyWorld({
      isRequestScoped: true,
      // The timer of the lost request never fires.
      clockOf: (clock) => ({
        ...clock,
        after: (ms, end) => (ms === 5000 ? () => undefined : clock.after(ms, end)),
      }),
    })
    await world.find()
    world.answer = hang
    void world.find('k2').catch(() => undefined)
    world.clock.advance(5.001)
    expect(await reasonOfAsync(world.find('k2'))).toBe('keys_unavailable')
  })

  it('keys older than 15 minutes are refreshed before they are used, with and without waitUntil', async () => {
    for (const waitUntil of [undefined, () => undefined]) {
      const world = new KeyWorld({ isRequestScoped: true })
      await world.find()
      world.answer = async () => ({ keys: [k2] })
      world.clock.advance(901)
      expect(await reasonOfAsync(world.find('k1', { waitUntil }))).toBe('unknown_key')
      expect(world.fetches).toBe(2)
    }
  })

  it('`health` begins no fetch, which would end with its request', async () => {
    const world = new KeyWorld({ isRequestScoped: true })
    expect(world.keys.health()).toEqual({ usable: false, keys: 0 })
    await settle()
    expect(world.fetches).toBe(0)
  })
})
