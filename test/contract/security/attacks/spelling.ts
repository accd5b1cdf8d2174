import { authorization } from '../../conformance/case.js'
import { type Attack, asJson, asTitled, forEach, refused, type Table, tokens } from '../attack.js'
import { encode, type Forge } from '../forge.js'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

type Parts = readonly [header: string, payload: string, signature: string]

const SHAPES: Table<(...parts: Parts) => string> = {
  'only one part': (header) => header,
  'only two parts': (header, payload) => `${header}.${payload}`,
  'an empty signature': (header, payload) => `${header}.${payload}.`,
  'an empty payload': (header, _, signature) => `${header}..${signature}`,
  'an empty header': (_, payload, signature) => `.${payload}.${signature}`,
  'a leading dot': (...parts) => `.${parts.join('.')}`,
  'a trailing dot': (...parts) => `${parts.join('.')}.`,
  'a fourth part': (...parts) => `${parts.join('.')}.${parts[2]}`,
  'five parts': (...parts) => [...parts, 'AAAA', 'AAAA'].join('.'),
  'only two dots': () => '..',
  'only one dot': () => '.',
  'its parts in another order': (header, payload, signature) => `${signature}.${payload}.${header}`,
  'a detached payload': (header, _, signature) => `${header}..${signature}`,
}

const JWE: Table<object> = {
  dir: { alg: 'dir', enc: 'A256GCM' },
  'RSA-OAEP': { alg: 'RSA-OAEP', enc: 'A256GCM' },
  RSA1_5: { alg: 'RSA1_5', enc: 'A128CBC-HS256' },
  'PBES2 with two billion rounds': { alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2s: 'AAAA', p2c: 2 ** 31 },
  'a compressed payload': { alg: 'dir', enc: 'A256GCM', zip: 'DEF' },
  RS256: { alg: 'RS256', enc: 'A256GCM' },
}

const NO_CLAIMS: Table<(forge: Forge) => string> = {
  'an array of claims': (forge) => JSON.stringify([forge.claims]),
  'an empty array': () => '[]',
  'a string': () => '"claims"',
  'a number': () => '1',
  null: () => 'null',
  true: () => 'true',
  'a space': () => ' ',
  'another token': (forge) => forge.token(),
  'another token, in quotes': (forge) => JSON.stringify(forge.token()),
}

const CRIT: readonly unknown[] = [['foo'], [], 'exp', ['exp'], ['alg'], ['b64'], ['foo', 'foo'], null, {}, 1]

const TYPES: readonly unknown[] = [
  ...['JWE', 'id_token', 'dpop+jwt', 'logout+jwt', 'secevent+jwt', 'jwt ', 'application/jws', 'JWS', ''],
  ...['jwt/application', 'JOSE+JSON', 'client-authentication+jwt', null, 1, ['JWT'], { typ: 'JWT' }],
]

/** Changes the four unused bits of a token's last character. Its other two bits belong to the signature. */
function withUnusedBits(token: string, nth: number): string {
  const last = ALPHABET.indexOf(token.slice(-1))
  const others = Array.from({ length: 16 }, (_, bits) => (last & 0b110000) + bits).filter(
    (one) => one !== last,
  )
  return token.slice(0, -1) + ALPHABET.charAt(others[nth - 1] ?? last)
}

/**
 * Replaces the first `from` in the signature with `to`. If the signature does not contain `from`, replaces
 * its first character.
 */
const swapped =
  (from: string, to: string) =>
  (...[header, payload, signature]: Parts) =>
    `${header}.${payload}.${signature.includes(from) ? signature.replace(from, to) : to + signature.slice(1)}`

/** Inserts a text into the signature. */
const cut =
  (text: string) =>
  (...[header, payload, signature]: Parts) =>
    `${header}.${payload}.${signature.slice(0, 100)}${text}${signature.slice(100)}`

/**
 * Encodings of a token that a lenient decoder reads as the same bytes. One encoding has a length that
 * base64url cannot have.
 */
