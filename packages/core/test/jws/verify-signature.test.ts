import { CompactSign, type CryptoKey, generateKeyPair } from 'jose'
import { beforeAll, expect, it, vi } from 'vitest'
import { type CompactJws, readCompactJws } from '../../src/jws/compact-jws.js'
import { verifySignature } from '../../src/jws/verify-signature.js'
import { reasonOfAsync } from '../refusal.js'

const CLAIMS = { iss: 'https://test.maskinporten.no/' }
const rules = { algorithms: ['RS256', 'RS512'] as const, maxTokenLength: 16_384 }

let pair: { privateKey: CryptoKey; publicKey: CryptoKey }
let other: { privateKey: CryptoKey; publicKey: CryptoKey }
let jws: CompactJws

beforeAll(async () => {
  pair = await generateKeyPair('RS512')
  other = await generateKeyPair('RS512')
  const payload = new TextEncoder().encode(JSON.stringify(CLAIMS))
  const token = await new CompactSign(payload)
    .setProtectedHeader({ alg: 'RS512', kid: 'k1' })
    .sign(pair.privateKey)
  jws = readCompactJws(token, rules)
})

it('verifySignature returns the claims of a token that the key has signed', async () => {
  expect(await verifySignature(jws, pair.publicKey)).toEqual(CLAIMS)
})

it('verifySignature refuses a token that another key has signed', async () => {
  expect(await reasonOfAsync(verifySignature(jws, other.publicKey))).toBe('bad_signature')
})

it('verifySignature refuses a key that was imported for another algorithm', async () => {
  const renamed: CompactJws = { ...jws, algorithm: 'RS256' }
  expect(await reasonOfAsync(verifySignature(renamed, pair.publicKey))).toBe('bad_signature')
})

it('verifySignature refuses a PSS key, even with the same hash', async () => {
  const { publicKey } = await generateKeyPair('PS512')
  expect(await reasonOfAsync(verifySignature(jws, publicKey))).toBe('bad_signature')
})

it('verifySignature refuses a signature that is truncated, extended or made for another text', async () => {
  const [header = '', payload = '', signature = ''] = jws.token.split('.')
  for (const token of [
    `${header}.${payload.slice(0, -2)}.${signature}`,
    `${header}x.${payload}.${signature}`,
    `${header}.${payload}.${signature.slice(0, -4)}`,
    `${header}.${payload}.${signature}AAAA`,
    `${header}.${payload}.${signature}=`,
  ]) {
    expect(await reasonOfAsync(verifySignature({ ...jws, token }, pair.publicKey))).toBe('bad_signature')
  }
})

it('verifySignature rejects with the platform’s own error, not with a refusal, if the platform fails', async () => {
  const failure = new TypeError('no such member')
  vi.spyOn(crypto.subtle, 'verify').mockRejectedValueOnce(failure)
  await expect(verifySignature(jws, pair.publicKey)).rejects.toBe(failure)
})
