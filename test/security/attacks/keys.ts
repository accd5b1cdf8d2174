import { type Attack, forEach } from '../attack.js'
import { createKey, type Forge, ISSUER, type Members } from '../forge.js'

/** The genuine key, published in a way that must not make it a key of ours. */
const UNUSABLE: readonly (readonly [string, (forge: Forge) => unknown])[] = [
  ['as a secret', ({ known }) => ({ kty: 'oct', kid: known.jwk.kid, k: known.jwk.n })],
  [
    'as an elliptic curve',
    ({ known }) => ({ kty: 'EC', kid: known.jwk.kid, crv: 'P-256', x: 'AA', y: 'AA' }),
  ],
  ['as an octet key pair', ({ known }) => ({ kty: 'OKP', kid: known.jwk.kid, crv: 'Ed25519', x: 'AA' })],
  ['as a kind that nobody knows', ({ known }) => ({ ...known.jwk, kty: 'rsa' })],
  ['without a kind', ({ known }) => ({ ...known.jwk, kty: undefined })],
  ['without its modulus', ({ known }) => ({ ...known.jwk, n: undefined })],
  ['without its exponent', ({ known }) => ({ ...known.jwk, e: undefined })],
  ['with a number for its modulus', ({ known }) => ({ ...known.jwk, n: 5 })],
  ['with a modulus in padded base64', ({ known }) => ({ ...known.jwk, n: `${known.jwk.n}==` })],
  ['with the exponent 1', ({ known }) => ({ ...known.jwk, e: 'AQ' })],
  ['with the exponent 3', ({ known }) => ({ ...known.jwk, e: 'Aw' })],
  ['with the exponent 0', ({ known }) => ({ ...known.jwk, e: 'AA' })],
  ['with an even exponent', ({ known }) => ({ ...known.jwk, e: 'AQAC' })],
  ['with an exponent of 64 bits', ({ known }) => ({ ...known.jwk, e: '__________8' })],
  ['with an exponent after a zero', ({ known }) => ({ ...known.jwk, e: 'AAEAAQ' })],
  ['for encrypting', ({ known }) => ({ ...known.jwk, use: 'enc' })],
  ['for a use that is no string', ({ known }) => ({ ...known.jwk, use: ['sig'] })],
  ['for signing only', ({ known }) => ({ ...known.jwk, key_ops: ['sign'] })],
  ['for encrypting only', ({ known }) => ({ ...known.jwk, key_ops: ['encrypt', 'wrapKey'] })],
  ['for operations that are no list', ({ known }) => ({ ...known.jwk, key_ops: 'verify' })],
  [
    'with its private half',
    ({ known }) => ({ ...known.privateKey.export({ format: 'jwk' }), kid: known.jwk.kid }),
  ],
  ['with a private exponent alone', ({ known }) => ({ ...known.jwk, d: 'AQAB' })],
]

/** The genuine key, published so that its name is not that of a key. */
const UNNAMED: readonly (readonly [string, (forge: Forge) => unknown])[] = [
  ['without a name', ({ known }) => ({ ...known.jwk, kid: undefined })],
  ['under a number', ({ known }) => ({ ...known.jwk, kid: 1 })],
  ['within a list', ({ known }) => [known.jwk]],
]

const sized = (bits: number) => createKey('known-key', bits)

/** Answers that hold no key at all. */
const NO_KEYS: readonly (readonly [string, unknown])[] = [
  ['an empty set', { keys: [] }],
  ['an empty object', {}],
  ['a list', []],
  ['null', null],
  ['keys that are an object', { keys: {} }],
  ['keys that are text', { keys: 'known-key' }],
  ['a set within a set', { keys: [{ keys: [] }] }],
  ['nulls', { keys: [null, null] }],
  ['an inherited set', JSON.parse('{"__proto__":{"keys":[]}}')],
]

const METADATA: readonly (readonly [string, Members])[] = [
  ['another issuer', { issuer: 'https://evil.example/' }],
  ['our issuer without its slash', { issuer: ISSUER.slice(0, -1) }],
  ['our issuer in capitals', { issuer: ISSUER.toUpperCase() }],
  ['our issuer in a list', { issuer: [ISSUER] }],
  ['no issuer', { issuer: undefined }],
  ['the issuer of production', { issuer: 'https://maskinporten.no/' }],
  ['keys in the clear', { jwks_uri: 'http://test.maskinporten.no/jwk' }],
  ['keys on another host', { jwks_uri: 'https://evil.example/jwk' }],
  ['keys on a host above ours', { jwks_uri: 'https://maskinporten.no/jwk' }],
  ['keys on a host below ours', { jwks_uri: 'https://x.test.maskinporten.no/jwk' }],
  ['keys at another port', { jwks_uri: 'https://test.maskinporten.no:8443/jwk' }],
  ['keys behind a password', { jwks_uri: 'https://u:p@test.maskinporten.no/jwk' }],
  ['keys in a file', { jwks_uri: 'file:///etc/keys' }],
  ['keys in itself', { jwks_uri: 'data:application/json,{"keys":[]}' }],
  ['keys at an address inside the network', { jwks_uri: 'http://169.254.169.254/jwk' }],
  ['keys at a path without a host', { jwks_uri: '/jwk' }],
  ['no address of keys', { jwks_uri: undefined }],
  ['a list of addresses', { jwks_uri: [`${ISSUER}jwk`] }],
]

/** J01 to J03, J08 and D06: whose keys, and what a key is. */
export const KEYS: readonly Attack[] = [
  ...forEach(
    METADATA,
    (metadata) => ({
      id: 'J01',
      token: (forge) => forge.token(),
      against: () => ({ metadata }),
      refused: 'keys_unavailable',
    }),
    (title) => `a good token, where metadata names ${title}`,
  ),
  {
    id: 'J02',
    title: 'a token of ours before an API of production that has a key of the same name',
    token: (forge) => forge.token(),
    against: (forge) => ({
      options: { environment: 'prod', jwks: { keys: [{ ...forge.other.jwk, kid: forge.known.jwk.kid }] } },
    }),
    refused: 'bad_signature',
  },
  {
    id: 'J02',
    title: 'a token of ours before an API of production with the very same key',
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
    (title) => `a token by a key that is published ${title}`,
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
    (title) => `a token by a key that is published ${title}`,
  ),
  {
    id: 'J03',
    title: 'a token by one of two keys with one name',
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
    title: 'a token by the other of two keys with one name',
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
    (title) => `a token by a key of ${title}`,
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
    (title) => `a token by a key of ${title}, which is slow to refuse`,
  ),
  ...forEach(
    NO_KEYS,
    (keys) => ({
      id: 'J08',
      token: (forge) => forge.token(),
      against: () => ({ keys }),
      refused: 'keys_unavailable',
    }),
    (title) => `a good token, where the key endpoint answers ${title}`,
  ),
]
