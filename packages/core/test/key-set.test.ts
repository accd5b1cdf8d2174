import { generateKeyPairSync } from 'node:crypto'
import { createTestClock, type TestClock } from '@portvakt/mock'
import { importJWK } from 'jose'
import { beforeEach, describe, expect, it, test } from 'vitest'
import type { CompactJws } from '../src/compact-jws.js'
import { KeyFetchError } from '../src/fetch-json.js'
import { KeySet } from '../src/key-set.js'
import { reasonOfAsync } from './refusal.js'

const [k1, k2, k3] = ['k1', 'k2', 'k3'].map((kid) => ({
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }),
  kid,
}))
const timing = {
  freshFor: 600,
  waitAfter: 900,
  waitAtMost: 1,
  keepFor: 86_400,
  unknownKeyCooldown: 30,
  deadline: 5,
}

let clock: TestClock
let answer: (signal: AbortSignal) => Promise<unknown>
let fetches: number

beforeEach(() => {
  clock = createTestClock()
  answer = async () => ({ keys: [k1] })
  fetches = 0
})

function keySet(changes: { random?: () => number; isRequestScoped?: boolean } = {}): KeySet {
  const source = {
    isStatic: false,
    issuer: () => 'https://x.no/',
    mayHaveIssued: () => true,
    fetch: (signal: AbortSignal) => {
      fetches++
      return answer(signal)
    },
  }
  return new KeySet({
    source,
    algorithms: ['RS256', 'RS384', 'RS512'],
    timing,
    clock,
    random: changes.random ?? (() => 0.5),
    isRequestScoped: changes.isRequestScoped ?? false,
  })
}

const jws = (keyId: string): CompactJws => ({ token: '', algorithm: 'RS256', keyId, unverifiedClaims: {} })
const find = async (keys: KeySet, keyId = 'k1', waitUntil?: (promise: Promise<unknown>) => void) =>
  keys.find(jws(keyId), () => undefined, { waitUntil })
const fail = async () => {
  throw new KeyFetchError('unreachable')
}
const hang = () => new Promise<never>(() => undefined)

/**
 * Lets everything that is due happen, without the clock. Keys are imported on other threads, in turn: after
 * some imports of our own, those that were asked for before are done.
 */
