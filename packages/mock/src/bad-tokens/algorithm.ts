import { constants, createHmac, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { encodePart } from '../maskinporten/access-token.js'
import type { Forge } from './forge.js'
import { recipes } from './recipe.js'

/** Tokens that choose how they are to be verified, RFC 8725 §2.1 and §3.1. */
export const ALGORITHM_RECIPES = recipes({
  'alg-none': {
    meaning: 'says that it is unsigned, and is',
    reason: 'malformed_token',
    make: (forge) => `${encodePart(forge.header({ alg: 'none' }))}.${encodePart(forge.claims())}.`,
  },
  'alg-none-signed': {
    meaning: 'says that it is unsigned, and has a signature',
    reason: 'unsupported_algorithm',
    make: (forge) => forge.headed({ alg: 'none' }),
  },
  'alg-none-mixed-case': {
    meaning: 'says nOnE',
    reason: 'unsupported_algorithm',
    make: (forge) => forge.headed({ alg: 'nOnE' }),
  },
  'alg-missing': {
    meaning: 'names no algorithm',
    reason: 'unsupported_algorithm',
    make: (forge) => forge.headed({ alg: undefined }),
  },
  'alg-lower-case': {
    meaning: 'says rs256',
    reason: 'unsupported_algorithm',
    make: (forge) => forge.headed({ alg: 'rs256' }),
  },
  'alg-inherited': {
    meaning: 'names an algorithm that every object has: constructor',
    reason: 'unsupported_algorithm',
    make: (forge) => forge.headed({ alg: 'constructor' }),
  },
  'alg-list': {
    meaning: 'names its algorithm in a list',
    reason: 'unsupported_algorithm',
    make: (forge) => forge.headed({ alg: ['RS256'] }),
  },
  'alg-ps256': {
    meaning: 'is rightly signed, with an algorithm that Maskinporten has not',
    reason: 'unsupported_algorithm',
    make: (forge) =>
      signedWith(forge, { alg: 'PS256' }, (text, key) =>
        sign('sha256', text, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
      ),
  },
  'alg-swapped': {
    meaning: 'says RS512 and is signed with RS256',
    reason: 'bad_signature',
    make: (forge) => forge.headed({ alg: 'RS512' }),
  },
  'hs256-public-key': {
    meaning: 'is signed with the public key, as if that were a shared secret',
    reason: 'unsupported_algorithm',
    make: (forge) =>
      signedWith(forge, { alg: 'HS256' }, (text, key) =>
        createHmac('sha256', createPublicKey(key).export({ type: 'spki', format: 'pem' }))
          .update(text)
          .digest(),
      ),
  },
  'hs256-public-jwk': {
    meaning: 'is signed with the public key as it is published',
    reason: 'unsupported_algorithm',
    make: (forge) =>
      signedWith(forge, { alg: 'HS256' }, (text) =>
        createHmac('sha256', JSON.stringify(forge.material.from.keys.published().keys[0]))
          .update(text)
          .digest(),
      ),
  },
  'hs256-empty-key': {
    meaning: 'is signed with an empty secret',
    reason: 'unsupported_algorithm',
    make: (forge) =>
      signedWith(forge, { alg: 'HS256' }, (text) => createHmac('sha256', '').update(text).digest()),
  },
})

/** A good token's text, signed in another way with the mock's own key. */
function signedWith(
  forge: Forge,
  header: Record<string, unknown>,
  make: (text: Buffer, key: KeyObject) => Buffer,
): string {
  const text = `${encodePart(forge.header(header))}.${encodePart(forge.claims())}`
  return `${text}.${make(Buffer.from(text), forge.material.from.keys.privateKey()).toString('base64url')}`
}
