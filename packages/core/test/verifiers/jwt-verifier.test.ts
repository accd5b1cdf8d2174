import { createMockMaskinporten, createTestClock, type MockMaskinporten } from '@portvakt/mock'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { readConfig } from '../../src/config/validator-options.js'
import { jwtVerifier } from '../../src/verifiers/jwt-verifier.js'
import type { Reading } from '../../src/verifiers/token-verifier.js'
import { reasonOf, reasonOfAsync } from '../refusal.js'

const clock = createTestClock()
let mock: MockMaskinporten
beforeAll(async () => {
  mock = await createMockMaskinporten({ clock })
})

const reader = (fetch = mock.fetch) => jwtVerifier(readConfig({ issuer: mock.issuer, fetch, clock }))
const now = () => clock.now() / 1000

describe('the step of a reading', () => {
  /** The last step that was begun, for a token that is refused in it. */
  async function lastStep(token: string): Promise<Pick<Reading, 'step' | 'keyId'>> {
    const reading: Reading = { now: now() }
    await Promise.resolve()
      .then(() => reader().verify(token, reading, {}))
      .catch(() => undefined)
    const { now: _now, ...found } = reading
    return found
  }

  it('`reading.step` is the step in which a token is refused', async () => {
    const token = await mock.issueToken({ scope: 'nav:a' })
    const keyId = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid
    const unknown = await mock.issueToken({ scope: 'nav:a', header: { kid: 'new' } })
    const [head, , signature] = token.split('.')
    const [, payload] = (await mock.issueToken({ scope: 'nav:b' })).split('.')
    const incomplete = await mock.issueToken({ scope: 'nav:a', claims: { consumer: 7 } })

    expect(await lastStep('a.b')).toEqual({ step: 'spelling' })
    expect(await lastStep(unknown)).toEqual({ step: 'key', keyId: 'new' })
    expect(await lastStep([head, payload, signature].join('.'))).toEqual({ step: 'signature', keyId })
    expect(await lastStep(incomplete)).toEqual({ step: 'claims', keyId })
    expect(reader().steps).toEqual(['spelling', 'key', 'signature', 'claims'])
  })
})

describe('a non-string token', () => {
  it('a non-string token is rejected as malformed', () => {
    expect(reasonOf(() => reader().verify(undefined as never, { now: now() }, {}))).toBe('malformed_token')
  })
})

describe('a token whose own claims rule it out', () => {
  const [OVERDUE, EXPIRED] = [901, 86_401]

  /** A verifier whose keys were loaded so many seconds ago, and how often it has fetched since. */
  async function loadedReader(age: number) {
    const fetch = vi.fn(mock.fetch)
    const tokens = reader(fetch)
    await tokens.ready()
    clock.advance(age)
    fetch.mockClear()
    return { tokens, fetch }
  }
  const verify = (tokens: ReturnType<typeof reader>, token: string) =>
    reasonOfAsync(Promise.resolve(tokens.verify(token, { now: now() }, {})))
  /** Expired, and signed for other claims. */
  async function forged(): Promise<string> {
    const [head, payload] = (await mock.issueToken({ scope: 'nav:a', expiresIn: -60 })).split('.')
    const [, , signature] = (await mock.issueToken({ scope: 'nav:b' })).split('.')
    return [head, payload, signature].join('.')
  }

  it('a token that its claims rule out causes no fetch before the first keys are loaded', async () => {
    const fetch = vi.fn(mock.fetch)
    const tokens = reader(fetch)
    expect(await verify(tokens, await mock.issueToken({ scope: 'nav:a', expiresIn: -60 }))).toBe('expired')
    const foreign = await mock.issueToken({ scope: 'nav:a', issuer: 'https://evil.example/' })
    expect(await verify(tokens, foreign)).toBe('wrong_issuer')
    expect(await reasonOfAsync(tokens.verifyOffline(foreign, { now: now() }))).toBe('wrong_issuer')
    expect(fetch).not.toHaveBeenCalled()
  })

  it('a token that its claims rule out causes no fetch by an unknown key', async () => {
    const { tokens, fetch } = await loadedReader(1)
    const token = await mock.issueToken({ scope: 'nav:a', expiresIn: -60, header: { kid: 'new' } })
    expect(await verify(tokens, token)).toBe('expired')
    expect(await reasonOfAsync(tokens.verifyOffline(token, { now: now() }))).toBe('expired')
    expect(fetch).not.toHaveBeenCalled()
  })

  it('an expired token causes no fetch when the keys have expired: `expired`, even if forged', async () => {
    const { tokens, fetch } = await loadedReader(EXPIRED)
    const token = await forged()
    expect(await verify(tokens, token)).toBe('expired')
    expect(await reasonOfAsync(tokens.verifyOffline(token, { now: now() }))).toBe('expired')
    expect(fetch).not.toHaveBeenCalled()
  })

  it('an expired token awaits the refresh of overdue keys as every token does: `bad_signature` if forged', async () => {
    const { tokens, fetch } = await loadedReader(OVERDUE)
    const token = await forged()
    expect(await tokens.verifyOffline(token, { now: now() })).toBeUndefined()
    expect(fetch).not.toHaveBeenCalled()
    expect(await verify(tokens, token)).toBe('bad_signature')
    expect(fetch).toHaveBeenCalled()
  })

  it('an expired token with a key that the refresh of overdue keys did not find causes no second fetch', async () => {
    const { tokens, fetch } = await loadedReader(OVERDUE)
    const token = await mock.issueToken({ scope: 'nav:a', expiresIn: -60, header: { kid: 'new' } })
    expect(await verify(tokens, token)).toBe('expired')
    const afterRefresh = fetch.mock.calls.length
    expect(await verify(tokens, token)).toBe('expired')
    expect(fetch).toHaveBeenCalledTimes(afterRefresh)
  })

  it.each([
    ['fresh', 0],
    ['stale', 700],
  ])(
    'the signature of an expired token is verified first when the keys are %s: `bad_signature` if forged',
    async (_title, age) => {
      const { tokens } = await loadedReader(age)
      const token = await forged()
      expect(await verify(tokens, token)).toBe('bad_signature')
      expect(await reasonOfAsync(tokens.verifyOffline(token, { now: now() }))).toBe('bad_signature')
    },
  )

  it('the signature of an expired token is verified first in an outage, when old keys serve without waiting', async () => {
    const fetch = vi.fn(mock.fetch)
    const tokens = reader(fetch)
    await tokens.ready()
    fetch.mockRejectedValue(new TypeError('fetch failed'))
    clock.advance(OVERDUE)
    const valid = await mock.issueToken({ scope: 'nav:a' })
    await tokens.verify(valid, { now: now() }, {})
    expect(await verify(tokens, await forged())).toBe('bad_signature')
  })
})