async function settle(): Promise<void> {
  for (let round = 0; round < 6; round++) {
    await importJWK({ ...k1 }, 'RS256')
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Whether a promise has settled by now. */
async function isPending(work: Promise<unknown>): Promise<boolean> {
  let pending = true
  work.then(
    () => (pending = false),
    () => (pending = false),
  )
  await settle()
  return pending
}

describe('the first keys', () => {
  it('are fetched once for 1,000 parallel requests', async () => {
    const keys = keySet()
    const found = await Promise.all(Array.from({ length: 1000 }, () => find(keys)))
    expect(new Set(found).size).toBe(1)
    expect(fetches).toBe(1)
  })

  it('are missing for as long as Maskinporten is down, and that is no refusal', async () => {
    answer = fail
    const keys = keySet()
    const error: unknown = await find(keys).catch((failure: unknown) => failure)
    expect(error).toMatchObject({
      reason: 'keys_unavailable',
      retryAfter: 1,
      cause: { reason: 'unreachable' },
    })
  })

  it('are not asked for again before the pause is over, and are found right after it', async () => {
    answer = fail
    const keys = keySet()
    for (let request = 0; request < 50; request++) await find(keys).catch(() => undefined)
    expect(fetches).toBe(1)
    answer = async () => ({ keys: [k1] })
    clock.advance(1)
    await expect(find(keys)).resolves.toBeDefined()
    expect(fetches).toBe(2)
  })

  it('are waited for no longer than the deadline', async () => {
    answer = hang
    const waiting = [find(keySet())]
    const outcome = reasonOfAsync(Promise.race(waiting))
    clock.advance(5)
    expect(await outcome).toBe('keys_unavailable')
  })
})

describe('known keys', () => {
  it('cost no fetch while they are fresh', async () => {
    const keys = keySet()
    await find(keys)
    clock.advance(599)
    await find(keys)
    expect(fetches).toBe(1)
  })

  it.each([
    ['earliest', 0, 540],
    ['latest', 1, 660],
  ])('are refreshed after a time with jitter: %s', async (_title, random, seconds) => {
    const keys = keySet({ random: () => random })
    await find(keys)
    clock.advance(seconds - 1)
    await find(keys)
    expect(fetches).toBe(1)
    clock.advance(1)
    await find(keys)
    expect(fetches).toBe(2)
  })

  it('serve at once while they are refreshed in the background', async () => {
    const keys = keySet()
    await find(keys)
    answer = hang
    clock.advance(601)
    await expect(find(keys)).resolves.toBeDefined()
    expect(fetches).toBe(2)
  })

  it('make a request wait after 15 minutes, one second at most', async () => {
    const keys = keySet()
    await find(keys)
    answer = hang
    clock.advance(901)
    const waiting = find(keys)
    expect(await isPending(waiting)).toBe(true)
    clock.advance(1)
    await expect(waiting).resolves.toBeDefined()
  })

  it('make no request wait when the latest attempt failed', async () => {
    const keys = keySet()
    await find(keys)
    answer = fail
    clock.advance(601)
    await find(keys)
    await settle()
    answer = hang
    clock.advance(3600)
    await expect(find(keys)).resolves.toBeDefined()
    expect(fetches).toBe(3)
  })

  it('serve for 24 hours of outage with bounded attempts, then not a second longer', async () => {
    const keys = keySet({ random: () => 0 })
    await find(keys)
    answer = fail
    for (let second = 0; second < 86_400; second += 10) {
      clock.advance(10)
      await expect(find(keys)).resolves.toBeDefined()
    }
    expect(fetches).toBeLessThan(1501)
    clock.advance(1)
    expect(await reasonOfAsync(find(keys))).toBe('keys_unavailable')
  })

  it('come back within 60 seconds of Maskinporten', async () => {
    const keys = keySet({ random: () => 1 })
    await find(keys)
    answer = fail
    clock.advance(7200)
    for (let attempt = 0; attempt < 20; attempt++) {
      await find(keys)
      await settle()
      clock.advance(60)
    }
    answer = async () => ({ keys: [k1, k2] })
    clock.advance(60)
    await find(keys)
    await settle()
    expect(keys.health()).toMatchObject({ usable: true, keys: 2, keyAge: 0 })
  })

  it('are replaced as a whole: one that was taken out is refused', async () => {
    const keys = keySet()
    answer = async () => ({ keys: [k1, k2] })
    await find(keys, 'k2')
    answer = async () => ({ keys: [k1] })
    clock.advance(601)
    await find(keys)
    await settle()
    expect(await reasonOfAsync(find(keys, 'k2'))).toBe('unknown_key')
  })

  test.each<[string, unknown]>([
    ['is empty', { keys: [] }],
    ['has no usable key', { keys: [{ kty: 'oct', kid: 'k1', k: 'AAAA' }] }],
    ['is something else', ['keys']],
  ])('survive an answer that %s', async (_title, bad) => {
    const keys = keySet()
    await find(keys)
    answer = async () => bad
    clock.advance(601)
    await find(keys)
    await settle()
    await expect(find(keys)).resolves.toBeDefined()
    expect(keys.health().lastFailure?.reason).toBe('no_usable_key')
  })
})

describe('an unknown key', () => {
  it('is found when Maskinporten has rotated', async () => {
    const keys = keySet()
    await find(keys)
    answer = async () => ({ keys: [k1, k2] })
    await expect(find(keys, 'k2')).resolves.toBeDefined()
    expect(fetches).toBe(2)
  })

  it('is a bad token when the latest fetch succeeded', async () => {
    const keys = keySet()
    await find(keys)
    expect(await reasonOfAsync(find(keys, 'k2'))).toBe('unknown_key')
  })

  it('is nobody’s fault when the latest fetch failed', async () => {
    const keys = keySet()
    await find(keys)
    answer = fail
    const error: unknown = await find(keys, 'k2').catch((failure: unknown) => failure)
    expect(error).toMatchObject({ reason: 'keys_unavailable', retryAfter: 30 })
  })

  it('earns no fetch when its own claims are hopeless', async () => {
    const keys = keySet()
    await find(keys)
    const hopeless = () => {
      throw new Error('hopeless')
    }
    await expect(keys.find(jws('k2'), hopeless, {})).rejects.toThrow('hopeless')
    expect(fetches).toBe(1)
  })

  it.each([
    ['up', async () => ({ keys: [k1] })],
    ['down', fail],
    ['hanging', hang],
  ])('in a flood buys one fetch in 30 seconds, with the endpoint %s', async (_title, behaviour) => {
    const keys = keySet()
    await find(keys)
    const before = fetches
    answer = behaviour
    for (let second = 0; second < 300; second++) {
      const flood = [1, 2, 3].map((n) => find(keys, `invented-${second}-${n}`).catch(() => undefined))
      // The known key is found in the middle of it, and waits for nothing.
      expect(await isPending(find(keys))).toBe(false)
      clock.advance(1)
      await settle()
      if (second > 5) await Promise.race([Promise.all(flood), settle()])
    }
    expect(fetches - before).toBeLessThanOrEqual(11)
  })

  it('after another key’s name is not what an algorithm is for', async () => {
    const keys = keySet()
    answer = async () => ({ keys: [{ ...k1, alg: 'RS512' }] })
    expect(await reasonOfAsync(find(keys))).toBe('unsupported_algorithm')
    expect(fetches).toBe(1)
  })
})

describe('the slot of an attempt', () => {
  it('is freed by the clock when its promise and its timer are lost', async () => {
    const lost = { ...clock, after: () => () => undefined }
    const source = {
      isStatic: false,
      issuer: () => 'https://x.no/',
      mayHaveIssued: () => true,
      fetch: () => {
        fetches++
        return fetches === 1 ? hang() : answer(new AbortController().signal)
      },
    }
    const parts = {
      source,
      algorithms: ['RS256'] as const,
      timing,
      random: () => 0.5,
      isRequestScoped: false,
    }
    const keys = new KeySet({ ...parts, clock: lost })
    void find(keys).catch(() => undefined)
    clock.advance(5.001)
    // The pause after the lost attempt does not hold up a request that finds the slot free.
    await expect(find(keys)).resolves.toBeDefined()
    expect(fetches).toBe(2)
  })

  it('is not overwritten by an older answer that arrives last', async () => {
    const keys = keySet()
    await find(keys)
    let answerLate: (jwks: unknown) => void = () => undefined
    answer = () =>
      new Promise((resolve) => {
        answerLate = resolve
      })
    clock.advance(601)
    await find(keys)
    clock.advance(6)
    answer = async () => ({ keys: [k2, k3] })
    clock.advance(60)
    await find(keys)
    await settle()
    expect(keys.health().keys).toBe(2)
    answerLate({ keys: [k1] })
    await settle()
    expect(keys.health().keys).toBe(2)
  })
})

describe('where I/O dies with its request', () => {
  it('a background refresh runs under waitUntil', async () => {
    const keys = keySet({ isRequestScoped: true })
    await find(keys)
    clock.advance(601)
    const promises: Promise<unknown>[] = []
    answer = hang
    await expect(find(keys, 'k1', (promise) => promises.push(promise))).resolves.toBeDefined()
    expect(promises).toHaveLength(1)
  })

  it('a request without waitUntil sees its refresh through', async () => {
    const keys = keySet({ isRequestScoped: true })
    await find(keys)
    clock.advance(601)
    answer = hang
    const waiting = find(keys)
    expect(await isPending(waiting)).toBe(true)
    clock.advance(5)
    await expect(waiting).resolves.toBeDefined()
  })

  it('another request’s attempt is watched for by the clock, and its keys are used', async () => {
    const keys = keySet({ isRequestScoped: true })
    let answerFirst: (jwks: unknown) => void = () => undefined
    answer = () =>
      new Promise((resolve) => {
        answerFirst = resolve
      })
    const first = find(keys)
    const second = find(keys)
    await settle()
    answerFirst({ keys: [k1] })
    await first
    clock.advance(0.02)
    await expect(second).resolves.toBeDefined()
    expect(fetches).toBe(1)
  })
})

describe('ready', () => {
  it('resolves once keys are loaded', async () => {
    const keys = keySet()
    await keys.ready()
    expect(keys.health()).toEqual({ usable: true, keys: 1, keyAge: 0 })
  })

  it('tries again until the deadline, then rejects, and can be called again', async () => {
    answer = fail
    const keys = keySet()
    const outcome = reasonOfAsync(keys.ready())
    for (let second = 0; second < 6; second++) {
      await settle()
      clock.advance(1)
    }
    expect(await outcome).toBe('keys_unavailable')
    expect(fetches).toBe(3)
    answer = async () => ({ keys: [k1] })
    clock.advance(60)
    await expect(keys.ready()).resolves.toBeUndefined()
  })
})

describe('health', () => {
  it('has the first keys fetched, so that a readiness probe alone makes an instance ready', async () => {
    const keys = keySet()
    expect(keys.health()).toEqual({ usable: false, keys: 0 })
    await settle()
    expect(keys.health()).toEqual({ usable: true, keys: 1, keyAge: 0 })
    expect(fetches).toBe(1)
  })

  it('asked without end asks Maskinporten no more often than requests do', async () => {
    answer = fail
    const keys = keySet()
    for (let probe = 0; probe < 100; probe++) {
      keys.health()
      await Promise.resolve()
    }
    await settle()
    expect(fetches).toBe(1)
    expect(keys.health()).toMatchObject({ usable: false, lastFailure: { reason: 'unreachable', age: 0 } })
  })
})

it('a step of the wall clock changes nothing', async () => {
  const keys = keySet()
  await find(keys)
  for (const hours of [-1, 1, 25]) {
    clock.set(clock.now() + hours * 3_600_000)
    await find(keys)
  }
  expect(fetches).toBe(1)
})
