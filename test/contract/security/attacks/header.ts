import { READ } from '../../conformance/api.js'
import { type Attack, forEach } from '../attack.js'
import { type Forge, ISSUER, type Members, NOW } from '../forge.js'

const ADDRESSES = [
  'https://evil.example/jwk',
  'http://169.254.169.254/latest/meta-data',
  'http://127.0.0.1:1/jwk',
  'file:///etc/passwd',
  'data:application/json,{}',
  `${ISSUER}../evil`,
]

/** JOSE headers that contain or point to their own key. */
const OWN_KEYS: readonly (readonly [string, (forge: Forge) => Members])[] = [
  ['jwk', (forge) => ({ jwk: forge.other.jwk })],
  ['x5c', () => ({ x5c: ['MIIB'] })],
  ['x5t', () => ({ x5t: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA', 'x5t#S256': 'AAAA' })],
  ...ADDRESSES.flatMap((url) =>
    (['jku', 'x5u'] as const).map((name) => [`${name} ${url}`, () => ({ [name]: url })] as const),
  ),
]

/** Values of `kid` that are dangerous in a path, a query, a command or a log, or as a property name. */
const BAD_NAMES: readonly (readonly [string, unknown])[] = [
  ['a path with a backslash', '..\\..\\key'],
  ['an SQL quote and spaces', "' UNION SELECT 'key"],
  ['a shell command', '|cat "/etc/passwd"'],
  ['a line break', 'known-key\r\nX-Injected: 1'],
  ['a NUL', 'known-key\0'],
  ['a space at its end', 'known-key '],
  ['a quotation mark', 'known-key"'],
  ['an escape sequence', '\u001b[31mknown-key'],
  ['a line separator', 'known-key\u2028'],
  ['a letter of another script', 'knоwn-key'],
  ['a soft hyphen', 'known\u00ad-key'],
  ['257 characters', 'k'.repeat(257)],
  ['8,000 characters', 'k'.repeat(8000)],
  ['no characters', ''],
  ['a number as its value', 1],
  ['the value null', null],
  ['the value true', true],
  ['an object as its value', { toString: 'known-key' }],
  ['a list as its value', ['known-key']],
]

const UNKNOWN_NAMES: readonly string[] = [
  ...['../../dev/null', '__proto__', 'constructor', 'toString', 'KNOWN-KEY', 'known-key.', 'known', '*'],
  ...['0', 'null', 'undefined', 'file:///dev/null', "'OR'1'='1"],
]

/** Malformed JSON that a lenient parser might repair. */
const REPAIRABLE: readonly (readonly [string, (json: string) => string | Uint8Array])[] = [
  ['a byte order mark before the JSON', (json) => `\ufeff${json}`],
  [
    'an invalid byte',
    (json) => Buffer.concat([Buffer.from(json.slice(0, -2)), Buffer.from([0xff, 0x22, 0x7d])]),
  ],
  [
    'a lone surrogate',
    (json) => Buffer.concat([Buffer.from(json.slice(0, -2)), Buffer.from([0xed, 0xa0, 0x80, 0x22, 0x7d])]),
  ],
  [
    'an overlong encoding',
    (json) => Buffer.concat([Buffer.from(json.slice(0, -2)), Buffer.from([0xc0, 0xaf, 0x22, 0x7d])]),
  ],
  ['UTF-16 in place of UTF-8', (json) => Buffer.from(json, 'utf16le')],
  ['a letter after the JSON', (json) => `${json}x`],
  ['a second object after the first', (json) => json + json],
  ['a NUL after the JSON', (json) => `${json}\0`],
  ['a comment', (json) => `/* */${json}`],
  ['a trailing comma', (json) => `${json.slice(0, -1)},}`],
  ['names without quotes', (json) => json.replaceAll(/"(\w+)":/g, '$1:')],
  ['a member whose value is NaN', (json) => `${json.slice(0, -1)},"x":NaN}`],
  ['a missing brace', (json) => json.slice(0, -1)],
]

/** Claims to repeat, with an invalid last value and the reason. The last value counts (RFC 7519 §4). */
const DOUBLED: readonly (readonly [string, string, Attack['refused']])[] = [
  ['exp', '"exp":1', 'expired'],
  ['exp (with the second name escaped)', '"\\u0065xp":1', 'expired'],
  ['iss', '"iss":"https://evil.example/"', 'wrong_issuer'],
  ['scope', '"scope":"nav:other"', 'insufficient_scope'],
  ['scope (with the second name escaped)', '"sc\\u006fpe":"nav:other"', 'insufficient_scope'],
  ['consumer', '"consumer":"0192:889640782"', 'malformed_claims'],
  ['cnf', '"cnf":{},"cnf":null', 'sender_constrained'],
]

const end = (json: string, more: string) => `${json.slice(0, -1)},${more}}`

/** Attacks S12 to S16 and S19, on keys named in headers, malformed JSON, and tokens for another purpose. */
export const HEADER: readonly Attack[] = [
  ...forEach(
    OWN_KEYS,
    (header) => ({ id: 'S12', token: (forge) => forge.forged(header(forge)), refused: 'bad_signature' }),
    (title) => `a token that names its own key by ${title}`,
  ),
  ...forEach(
    OWN_KEYS.filter(([title]) => title !== 'x5c'),
    (header) => ({
      id: 'S12',
      token: (forge) => forge.forged({ ...header(forge), kid: undefined }),
      refused: 'missing_key_id',
    }),
    (title) => `a token without kid that names its own key by ${title}`,
  ),
  {
    id: 'S12',
    title: 'a token with x5c instead of kid, as in a client assertion,',
    token: (forge) => forge.forged({ x5c: ['MIIB'], kid: undefined }),
    refused: 'client_assertion',
  },
  ...forEach(
    BAD_NAMES,
    (kid) => ({ id: 'S13', token: (forge) => forge.token({}, { kid }), refused: 'malformed_token' }),
    (title) => `a kid with ${title}`,
  ),
  ...forEach(
    UNKNOWN_NAMES.map((kid) => [kid, kid] as const),
    (kid) => ({
      id: 'S13',
      token: (forge) => forge.token({}, { kid }),
      refused: 'unknown_key',
      mayFetch: true,
    }),
    (title) => `the unknown kid ${title}`,
  ),
  {
    id: 'S14',
    title: 'a token without kid, where only one key is published,',
    token: (forge) => forge.token({}, { kid: undefined }),
    refused: 'missing_key_id',
  },
  {
    id: 'S14',
    title: 'a token without kid, where two keys are published,',
    token: (forge) => forge.token({}, { kid: undefined }),
    against: (forge) => ({ keys: { keys: [forge.bystander.jwk, forge.known.jwk] } }),
    refused: 'missing_key_id',
  },
  {
    id: 'S14',
    title: 'a token with the kid of one published key and the signature of another',
    token: (forge) => forge.token({}, { kid: forge.bystander.jwk.kid }),
    against: (forge) => ({ keys: { keys: [forge.bystander.jwk, forge.known.jwk] } }),
    refused: 'bad_signature',
  },
  ...forEach(
    REPAIRABLE,
    (damage) => ({
      id: 'S15',
      token: (forge) => forge.raw(forge.header, damage(JSON.stringify(forge.claims))),
      refused: 'malformed_token',
    }),
    (title) => `signed claims with ${title}`,
  ),
  ...forEach(
    REPAIRABLE,
    (damage) => ({
      id: 'S15',
      token: (forge) => forge.raw(damage(JSON.stringify(forge.header)), forge.claims),
      refused: 'malformed_token',
    }),
    (title) => `a header with ${title}`,
  ),
  ...DOUBLED.map(
    ([title, more, refused]): Attack => ({
      id: 'S16',
      title: `a repeated ${title} whose last value is invalid`,
      token: (forge) => forge.raw(forge.header, end(JSON.stringify(forge.claims), more)),
      refused,
    }),
  ),
  {
    id: 'S16',
    title: 'a repeated alg whose last value is none',
    token: (forge) => forge.raw(end(JSON.stringify(forge.header), '"alg":"none"'), forge.claims),
    refused: 'unsupported_algorithm',
  },
  {
    id: 'S16',
    title: 'a repeated alg whose last name is escaped',
    token: (forge) => forge.raw(end(JSON.stringify(forge.header), '"\\u0061lg":"HS256"'), forge.claims),
    refused: 'unsupported_algorithm',
  },
  {
    id: 'S16',
    title: 'a repeated kid whose last value is null',
    token: (forge) => forge.raw(end(JSON.stringify(forge.header), '"kid":null'), forge.claims),
    refused: 'malformed_token',
  },
  {
    id: 'S19',
    title: 'a client assertion signed by its client',
    token: (forge) =>
      forge.raw(
        { kid: 'client-key', alg: 'RS256', typ: 'JWT' },
        { aud: ISSUER, iss: 'client', scope: READ, iat: NOW, exp: NOW + 30, jti: 'a' },
        forge.other,
      ),
    refused: 'client_assertion',
  },
  {
    id: 'S19',
    title: 'a client assertion signed by the known key',
    token: (forge) =>
      forge.raw(forge.header, { aud: ISSUER, iss: ISSUER, scope: READ, iat: NOW, exp: NOW + 30, jti: 'a' }),
    refused: 'missing_claim',
  },
  {
    id: 'S19',
    title: 'a token from production with an unknown kid',
    token: (forge) => forge.forged({ kid: 'prod-key' }, { iss: 'https://maskinporten.no/' }),
    refused: 'wrong_environment',
  },
  {
    id: 'S19',
    title: 'a token from ID-porten',
    token: (forge) => forge.forged({ kid: 'idporten' }, { iss: 'https://test.idporten.no' }),
    refused: 'idporten_token',
  },
  {
    id: 'S19',
    title: 'a token from Skyporten',
    token: (forge) => forge.token({ iss: 'https://test.sky.maskinporten.no' }),
    refused: 'skyporten_token',
  },
]
