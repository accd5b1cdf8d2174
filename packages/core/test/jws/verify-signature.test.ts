import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { expect, it, vi } from 'vitest'
import { type CompactJws, readCompactJws } from '../../src/jws/compact-jws.js'
import { type VerificationKey, verifySignature as verifyWith } from '../../src/jws/verify-signature.js'
import { reasonOf, reasonOfAsync } from '../refusal.js'

const verifySignature = (...given: [CompactJws, VerificationKey]) => verifyWith(...given, (claims) => claims)

const CLAIMS = { iss: 'https://test.maskinporten.no/' }
const rules = { algorithms: ['RS256', 'RS512'] as const, maxTokenLength: 16_384 }

const [ours, others] = [1, 2].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const signed = `${encoded({ alg: 'RS512', kid: 'k1' })}.${encoded(CLAIMS)}`
const signature = sign('sha512', Buffer.from(signed), ours ?? '').toString('base64url')
const jws = readCompactJws(`${signed}.${signature}`, rules)

const keyOf = (privateKey = ours): VerificationKey => {
  const publicKey = createPublicKey(privateKey ?? '')
  return { algorithm: 'RS512', verify: (data, given) => verify('sha512', data, publicKey, given) }
}
const inPromise = (key: VerificationKey): VerificationKey => ({
  ...key,
  verify: async (...given) => key.verify(...given),
})

it('verifySignature returns the claims of a token that the key has signed, and refuses any other token', () => {
  expect(verifySignature(jws, keyOf())).toBe(jws.unverifiedClaims)
  expect(reasonOf(() => verifySignature(jws, keyOf(others)))).toBe('bad_signature')
})

it.each([
  ['the platform’s', Promise],
  ['a patched', class Patched extends Promise<unknown> {}],
])('verifySignature awaits a promise while the global Promise is %s one', async (_, global) => {
  const [right, wrong] = [inPromise(keyOf()), inPromise(keyOf(others))]
  vi.stubGlobal('Promise', global)
  try {
    expect(await verifySignature(jws, right)).toBe(jws.unverifiedClaims)
    expect(await reasonOfAsync((async () => verifySignature(jws, wrong))())).toBe('bad_signature')
  } finally {
    vi.unstubAllGlobals()
  }
})

it('verifySignature refuses a result other than true', () => {
  for (const result of [1, 'true', {}, undefined, null]) {
    const key: VerificationKey = { algorithm: 'RS512', verify: () => result as never }
    expect(() => verifySignature(jws, key)).toThrow()
  }
})

it('verifySignature refuses a key for another algorithm without using it', () => {
  const unused = vi.fn(() => true)
  const key: VerificationKey = { algorithm: 'RS256', verify: unused }
  expect(reasonOf(() => verifySignature(jws, key))).toBe('bad_signature')
  expect(unused).not.toHaveBeenCalled()
})

it('verifySignature throws the platform’s own error, not a refusal, if the platform fails', async () => {
  const failure = new TypeError('no such member')
  const fail = () => {
    throw failure
  }
  expect(() => verifySignature(jws, { algorithm: 'RS512', verify: fail })).toThrow(failure)
  const rejecting: VerificationKey = { algorithm: 'RS512', verify: () => Promise.reject(failure) }
  await expect(verifySignature(jws, rejecting)).rejects.toBe(failure)
})
