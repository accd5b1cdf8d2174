import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { dotenvOf } from '@portvakt/mock/internal'
import type { JWK } from 'jose'

/** A new key pair of a client, in every form that `keygen` can write. */
export interface KeyPair {
  readonly keyId: string
  readonly privateJwk: JWK
  readonly publicJwk: JWK
  /** PKCS#8. */
  readonly privatePem: string
  /** SubjectPublicKeyInfo. */
  readonly publicPem: string
}

/**
 * Makes an RSA key pair. The JWKs have `use` and `alg`: Digdir refuses a public JWK without `use`.
 *
 * @param bits 2048 or more
 * @see https://docs.digdir.no/docs/idporten/oidc/oidc_func_clientreg
 */
export async function makeKeyPair(bits: number, keyId: string): Promise<KeyPair> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: bits })
  const names = { kid: keyId, use: 'sig', alg: 'RS256' }
  return {
    keyId,
    privateJwk: { ...names, ...privateKey.export({ format: 'jwk' }) },
    publicJwk: { ...names, ...publicKey.export({ format: 'jwk' }) },
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
}

type Forms = Readonly<Record<string, (pair: KeyPair) => string>>

const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`

/**
 * The forms of the private key. The JWK is on one line, so that it fits in a variable and in a file that NAIS
 * mounts.
 */
export const PRIVATE_FORMS = {
  jwk: ({ privateJwk }) => `${JSON.stringify(privateJwk)}\n`,
  pem: ({ privatePem }) => privatePem,
  variable: ({ privateJwk }) => dotenvOf({ MASKINPORTEN_CLIENT_JWK: JSON.stringify(privateJwk) }),
} as const satisfies Forms

/**
 * The forms of the public key. Depending on its version, Digdir's self-service accepts a JWK, a list of
 * JWKs, or PEM. Digdir's API accepts a JWK set.
 */
export const PUBLIC_FORMS = {
  jwk: ({ publicJwk }) => json(publicJwk),
  list: ({ publicJwk }) => json([publicJwk]),
  set: ({ publicJwk }) => json({ keys: [publicJwk] }),
  pem: ({ publicPem }) => publicPem,
} as const satisfies Forms

export type PrivateForm = keyof typeof PRIVATE_FORMS
export type PublicForm = keyof typeof PUBLIC_FORMS
