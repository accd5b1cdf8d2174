import { createMockMaskinporten } from '@portvakt/mock'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { reasonOfAsync, refusalOf } from './refusal.js'
import {
  bearer,
  clock,
  events,
  mock,
  newMock,
  READ,
  readToken,
  useWorld,
  validator,
} from './validator-world.js'

useWorld()

const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
const down = () => Promise.reject(new TypeError('fetch failed', { cause }))

it('without keys, a good token gets 503 with Retry-After, and not 401', async () => {
  const decision = await validator({ fetch: down }).decide(await bearer(), READ)
  expect(decision).toMatchObject({ denial: { status: 503, headers: { 'retry-after': '1' } } })
  expect(events.at(-1)).toMatchObject({
    reason: 'keys_unavailable',
    upstreamFailure: 'unreachable',
    upstreamFailureCode: 'ECONNREFUSED',
  })
})

it('each error during an outage has `retryAfter`, and its own `cause` object', async () => {
  const [token, shared] = [await readToken(), validator({ fetch: down })]
  const one = await refusalOf(shared.verify(token, READ))
  const other = await refusalOf(shared.verify(token, READ))
  for (const error of [one, other]) {
    expect(error).toMatchObject({
      reason: 'keys_unavailable',
      retryAfter: 1,
      cause: { reason: 'unreachable', code: 'ECONNREFUSED' },
    })
  }
  expect(other?.cause).not.toBe(one?.cause)
})

it('`ready` rejects with the same error that the application’s clock throws', async () => {
  const own = new Error('clock')
  const elapsed = () => {
    throw own
  }
  await expect(validator({ clock: { ...clock, elapsed } }).ready()).rejects.toBe(own)
})

it('tokens are verified with the loaded keys while Maskinporten is down', async () => {
  let fetch = mock.fetch
  const validated = validator({ fetch: (url, init) => fetch(url, init) })
  await validated.verify(await readToken(), READ)
  fetch = down
  clock.advance(23 * 3600)
  await expect(validated.verify(await readToken(), READ)).resolves.toBeDefined()
  await expect(validated.verify(await readToken(), READ)).resolves.toBeDefined()
  expect(events.at(-1)).toMatchObject({ allowed: true, upstreamFailure: 'unreachable' })
})

it('a token of another issuer gets the exact reason without a fetch while Maskinporten is down', async () => {
  const fetch = vi.fn(down)
  const prod = validator({ issuer: 'https://maskinporten.no/', fetch })
  expect(await reasonOfAsync(prod.verify(await readToken(), READ))).toBe('wrong_environment')
  expect(fetch).not.toHaveBeenCalled()
})

describe('keys', () => {
  beforeEach(newMock)

  it('the first 1,000 parallel requests cause one fetch of metadata and one fetch of keys', async () => {
    const [token, shared] = [await readToken(), validator()]
    await Promise.all(Array.from({ length: 1000 }, () => shared.verify(token, READ)))
    expect(mock.requests).toMatchObject({ metadata: 1, jwk: 1 })
  })

  it('a `waitUntil` that throws does not change a decision', async () => {
    const waitUntil = () => {
      throw new Error('the request has ended')
    }
    const shared = validator()
    for (const seconds of [0, 601, 901]) {
      clock.advance(seconds)
      const decision = await shared.decide(await bearer(), READ, { request: undefined, waitUntil })
      expect(decision).toMatchObject({ allowed: true })
      await turn()
    }
    expect(mock.requests.jwk).toBe(3)
  })

  it('a key rotation causes no refusal', async () => {
    const [old, shared] = [await readToken(), validator()]
    await shared.verify(old, READ)
    await mock.rotateKeys()
    for (const token of [old, await readToken(), old]) {
      await expect(shared.verify(token, READ)).resolves.toBeDefined()
    }
    expect(mock.requests.jwk).toBe(2)
  })

  it('a validator with the application’s own keys fetches nothing', async () => {
    const fetch = vi.fn(down)
    const offline = validator({ jwks: mock.jwks(), fetch })
    clock.advance(48 * 3600)
    await expect(offline.verify(await readToken(), READ)).resolves.toBeDefined()
    expect(fetch).not.toHaveBeenCalled()
  })

  it('keys are not used when the metadata belongs to another issuer', async () => {
    const other = await createMockMaskinporten({ issuer: 'https://evil.example/' })
    const fooled = validator({ fetch: (url, init) => other.fetch(url, init) })
    expect(await reasonOfAsync(fooled.verify(await readToken(), READ))).toBe('keys_unavailable')
    expect(events.at(-1)).toMatchObject({ upstreamFailure: 'wrong_metadata' })
    expect(events.at(-1)).not.toHaveProperty('upstreamFailureCode')
    expect(other.requests.jwk).toBe(0)
  })

  it('if metadata cannot be fetched, keys are fetched from the address in the last metadata', async () => {
    let metadataUp = true
    let keysUp = true
    const validated = validator({
      fetch: async (url, init) => {
        if (url.endsWith('/jwk') ? keysUp : metadataUp) return mock.fetch(url, init)
        throw new TypeError('fetch failed')
      },
    })
    await validated.ready()
    keysUp = false
    metadataUp = false
    clock.advance(700)
    await validated.verify(await readToken(), READ)
    await turn()
    keysUp = true
    for (let attempt = 0; attempt < 3; attempt++) {
      clock.advance(60)
      await validated.verify(await readToken(), READ)
      await turn()
    }
    expect(validated.health().lastFailure).toBeUndefined()
  })
})

const turn = () => new Promise((resolve) => setImmediate(resolve))

it('`health` has every member that a readiness probe needs', async () => {
  const validated = validator()
  expect(validated.health()).toEqual({ usable: false, keys: 0 })
  await validated.ready()
  clock.advance(5)
  expect(validated.health()).toEqual({ usable: true, keys: 1, keyAge: 5 })
})
