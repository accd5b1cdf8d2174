import { type Attack, forEach } from '../attack.js'
import { createKey, type Forge, ISSUER, type Members } from '../forge.js'

/** JWKs that the validator must not use, made from the known key. */
const UNUSABLE: readonly (readonly [string, (forge: Forge) => unknown])[] = [
  ['as a symmetric key', ({ known }) => ({ kty: 'oct', kid: known.jwk.kid, k: known.jwk.n })],
  [
    'as an elliptic-curve key',
    ({ known }) => ({ kty: 'EC', kid: known.jwk.kid, crv: 'P-256', x: 'AA', y: 'AA' }),
  ],
  ['as an octet key pair', ({ known }) => ({ kty: 'OKP', kid: known.jwk.kid, crv: 'Ed25519', x: 'AA' })],
  ['with an unknown type', ({ known }) => ({ ...known.jwk, kty: 'rsa' })],
  ['without a type', ({ known }) => ({ ...known.jwk, kty: undefined })],
  ['without its modulus', ({ known }) => ({ ...known.jwk, n: undefined })],
  ['without its exponent', ({ known }) => ({ ...known.jwk, e: undefined })],
  ['with a number for its modulus', ({ known }) => ({ ...known.jwk, n: 5 })],
  ['with a modulus in padded base64', ({ known }) => ({ ...known.jwk, n: `${known.jwk.n}==` })],
  ['with the exponent 1', ({ known }) => ({ ...known.jwk, e: 'AQ' })],
  ['with the exponent 3', ({ known }) => ({ ...known.jwk, e: 'Aw' })],
  ['with the exponent 0', ({ known }) => ({ ...known.jwk, e: 'AA' })],
  ['with an even exponent', ({ known }) => ({ ...known.jwk, e: 'AQAC' })],
  ['with an exponent of 64 bits', ({ known }) => ({ ...known.jwk, e: '__________8' })],
  ['with a zero byte before the exponent', ({ known }) => ({ ...known.jwk, e: 'AAEAAQ' })],
  ['with the use enc', ({ known }) => ({ ...known.jwk, use: 'enc' })],
  ['with a use that is not a string', ({ known }) => ({ ...known.jwk, use: ['sig'] })],
  ['with key_ops for signing only', ({ known }) => ({ ...known.jwk, key_ops: ['sign'] })],
  ['with key_ops for encrypting only', ({ known }) => ({ ...known.jwk, key_ops: ['encrypt', 'wrapKey'] })],
  ['with key_ops that is not a list', ({ known }) => ({ ...known.jwk, key_ops: 'verify' })],
  [
    'with its private members',
    ({ known }) => ({ ...known.privateKey.export({ format: 'jwk' }), kid: known.jwk.kid }),
  ],
  ['with only a private exponent', ({ known }) => ({ ...known.jwk, d: 'AQAB' })],
]

/** JWKs without a usable kid, made from the known key. */
const UNNAMED: readonly (readonly [string, (forge: Forge) => unknown])[] = [
  ['without a kid', ({ known }) => ({ ...known.jwk, kid: undefined })],
  ['with a number as kid', ({ known }) => ({ ...known.jwk, kid: 1 })],
  ['inside a nested list', ({ known }) => [known.jwk]],
]

const sized = (bits: number) => createKey('known-key', bits)

/** Answers of the key endpoint that contain no key. */
const NO_KEYS: readonly (readonly [string, unknown])[] = [
  ['an empty set', { keys: [] }],
  ['an empty object', {}],
  ['a list', []],
  ['null', null],
  ['an object as keys', { keys: {} }],
  ['a string as keys', { keys: 'known-key' }],
  ['a set within a set', { keys: [{ keys: [] }] }],
  ['a list of nulls', { keys: [null, null] }],
  ['a set inside __proto__', JSON.parse('{"__proto__":{"keys":[]}}')],
]

const METADATA: readonly (readonly [string, Members])[] = [
  ['another issuer', { issuer: 'https://evil.example/' }],
  ['the issuer without its slash', { issuer: ISSUER.slice(0, -1) }],
  ['the issuer in capitals', { issuer: ISSUER.toUpperCase() }],
  ['the issuer in a list', { issuer: [ISSUER] }],
  ['no issuer', { issuer: undefined }],
  ['the issuer of production', { issuer: 'https://maskinporten.no/' }],
  ['keys over http', { jwks_uri: 'http://test.maskinporten.no/jwk' }],
  ['keys on another host', { jwks_uri: 'https://evil.example/jwk' }],
  ['keys on the parent domain', { jwks_uri: 'https://maskinporten.no/jwk' }],
  ['keys on a subdomain', { jwks_uri: 'https://x.test.maskinporten.no/jwk' }],
  ['keys at another port', { jwks_uri: 'https://test.maskinporten.no:8443/jwk' }],
  ['keys at a URL with a password', { jwks_uri: 'https://u:p@test.maskinporten.no/jwk' }],
  ['keys in a file', { jwks_uri: 'file:///etc/keys' }],
  ['keys in a data: URL', { jwks_uri: 'data:application/json,{"keys":[]}' }],
  ['keys at a link-local address', { jwks_uri: 'http://169.254.169.254/jwk' }],
  ['keys at a path without a host', { jwks_uri: '/jwk' }],
  ['no address for keys', { jwks_uri: undefined }],
  ['a list of key addresses', { jwks_uri: [`${ISSUER}jwk`] }],
]

