import { createMaskinportenValidator } from '@portvakt/core'
import { decodeProtectedHeader } from 'jose'
import { describe, expect, it } from 'vitest'
import { createMockMaskinporten, createTestClock } from '../src/index.js'

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
