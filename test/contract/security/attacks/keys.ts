import { type Attack, forEach, refused, type Table } from '../attack.js'
import { createKey, type Forge, ISSUER, type Jwk, type Members } from '../forge.js'

/** JWKs that the validator must not use, made from the known key. */
const UNUSABLE: Table<(jwk: Jwk, forge: Forge) => unknown> = {
  'as a symmetric key': ({ kid, n }) => ({ kty: 'oct', kid, k: n }),
  'as an elliptic-curve key': ({ kid }) => ({ kty: 'EC', kid, crv: 'P-256', x: 'AA', y: 'AA' }),
  'as an octet key pair': ({ kid }) => ({ kty: 'OKP', kid, crv: 'Ed25519', x: 'AA' }),
  'with an unknown type': (jwk) => ({ ...jwk, kty: 'rsa' }),
  'without a type': (jwk) => ({ ...jwk, kty: undefined }),
  'without its modulus': (jwk) => ({ ...jwk, n: undefined }),
  'without its exponent': (jwk) => ({ ...jwk, e: undefined }),
  'with a number for its modulus': (jwk) => ({ ...jwk, n: 5 }),
  'with a modulus in padded base64': (jwk) => ({ ...jwk, n: `${jwk.n}==` }),
  'with the exponent 1': (jwk) => ({ ...jwk, e: 'AQ' }),
  'with the exponent 3': (jwk) => ({ ...jwk, e: 'Aw' }),
  'with the exponent 0': (jwk) => ({ ...jwk, e: 'AA' }),
  'with an even exponent': (jwk) => ({ ...jwk, e: 'AQAC' }),
  'with an exponent of 64 bits': (jwk) => ({ ...jwk, e: '__________8' }),
  'with a zero byte before the exponent': (jwk) => ({ ...jwk, e: 'AAEAAQ' }),
  'with the use enc': (jwk) => ({ ...jwk, use: 'enc' }),
  'with a use that is not a string': (jwk) => ({ ...jwk, use: ['sig'] }),
  'with key_ops for signing only': (jwk) => ({ ...jwk, key_ops: ['sign'] }),
  'with key_ops for encrypting only': (jwk) => ({ ...jwk, key_ops: ['encrypt', 'wrapKey'] }),
  'with key_ops that is not a list': (jwk) => ({ ...jwk, key_ops: 'verify' }),
  'with its private members': ({ kid }, { known }) => ({
    ...known.privateKey.export({ format: 'jwk' }),
    kid,
  }),
  'with only a private exponent': (jwk) => ({ ...jwk, d: 'AQAB' }),
}

/** JWKs without a usable kid, made from the known key. */
const UNNAMED: typeof UNUSABLE = {
  'without a kid': (jwk) => ({ ...jwk, kid: undefined }),
  'with a number as kid': (jwk) => ({ ...jwk, kid: 1 }),
  'inside a nested list': (jwk) => [jwk],
}

/** Answers of the key endpoint that contain no key. */
const NO_KEYS: Table<unknown> = {
  'an empty set': { keys: [] },
  'an empty object': {},
  'a list': [],
  null: null,
  'an object as keys': { keys: {} },
  'a string as keys': { keys: 'known-key' },
  'a set within a set': { keys: [{ keys: [] }] },
  'a list of nulls': { keys: [null, null] },
  'a set inside __proto__': JSON.parse('{"__proto__":{"keys":[]}}'),
}