it('`failure` says why keys could not be fetched, until a fetch succeeds', async () => {
  const tokens = reader(() => Promise.reject(new TypeError('fetch failed')))
  expect(tokens.failure).toBeUndefined()
  const token = await mock.issueToken({ scope: 'nav:a' })
  await expect(tokens.verify(token, { now: now() }, {})).rejects.toMatchObject({
    reason: 'keys_unavailable',
  })
  expect(tokens.failure?.reason).toBe('unreachable')
})

describe('verifyOffline', () => {
  it('`verifyOffline` returns claims once keys are loaded, and undefined before', async () => {
    const tokens = reader()
    const token = await mock.issueToken({ scope: 'nav:a' })
    expect(await tokens.verifyOffline(token, { now: now() })).toBeUndefined()
    await tokens.ready()
    expect((await tokens.verifyOffline(token, { now: now() }))?.token.scopes).toEqual(['nav:a'])
  })
})

describe('the runtime decides:', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  it.each([
    ['has keys fetched in the background', 'Node.js/22', 1],
    ['begins nothing on Cloudflare Workers, where it would die with the request', 'Cloudflare-Workers', 0],
  ])('a readiness probe %s', (_title, userAgent, fetches) => {
    vi.stubGlobal('navigator', { userAgent })
    const fetch = vi.fn(mock.fetch)
    expect(reader(fetch).health().usable).toBe(false)
    expect(fetch).toHaveBeenCalledTimes(fetches)
  })

  it.each([
    ['is started for a verified token', 'Node.js/22', 1],
    ['is not started on Cloudflare Workers, where it would die with the request', 'Cloudflare-Workers', 0],
  ])('a timer %s', async (_title, userAgent, timers) => {
    vi.stubGlobal('navigator', { userAgent })
    const after = vi.spyOn(clock, 'after')
    const tokens = jwtVerifier(readConfig({ issuer: mock.issuer, jwks: mock.jwks(), clock }))
    await tokens.ready()
    await tokens.verify(await mock.issueToken({ scope: 'nav:a' }), { now: now() }, {})
    const background = after.mock.calls.filter(([, , inBackground]) => inBackground)
    expect(background).toHaveLength(timers)
    after.mockRestore()
  })

  it('a readiness probe works without a navigator', () => {
    vi.stubGlobal('navigator', undefined)
    expect(reader().health().usable).toBe(false)
  })
})
