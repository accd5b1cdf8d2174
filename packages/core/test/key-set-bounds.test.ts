import { generateKeyPairSync } from 'node:crypto'
import { createTestClock, type TestClock } from '@portvakt/mock'
import { beforeEach, describe, expect, it } from 'vitest'
import { KeyFetchError } from '../src/fetch-json.js'
import { KeySet, type KeyTiming } from '../src/key-set.js'
import { reasonOfAsync } from './refusal.js'

const k1 = {
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }),
  kid: 'k1',
}
const timing: KeyTiming = {
  freshFor: 600,
  waitAfter: 900,
  waitAtMost: 1,
  keepFor: 86_400,
  unknownKeyCooldown: 30,
  deadline: 5,
}

let clock: TestClock
let answer: () => Promise<unknown>
let fetches: number

beforeEach(() => {
  clock = createTestClock()
  // As on a machine that has been up for long: what is measured is a difference.
  clock.advance(1_000_000)
  answer = async () => ({ keys: [k1] })
  fetches = 0
})

const fail = () => Promise.reject(new KeyFetchError('unreachable'))
const hang = () => new Promise<never>(() => undefined)
const find = async (keys: KeySet, keyId = 'k1') =>
  keys.find({ token: '', algorithm: 'RS256', keyId, unverifiedClaims: {} }, () => undefined, {})

function keySet(changes: Partial<KeyTiming> = {}): KeySet {
  const fetch = () => {
    fetches++
    return answer()
  }
  return new KeySet({
    source: { isStatic: false, issuer: () => 'https://x.no/', mayHaveIssued: () => true, fetch },
    algorithms: ['RS256'],
    timing: { ...timing, ...changes },
    clock,
    random: () => 0.5,
    isRequestScoped: false,
  })
}

/** Lets everything that is due happen, without the clock. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Whether a key was found without anything to wait for. */
async function foundAtOnce(keys: KeySet): Promise<boolean> {
  let isFound = false
  const mark = () => {
    isFound = true
  }
  find(keys).then(mark, mark)
  await settle()
  return isFound
}

describe('the age of keys', () => {
  it('makes nobody wait before 15 minutes are over, and then everybody who asks', async () => {
    const keys = keySet()
    await find(keys)
    answer = hang
    clock.advance(900)
    expect(await foundAtOnce(keys)).toBe(true)
    clock.advance(0.001)
    expect([await foundAtOnce(keys), await foundAtOnce(keys)]).toEqual([false, false])
    expect(fetches).toBe(2)
  })

  it('is told in seconds, and so is that of a failure', async () => {
    const keys = keySet()
    await find(keys)
    expect(keys.failure).toBeUndefined()
    answer = fail
    clock.advance(601)
    await find(keys)
    await settle()
    clock.advance(0.5)
    expect(keys.health()).toEqual({
      usable: true,
      keys: 1,
      keyAge: 601.5,
      lastFailure: { reason: 'unreachable', message: 'The endpoint could not be reached', age: 0.5 },
    })
    expect(keys.failure).toBe('unreachable')
  })
})

describe('the pause after a failure', () => {
  it('ends for a request that finds old keys, to the millisecond', async () => {
    const keys = keySet()
    await find(keys)
    answer = fail
    clock.advance(601)
    await foundAtOnce(keys)
    clock.advance(0.999)
    await foundAtOnce(keys)
    expect(fetches).toBe(2)
    clock.advance(0.001)
    await foundAtOnce(keys)
    expect(fetches).toBe(3)
  })

  it('ends for a probe that finds none, to the millisecond', async () => {
    answer = fail
    const keys = keySet()
    keys.health()
    await settle()
    clock.advance(0.999)
    keys.health()
    expect(fetches).toBe(1)
    clock.advance(0.001)
    keys.health()
    expect(fetches).toBe(2)
  })

  it('is told to the caller, in seconds from now', async () => {
    answer = fail
    const keys = keySet()
    await expect(find(keys)).rejects.toMatchObject({ retryAfter: 1 })
    clock.advance(1)
    await expect(find(keys)).rejects.toMatchObject({ retryAfter: 2 })
    clock.advance(0.5)
    await expect(find(keys)).rejects.toMatchObject({ retryAfter: 1.5 })
    clock.advance(1)
    await expect(find(keys)).rejects.toMatchObject({ retryAfter: 1 })
  })

  it('is not slept through by ready when it would end with the deadline', async () => {
    answer = fail
    const outcome = reasonOfAsync(keySet({ deadline: 3 }).ready())
    await settle()
    clock.advance(1)
    expect(await outcome).toBe('keys_unavailable')
    expect(fetches).toBe(2)
  })
})

describe('an unknown key', () => {
  it('buys a fetch every 30 seconds, however often it is asked for meanwhile', async () => {
    const keys = keySet()
    await find(keys)
    const before = fetches
    const bought: number[] = []
    for (let second = 0; second <= 60; second += 10) {
      expect(await reasonOfAsync(find(keys, 'k2'))).toBe('unknown_key')
      bought.push(fetches - before)
      clock.advance(10)
    }
    expect(bought).toEqual([1, 1, 1, 2, 2, 2, 3])
  })

  it('is unknown also to a request that waited for a refresh', async () => {
    const keys = keySet()
    await find(keys)
    clock.advance(901)
    expect(await reasonOfAsync(find(keys, 'k2'))).toBe('unknown_key')
  })
})
