import { createPublicKey } from 'node:crypto'
import { parseEnv } from 'node:util'
import { type ClientKey, createMaskinportenClient } from '@portvakt/client'
import { createMockMaskinporten } from '@portvakt/mock'
import { expect, it } from 'vitest'
import { makeKeyPair, PRIVATE_FORMS, PUBLIC_FORMS } from '../src/key-pair.js'

const pair = await makeKeyPair(2048, 'my.key_1-a')
const publicJwk = JSON.parse(PUBLIC_FORMS.jwk(pair))

it('the public JWK of a key pair has the members that Digdir requires, and no private part', () => {
  const names = { kty: 'RSA', use: 'sig', alg: 'RS256', kid: 'my.key_1-a' }
  expect(publicJwk).toEqual({ ...names, n: expect.any(String), e: 'AQAB' })
})

it('each public form of a key pair contains the same key, and no private part', () => {
  expect(JSON.parse(PUBLIC_FORMS.list(pair))).toEqual([publicJwk])
  expect(JSON.parse(PUBLIC_FORMS.set(pair))).toEqual({ keys: [publicJwk] })
  const { kty, n, e } = createPublicKey(PUBLIC_FORMS.pem(pair)).export({ format: 'jwk' })
  expect({ kty, n, e }).toEqual({ kty: 'RSA', n: publicJwk.n, e: publicJwk.e })
  for (const form of Object.values(PUBLIC_FORMS)) {
    expect(form(pair)).not.toMatch(/PRIVATE|"(?:d|p|q|dp|dq|qi)"/)
  }
})

it('the private forms `jwk` and `variable` of a key pair each consist of one line', () => {
  for (const form of ['jwk', 'variable'] as const) expect(PRIVATE_FORMS[form](pair)).toMatch(/^[^\n]+\n$/)
})

const KEYS: readonly [form: string, key: ClientKey][] = [
  ['jwk', { jwk: PRIVATE_FORMS.jwk(pair) }],
  ['pem', { pem: PRIVATE_FORMS.pem(pair), keyId: pair.keyId }],
  ['variable', { jwk: parseEnv(PRIVATE_FORMS.variable(pair))['MASKINPORTEN_CLIENT_JWK'] ?? '' }],
]

it.each(KEYS)(
  'a client gets a token with the private key in the form %s, once the public key is registered',
  async (_form, key) => {
    const mock = await createMockMaskinporten()
    const scope = 'portvakt:demo.read'
    const { clientId } = await mock.addClient({ jwk: publicJwk, scopes: [scope] })
    const client = createMaskinportenClient({ issuer: mock.issuer, clientId, key, fetch: mock.fetch })
    expect(await client.getToken({ scope })).toMatchObject({ scope })
  },
)

it('makeKeyPair makes a key of the requested size', async () => {
  const { publicPem } = await makeKeyPair(3072, 'a')
  expect(createPublicKey(publicPem).asymmetricKeyDetails?.modulusLength).toBe(3072)
})
