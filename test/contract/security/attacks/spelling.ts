import { type Attack, asJson, authorization, forEach } from '../attack.js'
import { encode, type Forge } from '../forge.js'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

type Parts = readonly [header: string, payload: string, signature: string]

const SHAPES: readonly (readonly [string, (...parts: Parts) => string])[] = [
  ['only one part', (header) => header],
  ['only two parts', (header, payload) => `${header}.${payload}`],
  ['an empty signature', (header, payload) => `${header}.${payload}.`],
  ['an empty payload', (header, _, signature) => `${header}..${signature}`],
  ['an empty header', (_, payload, signature) => `.${payload}.${signature}`],
  ['a leading dot', (...parts) => `.${parts.join('.')}`],
  ['a trailing dot', (...parts) => `${parts.join('.')}.`],
  ['a fourth part', (...parts) => `${parts.join('.')}.${parts[2]}`],
  ['five parts', (...parts) => [...parts, 'AAAA', 'AAAA'].join('.')],
  ['only two dots', () => '..'],
  ['only one dot', () => '.'],
  ['its parts in another order', (header, payload, signature) => `${signature}.${payload}.${header}`],
  ['a detached payload', (header, _, signature) => `${header}..${signature}`],
]

const JWE: readonly (readonly [string, object])[] = [
  ['dir', { alg: 'dir', enc: 'A256GCM' }],
  ['RSA-OAEP', { alg: 'RSA-OAEP', enc: 'A256GCM' }],
  ['RSA1_5', { alg: 'RSA1_5', enc: 'A128CBC-HS256' }],
  ['PBES2 with two billion rounds', { alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2s: 'AAAA', p2c: 2 ** 31 }],
  ['a compressed payload', { alg: 'dir', enc: 'A256GCM', zip: 'DEF' }],
  ['RS256', { alg: 'RS256', enc: 'A256GCM' }],
]

const NO_CLAIMS: readonly (readonly [string, (forge: Forge) => string])[] = [
  ['an array of claims', (forge) => JSON.stringify([forge.claims])],
  ['an empty array', () => '[]'],
  ['a string', () => '"claims"'],
  ['a number', () => '1'],
  ['null', () => 'null'],
  ['true', () => 'true'],
  ['a space', () => ' '],
  ['another token', (forge) => forge.token()],
  ['another token, in quotes', (forge) => JSON.stringify(forge.token())],
]

const CRIT: readonly unknown[] = [['foo'], [], 'exp', ['exp'], ['alg'], ['b64'], ['foo', 'foo'], null, {}, 1]

const TYPES: readonly unknown[] = [
  ...[
    'JWE',
    'id_token',
    'dpop+jwt',
    'logout+jwt',
    'secevent+jwt',
    'jwt ',
    'application/jws',
    'jwt/application',
    'JWS',
  ],
  ...['', 'JOSE+JSON', 'client-authentication+jwt', null, 1, ['JWT'], { typ: 'JWT' }],
]

function readableButOther(last: string): string[] {
  // Only two bits of the last character belong to the signature. A lenient decoder ignores the other four.
  const first = ALPHABET.indexOf(last) & 0b110000
  return Array.from({ length: 16 }, (_, index) => ALPHABET.charAt(first + index)).filter(
    (one) => one !== last,
  )
}

/** Encodings of a token that a lenient decoder reads as the same bytes, and one of an impossible length. */
const RESPELLED: readonly (readonly [string, (...parts: Parts) => string])[] = [
  ['padding after the signature', (...parts) => `${parts.join('.')}==`],
  ['one character of padding', (...parts) => `${parts.join('.')}=`],
  ['padding after the header', (header, payload, signature) => `${header}=.${payload}.${signature}`],
  ['padding after the payload', (header, payload, signature) => `${header}.${payload}==.${signature}`],
  ['+ in its signature', (header, payload, signature) => `${header}.${payload}.${swap(signature, '-', '+')}`],
  ['/ in its signature', (header, payload, signature) => `${header}.${payload}.${swap(signature, '_', '/')}`],
  ['a space in its signature', (header, payload, signature) => `${header}.${payload}.${cut(signature, ' ')}`],
  ['a space before the signature', (header, payload, signature) => `${header}.${payload}. ${signature}`],
  ['a tab in its signature', (header, payload, signature) => `${header}.${payload}.${cut(signature, '\t')}`],
  [
    'a no-break space in its signature',
    (header, payload, signature) => `${header}.${payload}.${cut(signature, '\xa0')}`,
  ],
  [
    'an escaped newline in its signature',
    (header, payload, signature) => `${header}.${payload}.${cut(signature, '%0A')}`,
  ],
  [
    'a character outside base64url in its signature',
    (header, payload, signature) => `${header}.${payload}.${cut(signature, '~')}`,
  ],
  ['%2E in place of its dots', (...parts) => parts.join('%2E')],
  ['a part of an impossible length', (header, payload, signature) => `${header}.${payload}.${signature}AAA`],
]