/** Attacks J01 to J03, J08 and D06, on metadata and keys. */
export const KEYS: readonly Attack[] = [
  ...forEach(
    METADATA,
    (metadata) => ({
      id: 'J01',
      token: (forge) => forge.token(),
      against: () => ({ metadata }),
      refused: 'keys_unavailable',
    }),
    (title) => `a valid token, where the metadata names ${title},`,
  ),
  {
    id: 'J02',
    title: 'a token of the test environment, at a production API whose key has the same kid,',
    token: (forge) => forge.token(),
    against: (forge) => ({
      options: { environment: 'prod', jwks: { keys: [{ ...forge.other.jwk, kid: forge.known.jwk.kid }] } },
    }),
    refused: 'bad_signature',
  },
  {
    id: 'J02',
    title: 'a token of the test environment, at a production API with the same key,',
    token: (forge) => forge.token(),
    against: (forge) => ({ options: { environment: 'prod', jwks: { keys: [forge.known.jwk] } } }),
    refused: 'wrong_environment',
  },
  ...forEach(
    UNUSABLE,
    (entry) => ({
      id: 'J03',
      token: (forge) => forge.token(),
      against: (forge) => ({ keys: { keys: [entry(forge), null, forge.bystander.jwk] } }),
      refused: 'unusable_key',
      mayFetch: true,
    }),
    (title) => `a token signed by a key that is published ${title}`,
  ),
  ...forEach(
    UNNAMED,
    (entry) => ({
      id: 'J03',
      token: (forge) => forge.token(),
      against: (forge) => ({ keys: { keys: [entry(forge), null, forge.bystander.jwk] } }),
      refused: 'unknown_key',
      mayFetch: true,
    }),
    (title) => `a token signed by a key that is published ${title}`,
  ),
  {
    id: 'J03',
    title: 'a token signed by the first of two keys with the same kid',
    token: (forge) => forge.token(),
    against: (forge) => ({
      keys: {
        keys: [forge.known.jwk, { ...forge.other.jwk, kid: forge.known.jwk.kid }, forge.bystander.jwk],
      },
    }),
    refused: 'unusable_key',
    mayFetch: true,
  },
  {
    id: 'J03',
    title: 'a token signed by the second of two keys with the same kid',
    token: (forge) => forge.forged(),
    against: (forge) => ({
      keys: {
        keys: [forge.known.jwk, { ...forge.other.jwk, kid: forge.known.jwk.kid }, forge.bystander.jwk],
      },
    }),
    refused: 'unusable_key',
    mayFetch: true,
  },
  ...forEach(
    [
      ['1,024 bits', 1024],
      ['2,047 bits', 2047],
    ],
    (bits: number) => {
      const key = sized(bits)
      return {
        id: 'J03',
        token: (forge: Forge) => forge.raw(forge.header, forge.claims, key),
        against: (forge: Forge) => ({ keys: { keys: [key.jwk, forge.bystander.jwk] } }),
        refused: 'unusable_key' as const,
        mayFetch: true as const,
      }
    },
    (title) => `a token signed by a key of ${title}`,
  ),
  ...forEach(
    [
      ['8,200 bits', 1025],
      ['16,384 bits', 2048],
    ],
    (bytes: number) => ({
      id: 'D06',
      token: (forge: Forge) => forge.token(),
      against: (forge: Forge) => ({
        keys: {
          keys: [
            { ...forge.known.jwk, n: Buffer.alloc(bytes, 0xff).toString('base64url') },
            forge.bystander.jwk,
          ],
        },
      }),
      refused: 'unusable_key' as const,
      mayFetch: true as const,
    }),
    (title) => `a token signed by a key of ${title}, which would be slow to verify,`,
  ),
  ...forEach(
    NO_KEYS,
    (keys) => ({
      id: 'J08',
      token: (forge) => forge.token(),
      against: () => ({ keys }),
      refused: 'keys_unavailable',
    }),
    (title) => `a valid token, where the key endpoint answers with ${title},`,
  ),
]
