import { createMockMaskinporten, createTestClock, type MockMaskinporten } from '@portvakt/mock'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { readConfig } from '../../src/config/validator-options.js'
import { jwtVerifier } from '../../src/verifiers/jwt-verifier.js'
import type { Reading } from '../../src/verifiers/token-verifier.js'
import { reasonOf } from '../refusal.js'

const clock = createTestClock()
let mock: MockMaskinporten
beforeAll(async () => {
  mock = await createMockMaskinporten({ clock })
})

const reader = (fetch = mock.fetch) => jwtVerifier(readConfig({ issuer: mock.issuer, fetch, clock }))
const now = () => clock.now() / 1000

describe('how far the reading of a token came', () => {
  /** The last step that was begun, for a token that is refused in it. */
  async function lastStep(token: string): Promise<Pick<Reading, 'step' | 'keyId'>> {
    const reading: Reading = { now: now() }
    await Promise.resolve()
      .then(() => reader().read(token, reading, {}))
      .catch(() => undefined)
    const { now: _now, ...found } = reading
    return found
  }

  it('is told by the step in which it is refused', async () => {
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

describe('a token that no key could save', () => {
  it('earns no fetch, for it says so itself', async () => {
    const fetch = vi.fn(mock.fetch)
    const tokens = reader(fetch)
    const expired = await mock.issueToken({ scope: 'nav:a', expiresIn: -60 })
    await expect(tokens.read(expired, { now: now() }, {})).rejects.toMatchObject({ reason: 'expired' })
    const foreign = await mock.issueToken({ scope: 'nav:a', issuer: 'https://evil.example/' })
    await expect(tokens.readAtHand(foreign, { now: now() })).rejects.toMatchObject({ reason: 'wrong_issuer' })
    expect(fetch).not.toHaveBeenCalled()
  })

  it('is one that is no text', () => {
    expect(reasonOf(() => reader().read(undefined as never, { now: now() }, {}))).toBe('malformed_token')
  })
})

it('says why keys could not be had, until they are', async () => {
  const tokens = reader(() => Promise.reject(new TypeError('fetch failed')))
  expect(tokens.failure).toBeUndefined()
  const token = await mock.issueToken({ scope: 'nav:a' })
  await expect(tokens.read(token, { now: now() }, {})).rejects.toMatchObject({
    reason: 'keys_unavailable',
  })
  expect(tokens.failure?.reason).toBe('unreachable')
})

describe('a token that is read without fetching', () => {
  it('is read once the keys are there, and is nothing known before', async () => {
    const tokens = reader()
    const token = await mock.issueToken({ scope: 'nav:a' })
    expect(await tokens.readAtHand(token, { now: now() })).toBeUndefined()
    await tokens.ready()
    expect((await tokens.readAtHand(token, { now: now() }))?.token.scopes).toEqual(['nav:a'])
  })
})

describe('by the runtime,', () => {
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
    await tokens.read(await mock.issueToken({ scope: 'nav:a' }), { now: now() }, {})
    const background = after.mock.calls.filter(([, , inBackground]) => inBackground)
    expect(background).toHaveLength(timers)
    after.mockRestore()
  })

  it('a readiness probe works without a navigator', () => {
    vi.stubGlobal('navigator', undefined)
    expect(reader().health().usable).toBe(false)
  })
})
