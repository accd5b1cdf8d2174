import { constants, createHmac, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { encodePart } from '../maskinporten/access-token.js'
import { bad, type Forge } from './forge.js'

/** Tokens that choose how they are verified, RFC 8725 §2.1 and §3.1. */
export const ALGORITHM_RECIPES = {
  'alg-none': bad('malformed_token', 'says that it is unsigned, and is', (forge) =>
    signedWith(forge, { alg: 'none' }, () => Buffer.of()),
  ),
  'alg-none-signed': bad('unsupported_algorithm', 'says that it is unsigned, and has a signature', {
    header: { alg: 'none' },
  }),
  'alg-none-mixed-case': bad('unsupported_algorithm', 'says nOnE', { header: { alg: 'nOnE' } }),
  'alg-missing': bad('unsupported_algorithm', 'names no algorithm', { header: { alg: undefined } }),
  'alg-lower-case': bad('unsupported_algorithm', 'says rs256', { header: { alg: 'rs256' } }),
  'alg-inherited': bad(
    'unsupported_algorithm',
    'names a member of every object as its algorithm: constructor',
    {
      header: { alg: 'constructor' },
    },
  ),
  'alg-list': bad('unsupported_algorithm', 'names its algorithm in a list', { header: { alg: ['RS256'] } }),
  'alg-ps256': bad(
    'unsupported_algorithm',
    'has a valid signature, by an algorithm that Maskinporten does not use',
    (forge) =>
      signedWith(forge, { alg: 'PS256' }, (text, key) =>
        sign('sha256', text, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
      ),
  ),
  'alg-swapped': bad('bad_signature', 'says RS512 and is signed with RS256', { header: { alg: 'RS512' } }),
  'hs256-public-key': bad(
    'unsupported_algorithm',
    'is signed with the public key, as if that were a shared secret',
    (forge) => hmacWith(forge, (key) => createPublicKey(key).export({ type: 'spki', format: 'pem' })),
  ),
  'hs256-public-jwk': bad(
    'unsupported_algorithm',
    'is signed with the public key as it is published',
    (forge) => hmacWith(forge, () => JSON.stringify(forge.material.from.keys.published().keys[0])),
  ),
  'hs256-empty-key': bad('unsupported_algorithm', 'is signed with an empty secret', (forge) =>
    hmacWith(forge, () => ''),
  ),
}

function hmacWith(forge: Forge, secretOf: (key: KeyObject) => string | Buffer): string {
  return signedWith(forge, { alg: 'HS256' }, (text, key) =>
    createHmac('sha256', secretOf(key)).update(text).digest(),
  )
}

/** The header and claims of a good token, with another header and signature. */
function signedWith(
  forge: Forge,
  header: Record<string, unknown>,
  make: (text: Buffer, key: KeyObject) => Buffer,
): string {
  const text = `${encodePart(forge.header(header))}.${encodePart(forge.claims())}`
  return `${text}.${make(Buffer.from(text), forge.material.from.keys.privateKey()).toString('base64url')}`
}
