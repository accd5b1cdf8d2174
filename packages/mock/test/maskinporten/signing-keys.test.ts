import { createPublicKey, X509Certificate } from 'node:crypto'
import { decodeProtectedHeader } from 'jose'
import { expect, it } from 'vitest'
import { createMockMaskinporten, createTestClock } from '../../src/index.js'

async function kit() {
  const mock = await createMockMaskinporten({ clock: createTestClock() })
  const kids = () => mock.jwks().keys.map(({ kid }) => kid)
  const signing = async () => decodeProtectedHeader(await mock.issueToken()).kid
  return { mock, kids, signing }
}

it('a signing key is published when it is announced, and signs after the next rotation', async () => {
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

it('a rotation publishes the new key unless `publish` is false, and the old key unless `keepOld` is false', async () => {
  const { mock, kids, signing } = await kit()
  const old = await signing()
  await mock.rotateKeys({ publish: false })
  expect(kids()).toEqual([old])
  expect(await signing()).not.toBe(old)
  mock.publishKeys()
  expect(kids()).toEqual([await signing(), old])
  await mock.rotateKeys({ keepOld: false })
  expect(kids()).toEqual([await signing()])
  await mock.rotateKeys({ keepOld: false, publish: false })
  expect(kids()).toEqual([])
})

it('a published key is a copy with only public members, no `alg`, and its own certificate', async () => {
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
    // Required by RFC 7517 §4.7.
    expect(certificate.publicKey.equals(createPublicKey({ key, format: 'jwk' }))).toBe(true)
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(certificate.raw.toString('base64')).toBe(own)
  }
  expect(new Set(keys.map(({ x5c }) => x5c?.[0])).size).toBe(3)
  const [certificate] = keys[0]?.x5c ?? []
  keys[0]?.x5c?.pop()
  expect(mock.jwks().keys[0]?.x5c).toEqual([certificate])
})

it.each([
  ['2026', Date.UTC(2026, 0, 1)],
  ['2049 (the expiry after 2049 is a GeneralizedTime)', Date.UTC(2049, 0, 1)],
  ['1970', 0],
])('a published key has a certificate that is valid by the mock’s clock in %s', async (_title, at) => {
  const mock = await createMockMaskinporten({ clock: createTestClock(at) })
  const certificate = new X509Certificate(Buffer.from(mock.jwks().keys[0]?.x5c?.[0] ?? '', 'base64'))
  const DAY = 86_400_000
  expect(Date.parse(certificate.validFrom)).toBe(at - DAY)
  expect(Date.parse(certificate.validTo)).toBe(at + 1000 * DAY)
})
