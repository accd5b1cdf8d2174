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

/** Public values that some libraries have accepted as an HMAC secret. */
const PUBLIC_SECRETS: readonly (readonly [string, (forge: Forge) => string | Uint8Array])[] = [
  ['the public key as SPKI in PEM', (forge) => pem(forge, 'spki')],
  ['the public key as PKCS#1 in PEM', (forge) => pem(forge, 'pkcs1')],
  ['the public key in PEM without its last newline', (forge) => pem(forge, 'spki').trimEnd()],
  ['the public key in PEM after a newline', (forge) => `\n${pem(forge, 'spki')}`],
  ['the public key in PEM after some text', (forge) => `Bag Attributes\n${pem(forge, 'spki')}`],
  ['the public key as SPKI in DER', (forge) => forge.known.publicKey.export({ type: 'spki', format: 'der' })],
  [
    'the public key as PKCS#1 in DER',
    (forge) => forge.known.publicKey.export({ type: 'pkcs1', format: 'der' }),
  ],
  ['the public key as a JWK', (forge) => JSON.stringify(forge.known.jwk)],
  ['the public key as a JWK set', (forge) => JSON.stringify({ keys: [forge.known.jwk] })],
  ['the modulus of the public key', (forge) => Buffer.from(forge.known.jwk.n, 'base64url')],
  ['the modulus of the public key in base64url', (forge) => forge.known.jwk.n],
  ['an empty string', () => ''],
]

const FOREIGN = [
  ...['PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'ES256K', 'EdDSA', 'Ed25519', 'RS1', 'RS256K'],
  ...['RS256 ', ' RS256', 'rs256', 'Rs256', 'RS256\0', 'RS256,RS384', 'RSA256', 'RSA-OAEP', 'dir'],
  ...['constructor', '__proto__', 'toString', 'hasOwnProperty'],
]

/** A token with a valid PSS signature by the known key. */
function pss(forge: Forge, alg: 'PS256' | 'PS384' | 'PS512'): string {
  const signed = `${encode({ ...forge.header, alg })}.${encode(forge.claims)}`
  const signature = sign(`sha${alg.slice(2)}`, Buffer.from(signed), {
    key: forge.known.privateKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  })
  return `${signed}.${signature.toString('base64url')}`
}

/** Publishes the known key with this `alg`, next to another key. */
const keyNaming = (alg: unknown) => (forge: Forge) => ({
  keys: { keys: [forge.bystander.jwk, { ...forge.known.jwk, alg }] },
})

/** Attacks S01 to S04, on the choice of the algorithm. */
export const ALGORITHM: readonly Attack[] = [
  ...forEach(
    NO_ALGORITHM,
    (alg) => ({ id: 'S01', token: (forge) => forge.token({}, { alg }), refused: 'unsupported_algorithm' }),
    (title) => `a token whose alg is ${title} and whose signature is genuine`,
  ),
  ...forEach(
    NO_ALGORITHM,
    (alg) => ({
      id: 'S01',
      token: (forge) => forge.unsigned({ ...forge.header, alg }),
      refused: 'malformed_token',
    }),
    (title) => `a token whose alg is ${title} and whose signature is empty`,
  ),
  ...(['HS256', 'HS384', 'HS512'] as const).flatMap((alg) =>
    forEach(
      PUBLIC_SECRETS,
      (secret) => ({
        id: 'S02',
        token: (forge) => forge.mac(alg, secret(forge)),
        refused: 'unsupported_algorithm',
      }),
      (title) => `an ${alg} token whose secret is ${title}`,
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
    title: 'a token whose supported alg differs from the alg of its key',
    token: (forge) => forge.token(),
    against: (forge) => ({ keys: { keys: [{ ...forge.known.jwk, alg: 'RS512' }] } }),
    refused: 'unsupported_algorithm',
  },
  {
    id: 'S04',
    title: 'a supported algorithm that the option `algorithms` omits',
    token: (forge) => forge.raw({ ...forge.header, alg: 'RS512' }, forge.claims, forge.known, 'sha512'),
    against: () => ({ options: { algorithms: ['RS256'] } }),
    refused: 'unsupported_algorithm',
  },
  {
    id: 'S04',
    title: 'an RS256 token with a SHA-512 signature by a key without alg',
    token: (forge) => forge.raw(forge.header, forge.claims, forge.known, 'sha512'),
    refused: 'bad_signature',
  },
  {
    id: 'S04',
    title: 'an RS512 token with a SHA-256 signature by a key without alg',
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
    (title) => `a token signed by a key with the alg ${title}`,
  ),
]