const METADATA: Table<Members> = {
  'another issuer': { issuer: 'https://evil.example/' },
  'the issuer without its slash': { issuer: ISSUER.slice(0, -1) },
  'the issuer in capitals': { issuer: ISSUER.toUpperCase() },
  'the issuer in a list': { issuer: [ISSUER] },
  'no issuer': { issuer: undefined },
  'the issuer of production': { issuer: 'https://maskinporten.no/' },
  'keys over http': { jwks_uri: 'http://test.maskinporten.no/jwk' },
  'keys on another host': { jwks_uri: 'https://evil.example/jwk' },
  'keys on the parent domain': { jwks_uri: 'https://maskinporten.no/jwk' },
  'keys on a subdomain': { jwks_uri: 'https://x.test.maskinporten.no/jwk' },
  'keys at another port': { jwks_uri: 'https://test.maskinporten.no:8443/jwk' },
  'keys at a URL with a password': { jwks_uri: 'https://u:p@test.maskinporten.no/jwk' },
  'keys in a file': { jwks_uri: 'file:///etc/keys' },
  'keys in a data: URL': { jwks_uri: 'data:application/json,{"keys":[]}' },
  'keys at a link-local address': { jwks_uri: 'http://169.254.169.254/jwk' },
  'keys at a path without a host': { jwks_uri: '/jwk' },
  'no address for keys': { jwks_uri: undefined },
  'a list of key addresses': { jwks_uri: [`${ISSUER}jwk`] },
}

/**
 * An attack, without its `title`, with a token that must be refused because of the published keys. The
 * bystander's key is always published.
 */
const published = (
  id: string,
  reason: Attack['refused'],
  keys: (forge: Forge) => readonly unknown[],
  token = (forge: Forge) => forge.token(),
): Omit<Attack, 'title'> => ({
  ...refused(id, reason, token),
  against: (forge) => ({ keys: { keys: [...keys(forge), forge.bystander.jwk] } }),
  mayFetch: true,
})

/** Two keys with the same kid. */
const twins = ({ known, other }: Forge) => [known.jwk, { ...other.jwk, kid: known.jwk.kid }]

/** Attacks J01 to J03, J08 and D06, on metadata and keys. */
export const KEYS: readonly Attack[] = [
  ...forEach(METADATA, 'a valid token, where the metadata names %s,', (metadata) => ({
    ...refused('J01', 'keys_unavailable', (forge) => forge.token()),
    against: () => ({ metadata }),
  })),
  {
    title: 'a token of the test environment, at a production API whose key has the same kid,',
    ...refused('J02', 'bad_signature', (forge) => forge.token()),
    against: (forge) => ({ options: { environment: 'prod', jwks: { keys: twins(forge).slice(1) } } }),
  },
  {
    title: 'a token of the test environment, at a production API with the same key,',
    ...refused('J02', 'wrong_environment', (forge) => forge.token()),
    against: (forge) => ({ options: { environment: 'prod', jwks: { keys: [forge.known.jwk] } } }),
  },
  ...forEach(UNUSABLE, 'a token signed by a key that is published %s', (entry) =>
    published('J03', 'unusable_key', (forge) => [entry(forge.known.jwk, forge), null]),
  ),
  ...forEach(UNNAMED, 'a token signed by a key that is published %s', (entry) =>
    published('J03', 'unknown_key', (forge) => [entry(forge.known.jwk, forge), null]),
  ),
  {
    title: 'a token signed by the first of two keys with the same kid',
    ...published('J03', 'unusable_key', twins),
  },
  {
    title: 'a token signed by the second of two keys with the same kid',
    ...published('J03', 'unusable_key', twins, (forge) => forge.forged()),
  },
  ...forEach({ '1,024': 1024, '2,047': 2047 }, 'a token signed by a key of %s bits', (bits) => {
    const key = createKey('known-key', bits)
    const token = (forge: Forge) => forge.raw(forge.header, forge.claims, key)
    return published('J03', 'unusable_key', () => [key.jwk], token)
  }),
  ...forEach(
    { '8,200': 1025, '16,384': 2048 },
    'a token signed by a key of %s bits, which would be slow to verify,',
    (bytes) => {
      const n = Buffer.alloc(bytes, 0xff).toString('base64url')
      return published('D06', 'unusable_key', ({ known }) => [{ ...known.jwk, n }])
    },
  ),
  ...forEach(NO_KEYS, 'a valid token, where the key endpoint answers with %s,', (keys) => ({
    ...refused('J08', 'keys_unavailable', (forge) => forge.token()),
    against: () => ({ keys }),
  })),
]
