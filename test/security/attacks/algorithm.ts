import { constants, sign } from 'node:crypto'
import { type Attack, asJson, forEach } from '../attack.js'
import { encode, type Forge } from '../forge.js'

const NO_ALGORITHM: readonly (readonly [string, unknown])[] = [
  ...['none', 'None', 'NONE', 'nOnE', 'none ', ''].map((alg) => [JSON.stringify(alg), alg] as const),
  ['absent', undefined],
  ['null', null],
  ['a number', 256],
  ['true', true],
  ['an array', ['RS256']],
  ['an object', { alg: 'RS256' }],
]

const pem = (forge: Forge, type: 'spki' | 'pkcs1') =>
  forge.known.publicKey.export({ type, format: 'pem' }).toString()

/** The public data that libraries have accepted as an HMAC secret. */
const PUBLIC_SECRETS: readonly (readonly [string, (forge: Forge) => string | Uint8Array])[] = [
  ['as SPKI in PEM', (forge) => pem(forge, 'spki')],
  ['as PKCS#1 in PEM', (forge) => pem(forge, 'pkcs1')],
  ['in PEM without its last newline', (forge) => pem(forge, 'spki').trimEnd()],
  ['in PEM after a newline', (forge) => `\n${pem(forge, 'spki')}`],
  ['in PEM after some text', (forge) => `Bag Attributes\n${pem(forge, 'spki')}`],
  ['as SPKI in DER', (forge) => forge.known.publicKey.export({ type: 'spki', format: 'der' })],
  ['as PKCS#1 in DER', (forge) => forge.known.publicKey.export({ type: 'pkcs1', format: 'der' })],
  ['as a JWK', (forge) => JSON.stringify(forge.known.jwk)],
  ['as a JWK set', (forge) => JSON.stringify({ keys: [forge.known.jwk] })],
  ['as its modulus', (forge) => Buffer.from(forge.known.jwk.n, 'base64url')],
  ['as its modulus in base64url', (forge) => forge.known.jwk.n],
  ['as an empty string', () => ''],
]

const FOREIGN = [
  ...['PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'ES256K', 'EdDSA', 'Ed25519', 'RS1', 'RS256K'],
  ...['RS256 ', ' RS256', 'rs256', 'Rs256', 'RS256\0', 'RS256,RS384', 'RSA256', 'RSA-OAEP', 'dir'],
  ...['constructor', '__proto__', 'toString', 'hasOwnProperty'],
]

/** A valid PSS signature by the known key. */
function pss(forge: Forge, alg: 'PS256' | 'PS384' | 'PS512'): string {
  const signed = `${encode({ ...forge.header, alg })}.${encode(forge.claims)}`
  const signature = sign(`sha${alg.slice(2)}`, Buffer.from(signed), {
    key: forge.known.privateKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  })
  return `${signed}.${signature.toString('base64url')}`
}

/** A published key with an unsupported algorithm. */
const keyNaming = (alg: unknown) => (forge: Forge) => ({
  keys: { keys: [forge.bystander.jwk, { ...forge.known.jwk, alg }] },
})

/** S01 to S04: the choice of the algorithm. */
export const ALGORITHM: readonly Attack[] = [
  ...forEach(
    NO_ALGORITHM,
    (alg) => ({ id: 'S01', token: (forge) => forge.token({}, { alg }), refused: 'unsupported_algorithm' }),
    (title) => `a token with the algorithm ${title} and a genuine signature`,
  ),
  ...forEach(
    NO_ALGORITHM,
    (alg) => ({
      id: 'S01',
      token: (forge) => forge.unsigned({ ...forge.header, alg }),
      refused: 'malformed_token',
    }),
    (title) => `a token with the algorithm ${title} and without a signature`,
  ),
  ...(['HS256', 'HS384', 'HS512'] as const).flatMap((alg) =>
    forEach(
      PUBLIC_SECRETS,
      (secret) => ({
        id: 'S02',
        token: (forge) => forge.mac(alg, secret(forge)),
        refused: 'unsupported_algorithm',
      }),
      (title) => `${alg} with the public key ${title} as secret`,
    ),
  ),
  ...forEach(
    asJson(FOREIGN),
    (alg) => ({ id: 'S03', token: (forge) => forge.token({}, { alg }), refused: 'unsupported_algorithm' }),
    (title) => `the algorithm ${title}`,
  ),
  ...forEach(
    (['PS256', 'PS384', 'PS512'] as const).map((alg) => [alg, alg] as const),
    (alg) => ({ id: 'S03', token: (forge) => pss(forge, alg), refused: 'unsupported_algorithm' }),
    (title) => `a genuine ${title} signature`,
  ),
  {
    id: 'S04',
    title: 'a supported algorithm other than that of the key',
    token: (forge) => forge.token(),
    against: (forge) => ({ keys: { keys: [{ ...forge.known.jwk, alg: 'RS512' }] } }),
    refused: 'unsupported_algorithm',
  },
  {
    id: 'S04',
    title: 'an algorithm outside the option `algorithms`',
    token: (forge) => forge.raw({ ...forge.header, alg: 'RS512' }, forge.claims, forge.known, 'sha512'),
    against: () => ({ options: { algorithms: ['RS256'] } }),
    refused: 'unsupported_algorithm',
  },
  {
    id: 'S04',
    title: 'RS256 with a SHA-512 signature, by a key without an algorithm,',
    token: (forge) => forge.raw(forge.header, forge.claims, forge.known, 'sha512'),
    refused: 'bad_signature',
  },
  {
    id: 'S04',
    title: 'RS512 with a SHA-256 signature, by a key without an algorithm,',
    token: (forge) => forge.token({}, { alg: 'RS512' }),
    refused: 'bad_signature',
  },
  ...forEach(
    asJson(['HS256', 'none', 'PS256', 'ES256', 'RS256 ', 'rs256', '', 0, ['RS256']]),
    (alg) => ({
      id: 'S04',
      token: (forge) => forge.token(),
      against: keyNaming(alg),
      refused: 'unusable_key',
      mayFetch: true,
    }),
    (title) => `a token by a key with the algorithm ${title}`,
  ),
]
