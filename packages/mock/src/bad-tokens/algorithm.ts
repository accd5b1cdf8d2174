import { constants, createHmac, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { encodePart } from '../maskinporten/access-token.js'
import { bad, type Forge, header, type Recipe } from './forge.js'

/** Tokens that try to choose the algorithm with which they are verified (RFC 8725 §2.1 and §3.1). */
export const ALGORITHM_RECIPES = {
  'alg-none': bad('malformed_token', 'names the algorithm none, and is unsigned', (forge) =>
    signedWith(forge, { alg: 'none' }, () => Buffer.of()),
  ),
  'alg-none-signed': unsupported('names the algorithm none, and has a signature', header({ alg: 'none' })),
  'alg-none-mixed-case': unsupported('says nOnE', header({ alg: 'nOnE' })),
  'alg-missing': unsupported('names no algorithm', header({ alg: undefined })),
  'alg-lower-case': unsupported('says rs256', header({ alg: 'rs256' })),
  'alg-inherited': unsupported(
    'names a member of every object as its algorithm: constructor',
    header({ alg: 'constructor' }),
  ),
  'alg-list': unsupported('names its algorithm in a list', header({ alg: ['RS256'] })),
  'alg-ps256': unsupported('has a valid signature, by an algorithm that Maskinporten does not use', (forge) =>
    signedWith(forge, { alg: 'PS256' }, (text, key) =>
      sign('sha256', text, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
    ),
  ),
  'alg-swapped': bad('bad_signature', 'names RS512, and is signed with RS256', header({ alg: 'RS512' })),
  'hs256-public-key': unsupported('is signed with the public key, as if that were a shared secret', (forge) =>
    hmacWith(forge, (key) => createPublicKey(key).export({ type: 'spki', format: 'pem' })),
  ),
  'hs256-public-jwk': unsupported('is signed with the public key as it is published', (forge) =>
    hmacWith(forge, () => JSON.stringify(forge.material.from.keys.published().keys[0])),
  ),
  'hs256-empty-key': unsupported('is signed with an empty secret', (forge) => hmacWith(forge, () => '')),
}

function hmacWith(forge: Forge, secretOf: (key: KeyObject) => string | Buffer): string {
  return signedWith(forge, { alg: 'HS256' }, (text, key) =>
    createHmac('sha256', secretOf(key)).update(text).digest(),
  )
}

/** Returns a good token with another header and signature. */
function signedWith(
  forge: Forge,
  changes: Record<string, unknown>,
  make: (text: Buffer, key: KeyObject) => Buffer,
): string {
  const text = `${encodePart(forge.header(changes))}.${encodePart(forge.claims())}`
  return `${text}.${make(Buffer.from(text), forge.material.from.keys.privateKey()).toString('base64url')}`
}

function unsupported(meaning: string, make: Recipe['make']): Recipe {
  return bad('unsupported_algorithm', meaning, make)
}
