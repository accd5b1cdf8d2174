import { createPublicKey, type KeyObject } from 'node:crypto'
import { encodePart } from '../maskinporten/access-token.js'
import { bad, type Forge, partsOf } from './forge.js'

/** Tokens without a valid signature by a published key (RFC 7515 §5.2, RFC 8725 §3.10). */
export const SIGNATURE_RECIPES = {
  'bad-signature': bad('bad_signature', 'has a signature with one bit changed', async (forge) => {
    const [header, payload, signature] = partsOf(await forge.issue())
    const bytes = Buffer.from(signature, 'base64url')
    bytes[100] = (bytes[100] ?? 0) ^ 1
    return `${header}.${payload}.${bytes.toString('base64url')}`
  }),
  'no-signature': bad('malformed_token', 'has lost its signature', async (forge) => {
    const [header, payload] = partsOf(await forge.issue())
    return `${header}.${payload}.`
  }),
  'short-signature': bad('bad_signature', 'has only a part of its signature', async (forge) => {
    const [header, payload, signature] = partsOf(await forge.issue())
    return `${header}.${payload}.${signature.slice(0, 128)}`
  }),
  'tampered-claims': bad('bad_signature', 'had another consumer when it was signed', async (forge) => {
    const [header, , signature] = partsOf(await forge.issue({ consumer: '555555555' }))
    return `${header}.${encodePart(forge.claims())}.${signature}`
  }),
  'tampered-header': bad('bad_signature', 'had another header when it was signed', async (forge) => {
    const [, payload, signature] = partsOf(await forge.issue())
    return `${encodePart(forge.header({ typ: 'JWT' }))}.${payload}.${signature}`
  }),
  'strangers-key': bad(
    'bad_signature',
    'is signed with another key, and has the kid of a published key',
    async (forge) => forge.seal(forge.claims(), forge.header(), await forge.material.strangersKey()),
  ),
  'embedded-key': bad('unknown_key', 'contains the key that it is signed with: jwk', (forge) =>
    forgedWith(forge, (key) => ({ jwk: createPublicKey(key).export({ format: 'jwk' }), kid: 'own' })),
  ),
  'linked-keys': bad('unknown_key', 'names the address of its keys: jku', (forge) =>
    forgedWith(forge, () => ({ jku: 'https://attacker.example/jwk', kid: 'own' })),
  ),
  'linked-certificate': bad(
    'unknown_key',
    'names the address of its certificate: x5u, the link-local address of a cloud’s metadata',
    (forge) => forgedWith(forge, () => ({ x5u: 'http://169.254.169.254/latest', kid: 'own' })),
  ),
  'embedded-certificate': bad(
    'bad_signature',
    'contains a certificate of the key that it is signed with: x5c',
    (forge) =>
      forgedWith(forge, (key) => ({
        x5c: [createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64')],
      })),
  ),
}

/** Makes a token that is signed with an unpublished key and whose header points to that key. */
async function forgedWith(
  forge: Forge,
  header: (key: KeyObject) => Record<string, unknown>,
): Promise<string> {
  const key = await forge.material.strangersKey()
  return forge.seal(forge.claims(), forge.header(header(key)), key)
}
