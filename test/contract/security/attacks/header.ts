import { READ } from '../../conformance/api.js'
import { type Attack, asTitled, forEach, refused, type Table, tokens } from '../attack.js'
import { extended, type Forge, ISSUER, type Members, NOW } from '../forge.js'

const ADDRESSES = [
  'https://evil.example/jwk',
  'http://169.254.169.254/latest/meta-data',
  'http://127.0.0.1:1/jwk',
  'file:///etc/passwd',
  'data:application/json,{}',
  `${ISSUER}../evil`,
]

const X5C = { x5c: ['MIIB'] }

/** Header members by which a token can name the key to verify it with, except x5c. */
const OWN_KEYS: Table<(forge: Forge) => Members> = {
  jwk: (forge) => ({ jwk: forge.other.jwk }),
  x5t: () => ({ x5t: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA', 'x5t#S256': 'AAAA' }),
  ...Object.fromEntries(
    ADDRESSES.flatMap((url) => ['jku', 'x5u'].map((name) => [`${name} ${url}`, () => ({ [name]: url })])),
  ),
}

/** Values of `kid` that are dangerous in a path, a query, a command or a log, or as a property name. */
const BAD_NAMES: Table<unknown> = {
  'a path with a backslash': '..\\..\\key',
  'an SQL quote and spaces': "' UNION SELECT 'key",
  'a shell command': '|cat "/etc/passwd"',
  'a line break': 'known-key\r\nX-Injected: 1',
  'a NUL': 'known-key\0',
  'a space at its end': 'known-key ',
  'a quotation mark': 'known-key"',
  'an escape sequence': '\u001b[31mknown-key',
  'a line separator': 'known-key\u2028',
  'a letter of another script': 'knоwn-key',
  'a soft hyphen': 'known\u00ad-key',
  '257 characters': 'k'.repeat(257),
  '8,000 characters': 'k'.repeat(8000),
  'no characters': '',
  'a number as its value': 1,
  'the value null': null,
  'the value true': true,
  'an object as its value': { toString: 'known-key' },
  'a list as its value': ['known-key'],
}

const UNKNOWN_NAMES: readonly string[] = [
  ...['../../dev/null', '__proto__', 'constructor', 'toString', 'KNOWN-KEY', 'known-key.', 'known', '*'],
  ...['0', 'null', 'undefined', 'file:///dev/null', "'OR'1'='1"],
]

/** Appends bytes to the last string value in an object's JSON. */
const withBytes = (json: string, ...bytes: number[]) =>
  Buffer.concat([Buffer.from(json.slice(0, -2)), Buffer.from(bytes), Buffer.from('"}')])

/** Malformed JSON that a lenient parser might repair. */
const REPAIRABLE: Table<(json: string) => string | Uint8Array> = {
  'a byte order mark before the JSON': (json) => `\ufeff${json}`,
  'an invalid byte': (json) => withBytes(json, 0xff),
  'a lone surrogate': (json) => withBytes(json, 0xed, 0xa0, 0x80),
  'an overlong encoding': (json) => withBytes(json, 0xc0, 0xaf),
  'UTF-16 in place of UTF-8': (json) => Buffer.from(json, 'utf16le'),
  'a letter after the JSON': (json) => `${json}x`,
  'a second object after the first': (json) => json + json,
  'a NUL after the JSON': (json) => `${json}\0`,
  'a comment': (json) => `/* */${json}`,
  'a trailing comma': (json) => `${json.slice(0, -1)},}`,
  'names without quotes': (json) => json.replaceAll(/"(\w+)":/g, '$1:'),
  'a member whose value is NaN': (json) => `${json.slice(0, -1)},"x":NaN}`,
  'a missing brace': (json) => json.slice(0, -1),
}

/**
 * Claims to repeat with an invalid last value, each with the refusal reason. The last value counts (RFC 7519
 * §4).
 */
const DOUBLED: readonly (readonly [string, string, Attack['refused']])[] = [
  ['exp', '"exp":1', 'expired'],
  ['exp (with the second name escaped)', '"\\u0065xp":1', 'expired'],
  ['iss', '"iss":"https://evil.example/"', 'wrong_issuer'],
  ['scope', '"scope":"nav:other"', 'insufficient_scope'],
  ['scope (with the second name escaped)', '"sc\\u006fpe":"nav:other"', 'insufficient_scope'],
  ['consumer', '"consumer":"0192:889640782"', 'malformed_claims'],
  ['cnf', '"cnf":{},"cnf":null', 'sender_constrained'],
]

const ASSERTION = { aud: ISSUER, scope: READ, iat: NOW, exp: NOW + 30, jti: 'a' }

const twoKeys = ({ bystander, known }: Forge) => ({ keys: { keys: [bystander.jwk, known.jwk] } })

/** Attacks S12 to S16 and S19, on keys named in headers, malformed JSON, and tokens for another purpose. */
export const HEADER: readonly Attack[] = [
  ...forEach(OWN_KEYS, 'a token that names its own key by %s', (header) =>
    refused('S12', 'bad_signature', (forge) => forge.forged(header(forge))),
  ),
  ...tokens('S12', 'bad_signature', {
    'a token that names its own key by x5c': (forge) => forge.forged(X5C),
  }),
  ...forEach(OWN_KEYS, 'a token without kid that names its own key by %s', (header) =>
    refused('S12', 'missing_key_id', (forge) => forge.forged({ ...header(forge), kid: undefined })),
  ),
  ...tokens('S12', 'client_assertion', {
    'a token with x5c instead of kid, as in a client assertion,': (forge) =>
      forge.forged({ ...X5C, kid: undefined }),
  }),
  ...forEach(BAD_NAMES, 'a kid with %s', (kid) =>
    refused('S13', 'malformed_token', (forge) => forge.token({}, { kid })),
  ),
  ...forEach(asTitled(UNKNOWN_NAMES), 'the unknown kid %s', (kid) => ({
    ...refused('S13', 'unknown_key', (forge) => forge.token({}, { kid })),
    mayFetch: true,
  })),
  ...tokens('S14', 'missing_key_id', {
    'a token without kid, where only one key is published,': (forge) => forge.token({}, { kid: undefined }),
  }),
  {
    title: 'a token without kid, where two keys are published,',
    ...refused('S14', 'missing_key_id', (forge) => forge.token({}, { kid: undefined })),
    against: twoKeys,
  },
  {
    title: 'a token with the kid of one published key and the signature of another',
    ...refused('S14', 'bad_signature', (forge) => forge.token({}, { kid: forge.bystander.jwk.kid })),
    against: twoKeys,
  },
  ...forEach(REPAIRABLE, 'signed claims with %s', (damage) =>
    refused('S15', 'malformed_token', (forge) =>
      forge.raw(forge.header, damage(JSON.stringify(forge.claims))),
    ),
  ),
  ...forEach(REPAIRABLE, 'a header with %s', (damage) =>
    refused('S15', 'malformed_token', (forge) =>
      forge.raw(damage(JSON.stringify(forge.header)), forge.claims),
    ),
  ),
  ...DOUBLED.map(
    ([title, more, reason]): Attack => ({
      title: `a repeated ${title} whose last value is invalid`,
      ...refused('S16', reason, (forge) => forge.raw(forge.header, extended(forge.claims, more))),
    }),
  ),
  ...tokens('S16', 'unsupported_algorithm', {
    'a repeated alg whose last value is none': (forge) =>
      forge.raw(extended(forge.header, '"alg":"none"'), forge.claims),
    'a repeated alg whose last name is escaped': (forge) =>
      forge.raw(extended(forge.header, '"\\u0061lg":"HS256"'), forge.claims),
  }),
  ...tokens('S16', 'malformed_token', {
    'a repeated kid whose last value is null': (forge) =>
      forge.raw(extended(forge.header, '"kid":null'), forge.claims),
  }),
  ...tokens('S19', 'client_assertion', {
    'a client assertion signed by its client': (forge) =>
      forge.raw(
        { kid: 'client-key', alg: 'RS256', typ: 'JWT' },
        { ...ASSERTION, iss: 'client' },
        forge.other,
      ),
  }),
  ...tokens('S19', 'missing_claim', {
    'a client assertion signed by the known key': (forge) =>
      forge.raw(forge.header, { ...ASSERTION, iss: ISSUER }),
  }),
  ...tokens('S19', 'wrong_environment', {
    'a token from production with an unknown kid': (forge) =>
      forge.forged({ kid: 'prod-key' }, { iss: 'https://maskinporten.no/' }),
  }),
  ...tokens('S19', 'idporten_token', {
    'a token from ID-porten': (forge) =>
      forge.forged({ kid: 'idporten' }, { iss: 'https://test.idporten.no' }),
  }),
  ...tokens('S19', 'skyporten_token', {
    'a token from Skyporten': (forge) => forge.token({ iss: 'https://test.sky.maskinporten.no' }),
  }),
]
