import { createPublicKey, type KeyObject } from 'node:crypto'
import { encodePart } from '../maskinporten/access-token.js'
import { type Forge, partsOf } from './forge.js'
import { recipes } from './recipe.js'

/** Tokens that nobody with a published key has signed, RFC 7515 §5.2 and RFC 8725 §3.10. */
export const SIGNATURE_RECIPES = recipes({
  'bad-signature': {
    meaning: 'has a signature with one bit changed',
    reason: 'bad_signature',
    async make(forge) {
      const [header, payload, signature] = partsOf(await forge.issue())
      const bytes = Buffer.from(signature, 'base64url')
      bytes[100] = (bytes[100] ?? 0) ^ 1
      return `${header}.${payload}.${bytes.toString('base64url')}`
    },
  },
  'no-signature': {
    meaning: 'has lost its signature',
    reason: 'malformed_token',
    async make(forge) {
      const [header, payload] = partsOf(await forge.issue())
      return `${header}.${payload}.`
    },
  },
  'short-signature': {
    meaning: 'has lost a part of its signature',
    reason: 'bad_signature',
    async make(forge) {
      const [header, payload, signature] = partsOf(await forge.issue())
      return `${header}.${payload}.${signature.slice(0, 128)}`
    },
  },
  'tampered-claims': {
    meaning: 'had another consumer when it was signed',
    reason: 'bad_signature',
    async make(forge) {
      const [header, , signature] = partsOf(await forge.issue({ consumer: '555555555' }))
      return `${header}.${encodePart(forge.claims())}.${signature}`
    },
  },
  'tampered-header': {
    meaning: 'had another header when it was signed',
    reason: 'bad_signature',
    async make(forge) {
      const [, payload, signature] = partsOf(await forge.issue())
      return `${encodePart(forge.header({ typ: 'JWT' }))}.${payload}.${signature}`
    },
  },
  'strangers-key': {
    meaning: 'is signed with another key under the name of a published one',
    reason: 'bad_signature',
    make: async (forge) => forge.seal(forge.header(), forge.claims(), await forge.material.strangersKey()),
  },
  'embedded-key': {
    meaning: 'brings the key that it is signed with: jwk',
    reason: 'unknown_key',
    make: (forge) =>
      forgedWith(forge, (key) => ({ jwk: createPublicKey(key).export({ format: 'jwk' }), kid: 'own' })),
  },
  'linked-keys': {
    meaning: 'says where its keys are: jku',
    reason: 'unknown_key',
    make: (forge) => forgedWith(forge, () => ({ jku: 'https://attacker.example/jwk', kid: 'own' })),
  },
  'linked-certificate': {
    meaning: 'says where its certificate is: x5u, on the link-local address of a cloud’s metadata',
    reason: 'unknown_key',
    make: (forge) => forgedWith(forge, () => ({ x5u: 'http://169.254.169.254/latest', kid: 'own' })),
  },
  'embedded-certificate': {
    meaning: 'brings a certificate for the key that it is signed with: x5c',
    reason: 'bad_signature',
    make: (forge) =>
      forgedWith(forge, (key) => ({
        x5c: [createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64')],
      })),
  },
})

/** A stranger's token that tells where its key is to be found. */
async function forgedWith(
  forge: Forge,
  header: (key: KeyObject) => Record<string, unknown>,
): Promise<string> {
  const key = await forge.material.strangersKey()
  return forge.seal(forge.header(header(key)), forge.claims(), key)
}