const RESPELLED: Table<(...parts: Parts) => string> = {
  'padding after the signature': (...parts) => `${parts.join('.')}==`,
  'one character of padding': (...parts) => `${parts.join('.')}=`,
  'padding after the header': (header, payload, signature) => `${header}=.${payload}.${signature}`,
  'padding after the payload': (header, payload, signature) => `${header}.${payload}==.${signature}`,
  '+ in its signature': swapped('-', '+'),
  '/ in its signature': swapped('_', '/'),
  'a space in its signature': cut(' '),
  'a space before the signature': (header, payload, signature) => `${header}.${payload}. ${signature}`,
  'a tab in its signature': cut('\t'),
  'a no-break space in its signature': cut('\xa0'),
  'an escaped newline in its signature': cut('%0A'),
  'a character outside base64url in its signature': cut('~'),
  '%2E in place of its dots': (...parts) => parts.join('%2E'),
  'a part of an impossible length': (header, payload, signature) => `${header}.${payload}.${signature}AAA`,
}

/** Attacks S06 to S11, S17 and S18, on the form and encoding of a token, and on its header. */
export const SPELLING: readonly Attack[] = [
  {
    id: 'S06',
    title: 'the scheme Bearer followed only by a space',
    headers: () => authorization('Bearer '),
    refused: 'empty_token',
  },
  ...forEach(SHAPES, 'a token with %s', (shape) =>
    refused('S06', 'malformed_token', (forge) => shape(...forge.parts())),
  ),
  ...forEach(JWE, 'an encrypted token (%s)', (header) =>
    refused('S07', 'malformed_token', () => `${encode({ kid: 'known-key', ...header })}.AAAA.AAAA.AAAA.AAAA`),
  ),
  ...forEach(NO_CLAIMS, 'a signed payload that is %s', (payload) =>
    refused('S08', 'malformed_token', (forge) => forge.raw({ ...forge.header, cty: 'JWT' }, payload(forge))),
  ),
  ...tokens('S09', 'token_response', {
    'a JWS in flattened JSON serialization': (forge) => {
      const [header, payload, signature] = forge.parts()
      return JSON.stringify({ protected: header, payload, signature })
    },
    'a JWS in general JSON serialization with an unprotected header': (forge) => {
      const [, payload, signature] = forge.parts()
      return JSON.stringify({ payload, signatures: [{ header: forge.header, signature }] })
    },
    'a JSON object with only the member payload': (forge) => JSON.stringify({ payload: forge.token() }),
  }),
  ...forEach(asJson(CRIT), 'a token with crit %s', (crit) =>
    refused('S10', 'unsupported_header', (forge) => forge.token({}, { crit })),
  ),
  ...tokens('S10', 'unsupported_header', {
    'a token with crit ["b64"] and b64 true': (forge) => forge.token({}, { crit: ['b64'], b64: true }),
    'a token with a thousand critical extensions': (forge) =>
      forge.token({}, { crit: Array.from({ length: 1000 }, (_, index) => `x${index}`) }),
  }),
  ...forEach(asJson(['A256GCM', '', null, ['A256GCM'], 0]), 'a signed token with enc %s', (enc) =>
    refused('S07', 'unsupported_header', (forge) => forge.token({}, { enc })),
  ),
  ...forEach(asJson([false, true, null, 'false', 0]), 'a token with b64 %s that crit does not list', (b64) =>
    refused('S11', 'unsupported_header', (forge) => forge.token({}, { b64 })),
  ),
  ...forEach(
    asTitled(Array.from({ length: 15 }, (_, index) => `${index + 1}`)),
    'a signature whose last character has other unused bits (%s of 15)',
    (nth) => refused('S17', 'malformed_token', (forge) => withUnusedBits(forge.token(), Number(nth))),
  ),
  ...forEach(RESPELLED, 'a token with %s', (respell) =>
    refused('S17', 'malformed_token', (forge) => respell(...forge.parts())),
  ),
  ...forEach(asJson(TYPES), 'a token of the type %s', (typ) =>
    refused('S18', 'wrong_type', (forge) => forge.token({}, { typ })),
  ),
]
