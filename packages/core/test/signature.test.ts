import { CompactSign, type CryptoKey, generateKeyPair } from 'jose'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { type CompactJws, readCompactJws } from '../src/compact-jws.js'
import { verifySignature } from '../src/signature.js'
import { reasonOfAsync } from './refusal.js'

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

it('hands out the claims of a token that the key has signed', async () => {
  expect(await verifySignature(jws, pair.publicKey)).toEqual(CLAIMS)
})

it('refuses what another key has signed', async () => {
  expect(await reasonOfAsync(verifySignature(jws, other.publicKey))).toBe('bad_signature')
})

it('lets only the algorithm count by which the key was chosen', async () => {
  const renamed: CompactJws = { ...jws, algorithm: 'RS256' }
  expect(await reasonOfAsync(verifySignature(renamed, pair.publicKey))).toBe('bad_signature')
})

describe('what is no fault of the token stays what it is:', () => {
  test.each<[string, unknown]>([
    ['a bug', new TypeError('no such member')],
    ['an error of the platform', Object.assign(new Error('no memory'), { code: 'ERR_MEMORY' })],
    ['what only looks like an error of the library', { code: 'ERR_JWS_INVALID' }],
  ])('%s', async (_title, thrown) => {
    // The library asks a function for the key, where it is given one.
    const key = (() => Promise.reject(thrown)) as never
    await expect(verifySignature(jws, key)).rejects.toBe(thrown)
  })
})
