import { expect, it, vi } from 'vitest'
import type { KeyRequest, WaitUntil } from '../../src/keys/key-refresh.js'
import { never } from '../deferred.js'
import { isPending, KeyWorld, type KeyWorldChanges, k2, loadedWorld, settle } from '../key-world.js'

const isRequestScoped = true

it('on a request-scoped runtime, a key fetch runs under the `waitUntil` of its request, and others poll it', async () => {
  const world = new KeyWorld({ isRequestScoped })
  const extended: string[] = []
  const find = (name: string) => world.find('k1', { waitUntil: () => extended.push(name) })
  const [first, second] = [find('first'), find('second')]
  await first
  expect(await isPending(second)).toBe(true)
  world.clock.advance(0.02)
  await expect(second).resolves.toBeDefined()
  expect([world.fetches, extended]).toEqual([1, ['first']])
  world.answer = never
  world.clock.advance(601)
  await expect(find('third')).resolves.toBeDefined()
  expect([world.fetches, extended]).toEqual([2, ['first', 'third']])
})

it('a `waitUntil` that throws affects neither the first key fetch nor a refresh of older keys', async () => {
  const waitUntil: WaitUntil = () => {
    throw new Error('the request has ended')
  }
  const world = new KeyWorld({ isRequestScoped })
  for (const seconds of [0, 601, 901]) {
    world.clock.advance(seconds)
    await expect(world.find('k1', { waitUntil })).resolves.toBeDefined()
    await settle()
  }
  expect(world.fetches).toBe(3)
  expect(world.keys.health()).toEqual({ usable: true, keys: 1, keyAge: 0 })
})

it('on a request-scoped runtime, a request without `waitUntil` waits for the refresh of stale keys', async () => {
  const world = await loadedWorld({ isRequestScoped })
  world.publish(k2)
  world.clock.advance(601)
  expect(await world.refusal()).toBe('unknown_key')
})

it('on a request-scoped runtime, an unknown key gets 503, not 401, after a key fetch that never settles', async () => {
  const world = await loadedWorld({ isRequestScoped })
  world.answer = never
  // The timer never fires, because its request has ended.
  vi.spyOn(world.clock, 'after').mockReturnValueOnce(() => undefined)
  void world.refusal('k2')
  world.clock.advance(5.001)
  expect(await world.refusal('k2')).toBe('keys_unavailable')
})

it('on a request-scoped runtime, `health` fetches no keys, as the fetch would end with the request', async () => {
  const world = new KeyWorld({ isRequestScoped })
  expect(world.keys.health()).toEqual({ usable: false, keys: 0 })
  await settle()
  expect(world.fetches).toBe(0)
})

const waitUntil = () => undefined
it.each<[string, number, KeyWorldChanges, KeyRequest, boolean]>([
  ['no, with fresh keys', 0, { isRequestScoped }, {}, false],
  ['no, with stale keys, which are refreshed in the background', 601, {}, {}, false],
  ['yes, with stale keys whose refresh would end with the request', 601, { isRequestScoped }, {}, true],
  ['no, with stale keys and `waitUntil`', 601, { isRequestScoped }, { waitUntil }, false],
  ['yes, with keys older than 15 minutes', 901, { isRequestScoped }, { waitUntil }, true],
  ['no, with expired keys', 86_401, {}, {}, false],
])('mustRefresh says whether a request waits: %s', async (_, age, changes, request, expected) => {
  const world = await loadedWorld(changes)
  world.clock.advance(age)
  expect(world.keys.mustRefresh(request)).toBe(expected)
  expect(world.fetches).toBe(1)
})
