import { describe, expect, it, test } from 'vitest'
import { Forge, NOW, type SigningKey } from '../security/forge.js'
import { createWorld, publishing, turns, until, type World } from './world.js'

const forge = new Forge()
const HOUR = 3600

const tokenBy = (key: SigningKey) =>
  forge.raw({ ...forge.header, kid: key.jwk.kid }, { ...forge.claims, exp: NOW + 24 * HOUR }, key)

const [OLD, NEW] = [tokenBy(forge.known), tokenBy(forge.bystander)]
const [BEFORE, BOTH, AFTER] = [
  publishing([forge.known.jwk]),
  publishing([forge.known.jwk, forge.bystander.jwk]),
  publishing([forge.bystander.jwk]),
]

async function worldWith(answer = BEFORE): Promise<World> {
  const world = createWorld(forge)
  world.answer(answer)
  await world.validator.ready()
  return world
}

describe('a rotation', () => {
  it('J10 a rotation announced an hour ahead causes no refusal', async () => {
    const world = await worldWith()
    for (let second = 0; second < 3 * HOUR; second += 10) {
      if (second === HOUR) world.answer(BOTH)
      const tokens = second < 2 * HOUR ? [OLD] : [OLD, NEW]
      for (const token of tokens) expect(await world.present(token)).toBe('allowed')
      await turns(1)
      world.clock.advance(10)
    }
  })

  it('J10 an unannounced rotation causes one fetch and no refusal', async () => {
    const world = await worldWith()
    world.clock.advance(100)
    world.answer(BOTH)
    const before = world.attempts()
    const verdicts = await Promise.all(
      Array.from({ length: 100 }, (_, index) => world.present(index % 2 ? OLD : NEW)),
    )
    expect(new Set(verdicts)).toEqual(new Set(['allowed']))
    expect(world.attempts()).toBe(before + 1)
  })

  it('J10 a rotation is noticed within 30 seconds, even if an unknown kid has just caused a fetch', async () => {
    const world = await worldWith()
    expect(await world.present(forge.token({}, { kid: 'invented' }))).toBe('unknown_key')
    world.answer(BOTH)
    world.clock.advance(29)
    expect(await world.present(NEW)).toBe('unknown_key')
    world.clock.advance(1)
    expect(await world.present(NEW)).toBe('allowed')
  })
})

describe('a removed key', () => {
  it('J11 a removed key is refused within 15 minutes, even if its token is presented every second', async () => {
    const world = await worldWith(BOTH)
    expect(await world.present(OLD)).toBe('allowed')
    world.answer(AFTER)
    let second = 0
    for (; second < 2 * HOUR; second++) {
      if ((await world.present(OLD)) !== 'allowed') break
      await turns(1)
      world.clock.advance(1)
    }
    expect(second).toBeLessThanOrEqual(900)
    expect(await world.present(OLD)).toBe('unknown_key')
    expect(await world.present(NEW)).toBe('allowed')
  })

  it('J11 a removed key is refused by the first request after 15 minutes without requests', async () => {
    const world = await worldWith(BOTH)
    expect(await world.present(OLD)).toBe('allowed')
    world.answer(AFTER)
    world.clock.advance(901)
    expect(await world.present(OLD)).toBe('unknown_key')
  })

  it('J11 a removed key is refused from the first answer without it, also during a later outage', async () => {
    const world = await worldWith(BOTH)
    expect(await world.present(OLD)).toBe('allowed')
    world.answer(AFTER)
    expect(await world.present(forge.token({}, { kid: 'invented' }))).toBe('unknown_key')
    expect(world.validator.health().keys).toBe(1)
    expect(await world.present(OLD)).toBe('unknown_key')
    world.answer(() => Promise.reject(new TypeError('fetch failed')))
    for (let minute = 0; minute < 60; minute++) {
      world.clock.advance(60)
      expect(await world.present(OLD)).not.toBe('allowed')
      await world.settle()
    }
    expect(await world.present(NEW)).toBe('allowed')
  })

  it('J11 a removed key stays refused when an older answer with the key arrives late', async () => {
    const world = await worldWith(BOTH)
    let arrive: () => void = () => undefined
    const late = new Promise<void>((resolve) => {
      arrive = resolve
    })
    world.answer(async (url, init) => {
      await late
      return BOTH(url, init)
    })
    world.clock.advance(601)
    expect(await world.present(OLD)).toBe('allowed')
    await until(() => world.attempts() === 2)
    // The attempt times out. The next one gets the newer answer.
    world.clock.advance(5)
    await until(() => world.validator.health().lastFailure?.reason === 'timeout')
    world.answer(AFTER)
    world.clock.advance(10)
    await world.present(NEW)
    await until(() => world.validator.health().keys === 1)
    arrive()
    await turns(20)
    expect(world.validator.health().keys).toBe(1)
    expect(await world.present(OLD)).toBe('unknown_key')
  })
})

test.each([
  ['forward causes a refresh of the keys', HOUR, 0],
  ['back does not change the age of the keys', -HOUR, 300],
])('C12 setting the wall clock an hour %s', async (_way, step, age) => {
  const world = await worldWith()
  world.clock.advance(300)
  const stepped = world.clock.now() + step * 1000
  world.clock.set(stepped)
  const [iat, exp] = [Math.floor(stepped / 1000), Math.floor(stepped / 1000) + 2 * HOUR]
  const current = forge.token({ iat, exp })
  const before = world.attempts()
  expect(await world.present(current)).toBe('allowed')
  expect(world.validator.health().keyAge).toBe(age)
  const refreshes = age === 0 ? 1 : 0
  expect(world.attempts()).toBe(before + refreshes)
  world.clock.advance(601 - age)
  expect(await world.present(current)).toBe('allowed')
  await until(() => world.validator.health().keyAge === 0)
  expect(world.attempts()).toBe(before + refreshes + 1)
  // The validator compares the times in a token with the wall clock.
  world.clock.set(stepped - 60_000)
  expect(await world.present(current)).toBe('issued_in_future')
  world.clock.set((exp + 10) * 1000)
  expect(await world.present(current)).toBe('expired')
})