/** Replaces the first `from` with `to`. Replaces the first character if `from` does not occur. */
function swap(text: string, from: string, to: string): string {
  return text.includes(from) ? text.replace(from, to) : to + text.slice(1)
}

function cut(text: string, sign: string): string {
  return `${text.slice(0, 100)}${sign}${text.slice(100)}`
}

/** Attacks S06 to S11, S17 and S18, on the form and encoding of a token, and on its header. */
export const SPELLING: readonly Attack[] = [
  {
    id: 'S06',
    title: 'the scheme Bearer followed only by a space',
    headers: () => authorization('Bearer '),
    byHost: 'headers',
    refused: 'empty_token',
  },
  ...forEach(
    SHAPES,
    (shape) => ({ id: 'S06', token: (forge) => shape(...forge.parts()), refused: 'malformed_token' }),
    (title) => `a token with ${title}`,
  ),
  ...forEach(
    JWE,
    (header) => ({
      id: 'S07',
      token: () => [encode({ kid: 'known-key', ...header }), 'AAAA', 'AAAA', 'AAAA', 'AAAA'].join('.'),
      refused: 'malformed_token',
    }),
    (title) => `an encrypted token (${title})`,
  ),
  ...forEach(
    NO_CLAIMS,
    (payload) => ({
      id: 'S08',
      token: (forge) => forge.raw({ ...forge.header, cty: 'JWT' }, payload(forge)),
      refused: 'malformed_token',
    }),
    (title) => `a signed payload that is ${title}`,
  ),
  {
    id: 'S09',
    title: 'a JWS in flattened JSON serialization',
    token: (forge) => {
      const [header, payload, signature] = forge.parts()
      return JSON.stringify({ protected: header, payload, signature })
    },
    refused: 'token_response',
  },
  {
    id: 'S09',
    title: 'a JWS in general JSON serialization with an unprotected header',
    token: (forge) => {
      const [, payload, signature] = forge.parts()
      return JSON.stringify({ payload, signatures: [{ header: forge.header, signature }] })
    },
    refused: 'token_response',
  },
  {
    id: 'S09',
    title: 'a JSON object with only the member payload',
    token: (forge) => JSON.stringify({ payload: forge.token() }),
    refused: 'token_response',
  },
  ...forEach(
    asJson(CRIT),
    (crit) => ({
      id: 'S10',
      token: (forge) => forge.token({}, { crit, b64: undefined }),
      refused: 'unsupported_header',
    }),
    (title) => `a token with crit ${title}`,
  ),
  {
    id: 'S10',
    title: 'a token with crit ["b64"] and b64 true',
    token: (forge) => forge.token({}, { crit: ['b64'], b64: true }),
    refused: 'unsupported_header',
  },
  {
    id: 'S10',
    title: 'a token with a thousand critical extensions',
    token: (forge) => forge.token({}, { crit: Array.from({ length: 1000 }, (_, index) => `x${index}`) }),
    refused: 'unsupported_header',
  },
  ...forEach(
    asJson(['A256GCM', '', null, ['A256GCM'], 0]),
    (enc) => ({ id: 'S07', token: (forge) => forge.token({}, { enc }), refused: 'unsupported_header' }),
    (title) => `a signed token with enc ${title}`,
  ),
  ...forEach(
    asJson([false, true, null, 'false', 0]),
    (b64) => ({ id: 'S11', token: (forge) => forge.token({}, { b64 }), refused: 'unsupported_header' }),
    (title) => `a token with b64 ${title} that crit does not list`,
  ),
  ...forEach(
    Array.from({ length: 15 }, (_, index) => [`${index + 1}`, index] as const),
    (index) => ({
      id: 'S17',
      token: (forge) => {
        const token = forge.token()
        return token.slice(0, -1) + readableButOther(token.slice(-1))[index]
      },
      refused: 'malformed_token',
    }),
    (title) => `a signature whose last character has other unused bits (${title} of 15)`,
  ),
  ...forEach(
    RESPELLED,
    (respell) => ({ id: 'S17', token: (forge) => respell(...forge.parts()), refused: 'malformed_token' }),
    (title) => `a token with ${title}`,
  ),
  ...forEach(
    asJson(TYPES),
    (typ) => ({ id: 'S18', token: (forge) => forge.token({}, { typ }), refused: 'wrong_type' }),
    (title) => `a token of the type ${title}`,
  ),
]
