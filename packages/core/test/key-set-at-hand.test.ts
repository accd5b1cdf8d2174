import { generateKeyPairSync } from 'node:crypto'
import { createTestClock, type TestClock } from '@portvakt/mock'
import { beforeEach, describe, expect, it } from 'vitest'
import type { CompactJws, SignatureAlgorithm } from '../src/compact-jws.js'
import { KeyFetchError } from '../src/fetch-json.js'
import { KeySet } from '../src/key-set.js'
import { reasonOfAsync } from './refusal.js'

const k1 = {
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }),
  kid: 'k1',
  alg: 'RS256',
}
const timing = {
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
  answer = async () => ({ keys: [k1] })
  fetches = 0
})

const fail = () => Promise.reject(new KeyFetchError('unreachable'))
const hang = () => new Promise<never>(() => undefined)
const jws = (keyId: string, algorithm: SignatureAlgorithm = 'RS256'): CompactJws => ({
  token: '',
  algorithm,
  keyId,
  unverifiedClaims: {},
})
const atHand = (keys: KeySet, keyId = 'k1', algorithm?: SignatureAlgorithm) =>
  keys.findAtHand(jws(keyId, algorithm), () => undefined)
const find = async (keys: KeySet, keyId = 'k1') => keys.find(jws(keyId), () => undefined, {})

function keySet({ isStatic = false } = {}): KeySet {
  const fetch = () => {
    fetches++
    return answer()
  }
  const source = { isStatic, issuer: () => 'https://x.no/', mayHaveIssued: () => true, fetch }
  const algorithms = ['RS256', 'RS384'] as const
  return new KeySet({ source, algorithms, timing, clock, random: () => 0.5, isRequestScoped: false })
}

describe('what is known of a key without a fetch', () => {
  it('is nothing before the first one, which it does not begin', async () => {
    expect(await atHand(keySet())).toBeUndefined()
    expect(fetches).toBe(0)
  })

  it('is the key, once it is loaded, and what it is for', async () => {
    const keys = keySet()
    const loaded = await find(keys)
    expect(await atHand(keys)).toBe(loaded)
    expect(await reasonOfAsync(atHand(keys, 'k1', 'RS384'))).toBe('unsupported_algorithm')
    expect(fetches).toBe(1)
  })

  it('is that there are no keys, for as long as nobody may ask again', async () => {
    answer = fail
    const keys = keySet()
    await find(keys).catch(() => undefined)
    clock.advance(0.999)
    expect(await reasonOfAsync(atHand(keys))).toBe('keys_unavailable')
    clock.advance(0.001)
    expect(await atHand(keys)).toBeUndefined()
    expect(fetches).toBe(1)
  })

  it('is that an unknown one does not exist, for as long as it would buy no fetch', async () => {
    const keys = keySet()
    await find(keys)
    expect(await atHand(keys, 'k2')).toBeUndefined()
    await find(keys, 'k2').catch(() => undefined)
    clock.advance(29.999)
    expect(await reasonOfAsync(atHand(keys, 'k2'))).toBe('unknown_key')
    clock.advance(0.001)
    expect(await atHand(keys, 'k2')).toBeUndefined()
    expect(fetches).toBe(2)
  })

  it('is nothing while an attempt is under way that may bring it', async () => {
    const keys = keySet()
    await find(keys)
    answer = hang
    void find(keys, 'k2').catch(() => undefined)
    expect(await atHand(keys, 'k2')).toBeUndefined()
    expect(fetches).toBe(2)
  })

  it('is of no interest when the token’s own claims are hopeless', async () => {
    const hopeless = () => {
      throw new Error('hopeless')
    }
    await expect(keySet().findAtHand(jws('k1'), hopeless)).rejects.toThrow('hopeless')
  })
})

describe('keys that the application gave', () => {
  it('are imported when they are asked for, once', async () => {
    const keys = keySet({ isStatic: true })
    expect(keys.health()).toMatchObject({ usable: false, keys: 0 })
    expect(await atHand(keys)).toBeDefined()
    expect(await atHand(keys)).toBeDefined()
    expect(fetches).toBe(1)
  })

  it('are all there are: another one is unknown, and nothing would bring it', async () => {
    const keys = keySet({ isStatic: true })
    expect(await reasonOfAsync(atHand(keys, 'k2'))).toBe('unknown_key')
    expect(fetches).toBe(1)
  })

  it('never grow old', async () => {
    const keys = keySet({ isStatic: true })
    await find(keys)
    clock.advance(30 * 86_400)
    expect(await find(keys)).toBeDefined()
    expect(fetches).toBe(1)
  })
})
