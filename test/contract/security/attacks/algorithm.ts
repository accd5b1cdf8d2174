import { constants, sign } from 'node:crypto'
import { type Attack, asJson, asTitled, forEach, refused, type Table, tokens } from '../attack.js'
import { encode, type Forge } from '../forge.js'

const NO_ALGORITHM: Table<unknown> = {
  ...asJson(['none', 'None', 'NONE', 'nOnE', 'none ', '']),
  absent: undefined,
  null: null,
  'a number': 256,
  true: true,
  'an array': ['RS256'],
  'an object': { alg: 'RS256' },
}

const pem = ({ known }: Forge, type: 'spki' | 'pkcs1' = 'spki') =>
  known.publicKey.export({ type, format: 'pem' }).toString()

/** Public values that some libraries have accepted as an HMAC secret. */
const PUBLIC_SECRETS: Table<(forge: Forge) => string | Uint8Array> = {
  'the public key as SPKI in PEM': (forge) => pem(forge),
  'the public key as PKCS#1 in PEM': (forge) => pem(forge, 'pkcs1'),
  'the public key in PEM without its last newline': (forge) => pem(forge).trimEnd(),
  'the public key in PEM after a newline': (forge) => `\n${pem(forge)}`,
  'the public key in PEM after some text': (forge) => `Bag Attributes\n${pem(forge)}`,
  'the public key as SPKI in DER': ({ known }) => known.publicKey.export({ type: 'spki', format: 'der' }),
  'the public key as PKCS#1 in DER': ({ known }) => known.publicKey.export({ type: 'pkcs1', format: 'der' }),
  'the public key as a JWK': ({ known }) => JSON.stringify(known.jwk),
  'the public key as a JWK set': ({ known }) => JSON.stringify({ keys: [known.jwk] }),
  'the modulus of the public key': ({ known }) => Buffer.from(known.jwk.n, 'base64url'),
  'the modulus of the public key in base64url': ({ known }) => known.jwk.n,
  'an empty string': () => '',
}

const FOREIGN = [
  ...['PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'ES256K', 'EdDSA', 'Ed25519', 'RS1', 'RS256K'],
  ...['RS256 ', ' RS256', 'rs256', 'Rs256', 'RS256\0', 'RS256,RS384', 'RSA256', 'RSA-OAEP', 'dir'],
  ...['constructor', '__proto__', 'toString', 'hasOwnProperty'],
]

/** A token with a valid PSS signature by the known key. */
function pss(forge: Forge, alg: string): string {
  const signed = `${encode({ ...forge.header, alg })}.${encode(forge.claims)}`
  const signature = sign(`sha${alg.slice(2)}`, Buffer.from(signed), {
    key: forge.known.privateKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  })
  return `${signed}.${signature.toString('base64url')}`
}

/** Attacks S01 to S04, on the choice of the algorithm. */
export const ALGORITHM: readonly Attack[] = [
  ...forEach(NO_ALGORITHM, 'a token whose alg is %s and whose signature is genuine', (alg) =>
    refused('S01', 'unsupported_algorithm', (forge) => forge.token({}, { alg })),
  ),
  ...forEach(NO_ALGORITHM, 'a token whose alg is %s and whose signature is empty', (alg) =>
    refused('S01', 'malformed_token', (forge) => forge.unsigned({ ...forge.header, alg })),
  ),
  ...(['HS256', 'HS384', 'HS512'] as const).flatMap((alg) =>
    forEach(PUBLIC_SECRETS, `an ${alg} token whose secret is %s`, (secret) =>
      refused('S02', 'unsupported_algorithm', (forge) => forge.mac(alg, secret(forge))),
    ),
  ),
  ...forEach(asJson(FOREIGN), 'the algorithm %s', (alg) =>
    refused('S03', 'unsupported_algorithm', (forge) => forge.token({}, { alg })),
  ),
  ...forEach(asTitled(['PS256', 'PS384', 'PS512']), 'a genuine %s signature', (alg) =>
    refused('S03', 'unsupported_algorithm', (forge) => pss(forge, alg)),
  ),
  {
    title: 'a token whose supported alg differs from the alg of its key',
    ...refused('S04', 'unsupported_algorithm', (forge) => forge.token()),
    against: (forge) => ({ keys: { keys: [{ ...forge.known.jwk, alg: 'RS512' }] } }),
  },
  {
    title: 'a supported algorithm that the option `algorithms` omits',
    ...refused('S04', 'unsupported_algorithm', (forge) =>
      forge.raw({ ...forge.header, alg: 'RS512' }, forge.claims, forge.known, 'sha512'),
    ),
    against: () => ({ options: { algorithms: ['RS256'] } }),
  },
  ...tokens('S04', 'bad_signature', {
    'an RS256 token with a SHA-512 signature by a key without alg': (forge) =>
      forge.raw(forge.header, forge.claims, forge.known, 'sha512'),
    'an RS512 token with a SHA-256 signature by a key without alg': (forge) =>
      forge.token({}, { alg: 'RS512' }),
  }),
  ...forEach(
    asJson(['HS256', 'none', 'PS256', 'ES256', 'RS256 ', 'rs256', '', 0, ['RS256']]),
    'a token signed by a key with the alg %s',
    (alg) => ({
      ...refused('S04', 'unusable_key', (forge) => forge.token()),
      against: ({ bystander, known }) => ({ keys: { keys: [bystander.jwk, { ...known.jwk, alg }] } }),
      mayFetch: true,
    }),
  ),
]
