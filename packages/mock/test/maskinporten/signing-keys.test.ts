import { createPublicKey, X509Certificate } from 'node:crypto'
import { createMaskinportenValidator } from '@portvakt/core'
import { decodeProtectedHeader } from 'jose'
import { describe, expect, it } from 'vitest'
import { createMockMaskinporten, createTestClock } from '../../src/index.js'

async function kit() {
  const clock = createTestClock()
  const mock = await createMockMaskinporten({ clock })
  const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch, clock })
  const verify = async () => {
    const token = await mock.issueToken({ scope: 'nav:a' })
    return validator.verify(token, 'nav:a').then(
      () => 'verified',
      (error: { reason: string }) => error.reason,
    )
  }
  const kids = () => mock.jwks().keys.map(({ kid }) => kid)
  const signing = async () => decodeProtectedHeader(await mock.issueToken()).kid
  return { clock, mock, verify, kids, signing }
}

describe('a key that is announced', () => {
  it('is published before it is used, and used after the next rotation', async () => {
    const { mock, kids, signing } = await kit()
    const old = await signing()
    await mock.announceKey()
    await mock.announceKey()
    const [first, announced, ...more] = kids()
    expect([first, more, await signing()]).toEqual([old, [], old])
    await mock.rotateKeys()
    expect(await signing()).toBe(announced)
    expect(kids()).toEqual([announced, old])
  })

  it('costs a validator that has seen it no fetch', async () => {
    const { mock, verify } = await kit()
    await mock.announceKey()
    expect(await verify()).toBe('verified')
    await mock.rotateKeys({ keepOld: false })
    expect(await verify()).toBe('verified')
    expect(mock.requests.jwk).toBe(1)
  })
})

describe('a key that is used before it is published', () => {
  it('signs tokens that nobody can verify until it is', async () => {
    const { clock, mock, verify, kids } = await kit()
    expect(await verify()).toBe('verified')
    await mock.rotateKeys({ publish: false })
    expect(kids()).toHaveLength(1)
    clock.advance(31)
    expect(await verify()).toBe('unknown_key')
    mock.publishKeys()
    expect(kids()).toHaveLength(2)
    clock.advance(31)
    expect(await verify()).toBe('verified')
  })

  it('may leave the set empty', async () => {
    const { mock, kids } = await kit()
    await mock.rotateKeys({ keepOld: false, publish: false })
    expect(kids()).toEqual([])
  })
})

describe('every published key', () => {
  const DAY = 86_400_000

  it('carries a certificate of that very key as `x5c`, and no `alg`', async () => {
    const { mock } = await kit()
    await mock.rotateKeys()
    await mock.announceKey()
    const { keys } = mock.jwks()
    expect(keys).toHaveLength(3)
    for (const key of keys) {
      expect(Object.keys(key).sort()).toEqual(['e', 'kid', 'kty', 'n', 'use', 'x5c'])
      const [own = '', ...more] = key.x5c ?? []
      expect(more).toEqual([])
      const certificate = new X509Certificate(Buffer.from(own, 'base64'))
      // RFC 7517 §4.7.
      expect(certificate.publicKey.equals(createPublicKey({ key, format: 'jwk' }))).toBe(true)
      expect(certificate.verify(certificate.publicKey)).toBe(true)
      expect(certificate.raw.toString('base64')).toBe(own)
    }
    expect(new Set(keys.map(({ x5c }) => x5c?.[0])).size).toBe(3)
  })

  it.each([
    ['2026', Date.UTC(2026, 0, 1)],
    ['2049, where the notation of dates changes within its life', Date.UTC(2049, 0, 1)],
    ['1970', 0],
  ])('has a certificate that is valid by the mock’s clock: %s', async (_title, at) => {
    const mock = await createMockMaskinporten({ clock: createTestClock(at) })
    const certificate = new X509Certificate(Buffer.from(mock.jwks().keys[0]?.x5c?.[0] ?? '', 'base64'))
    expect(Date.parse(certificate.validFrom)).toBe(at - DAY)
    expect(Date.parse(certificate.validTo)).toBe(at + 1000 * DAY)
  })

  it('is a copy: changing it changes nothing', async () => {
    const { mock } = await kit()
    const [certificate] = mock.jwks().keys[0]?.x5c ?? []
    mock.jwks().keys[0]?.x5c?.pop()
    expect(mock.jwks().keys[0]?.x5c).toEqual([certificate])
  })
})

it('the configuration of production is tested without a network', async () => {
  const clock = createTestClock()
  const mock = await createMockMaskinporten({ clock, issuer: 'https://maskinporten.no/' })
  const validator = createMaskinportenValidator({ environment: 'prod', fetch: mock.fetch, clock })
  await validator.verify(await mock.issueToken({ scope: 'nav:a' }), 'nav:a')
})

it('a token can claim any issuer, whoever signed it', async () => {
  const clock = createTestClock()
  const mock = await createMockMaskinporten({ clock })
  const { keys } = mock.jwks()
  const production = { issuer: 'https://maskinporten.no/', jwks: { keys }, clock }
  const token = await mock.issueToken({ scope: 'nav:a', issuer: production.issuer })
  const { issuer } = await createMaskinportenValidator(production).verify(token, 'nav:a')
  expect(issuer).toBe('https://maskinporten.no/')
})
