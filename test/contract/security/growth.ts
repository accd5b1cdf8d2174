import { READ } from '../conformance/api.js'
import { encode, extended, type Forge, ISSUER, NOW } from './forge.js'

/**
 * Returns about `n` bytes of filling. The tables below have a filling for each field that a sender can make
 * long, and for each construct of JSON.
 */
type Filling = (n: number) => string

/** The length of a text in UTF-8. */
const bytesIn = (text: string) => new TextEncoder().encode(text).length

/** Repeats a piece up to about `n` bytes. */
const fill = (n: number, piece: string, separator = '') =>
  Array.from({ length: Math.max(1, Math.floor(n / bytesIn(piece + separator))) }, () => piece).join(separator)

/** Joins different pieces up to about `n` bytes. */
function each(n: number, piece: (index: number) => string, separator = ','): string {
  const pieces: string[] = []
  for (let left = n; left > 0; left -= bytesIn(piece(pieces.length)) + separator.length) {
    pieces.push(piece(pieces.length))
  }
  return pieces.join(separator)
}

const quoted = (name: string, value: string) => `"${name}":"${value}"`
const letters = (n: number, first: number, distinct: number) =>
  each(n, (index) => String.fromCodePoint(first + (index % distinct)), '')
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
const SYSTEM_USER =
  '{"type":"urn:altinn:systemuser","systemuser_org":{"authority":"a","ID":"b"},"systemuser_id":["c"],"system_id":"d"}'
const consent = (rights: string) =>
  `{"type":"urn:altinn:consent","id":"a","from":"urn:altinn:organization:identifier-no:889640782","to":{"authority":"a","ID":"b"},"consented":"2026-01-01T10:48:55.759557+00:00","validTo":"2028-01-01T14:30:00Z","consentRights":[${rights}]}`
const details = (entries: string) => `"authorization_details":[${entries}]`
const consumer = (authority: string, id: string, more = '') =>
  `"consumer":{"authority":"${authority}","ID":"${id}"${more}}`
const ISO_6523 = 'iso6523-actorid-upis'

/** JSON members to add after the claims of a valid token. If a claim is repeated, its last value counts. */
const CLAIMS: Readonly<Record<string, Filling>> = {
  'iss: a host of ASCII letters': (n) => quoted('iss', `https://${fill(n, 'a')}`),
  'iss: a host of many labels': (n) => quoted('iss', `https://${fill(n, 'a.')}altinn.no/`),
  'iss: a host of many non-ASCII letters': (n) => quoted('iss', `https://${letters(n, 0x4e00, 20_000)}`),
  'iss: a host of percent signs': (n) => quoted('iss', `https://${fill(n, '%41')}`),
  'iss: an IPv6 address': (n) => quoted('iss', `https://[${fill(n, '1:')}]`),
  'aud: a host of many non-ASCII letters': (n) => quoted('aud', `https://${letters(n, 0x4e00, 20_000)}`),
  'aud: a list': (n) => `"aud":[${fill(n, '"a"', ',')}]`,
  'aud: a list of another issuer’s token': (n) => `"iss":"x","aud":[${fill(n, '"a"', ',')}]`,
  'scope: many scopes': (n) => `"scope":"${each(n, (index) => `nav:${index}`, ' ')}"`,
  'scope: many scopes that contain the required one': (n) =>
    `"scope":"${each(n, (index) => `${index}:${READ}x`, ' ')}"`,
  'scope: spaces': (n) => quoted('scope', fill(n, ' ')),
  'consumer: an ID of colons': (n) => consumer(ISO_6523, fill(n, ':')),
  'consumer: an ID of elements': (n) => consumer(ISO_6523, fill(n, '0', ':')),
  'consumer: an ID of digits': (n) => consumer(ISO_6523, `0192:${fill(n, '1')}`),
  'consumer: a long authority': (n) => consumer(fill(n, 'a'), '0192:889640782'),
  'consumer: many members': (n) =>
    consumer(ISO_6523, '0192:889640782', `,${each(n, (index) => `"m${index}":0`)}`),
  'authorization_details: of an unknown type': (n) => details(fill(n, '{"type":"a"}', ',')),
  'authorization_details: system users': (n) => details(fill(n, SYSTEM_USER, ',')),
  'authorization_details: ids of a system user': (n) =>
    details(SYSTEM_USER.replace('"c"', fill(n, '"c"', ','))),
  'authorization_details: consents': (n) => details(fill(n, consent(''), ',')),
  'authorization_details: rights of a consent': (n) =>
    details(consent(fill(n, '{"action":[],"resource":[]}', ','))),
  'authorization_details: a long time': (n) =>
    details(
      consent('')
        .replace('759557', fill(n, '7'))
        .replace('Z"', `${fill(1, 'Z')}"`),
    ),
  'jti: long': (n) => quoted('jti', fill(n, 'a')),
  'pid: long': (n) => quoted('pid', fill(n, '1')),
  'delegation_source: long': (n) => quoted('delegation_source', fill(n, 'a')),
  'exp: a long exponent': (n) => `"exp":1e${fill(n, '0')}9`,
  'exp: a long fraction': (n) => `"exp":${NOW + 100}.${fill(n, '3')}`,
  'unknown: many members': (n) => each(n, (index) => `"m${index}":0`),
  'unknown: members with numbers for names': (n) => each(n, (index) => `"${index * 7919}":0`),
  'unknown: a repeated member': (n) => fill(n, '"a":0', ','),
  'unknown: names in escapes': (n) => each(n, (index) => `"\\u0041${index}":0`),
  'unknown: a long name': (n) => `"${fill(n, 'a')}":0`,
  'unknown: small objects': (n) => `"x":[${fill(n, '{}', ',')}]`,
  'unknown: objects of one member': (n) => `"x":[${fill(n, '{"a":0}', ',')}]`,
  // For up to 1,500 new object shapes, V8 takes quadratic time, so this filling has only 500 shapes.
  'unknown: objects of 500 shapes': (n) => `"x":[${each(n, (index) => `{"a${index % 500}":0}`)}]`,
  'unknown: objects with numbers for names': (n) => `"x":[${each(n, (index) => `{"${index * 7919}":0}`)}]`,
  'unknown: nested as deeply as allowed': (n) => `"x":[${fill(n, nested(30), ',')}]`,
  'unknown: nested too deeply': (n) => `"x":${nested(n / 2)}`,
  'unknown: objects nested too deeply': (n) => `"x":${'{"a":'.repeat(n / 6)}0${'}'.repeat(n / 6)}`,
  'unknown: different texts': (n) => `"x":[${each(n, (index) => `"${index.toString(36)}"`)}]`,
  'unknown: a long text': (n) => quoted('x', fill(n, 'a')),
  'unknown: a long text with one non-ASCII letter': (n) => quoted('x', `${fill(n, 'a')}ø`),
  'unknown: letters of three bytes': (n) => quoted('x', letters(n, 0x4e00, 20_000)),
  'unknown: letters of four bytes': (n) => quoted('x', fill(n, '😀')),
  'unknown: escapes': (n) => quoted('x', fill(n, '\\n')),
  'unknown: fractions': (n) => `"x":[${fill(n, '0.1', ',')}]`,
  'unknown: null, true and false': (n) => `"x":[${fill(n, 'null,true,false', ',')}]`,
  'unknown: white space': (n) => `"x":[${fill(n, ' ')}]`,
  'unknown: __proto__ at the end': (n) => `"x":[${fill(n, '{}', ',')},{"__proto__":0}]`,
  'unknown: without an end': (n) => `"x":[${fill(n, '{}', ',')}`,
}

const HEADERS: Readonly<Record<string, Filling>> = {
  'alg: long': (n) => quoted('alg', fill(n, 'R')),
  'kid: long': (n) => quoted('kid', fill(n, 'k')),
  'typ: long': (n) => quoted('typ', fill(n, 'J')),
  'typ: letters that are longer in lower case': (n) => quoted('typ', fill(n, 'İ')),
  'crit: long': (n) => `"crit":[${fill(n, '"a"', ',')}]`,
  'x5c: long': (n) => `"kid":null,"x5c":["${fill(n, 'M')}"]`,
  'header: many members': (n) => each(n, (index) => `"m${index}":0`),
  'header: small objects': (n) => `"x":[${fill(n, '{}', ',')}]`,
  'header: a long text': (n) => quoted('x', fill(n, 'a')),
  'header: letters of three bytes': (n) => quoted('x', letters(n, 0x4e00, 20_000)),
}

/** Payloads that do not contain a JSON object with claims. */
const PAYLOADS: Readonly<Record<string, Filling>> = {
  'payload: only white space': (n) => fill(n, ' '),
  'payload: white space before it': (n) => `${fill(n, ' ')}{}`,
  'payload: braces': (n) => fill(n, '{'),
  'payload: a string without an end': (n) => `{"${fill(n, '\\"')}`,
}

/** Values of the Authorization header. */
export const AUTHORIZATIONS: Readonly<Record<string, (n: number, token: string) => string>> = {
  'spaces before the scheme': (n, token) => `${fill(n, ' ')}Bearer ${token}`,
  'spaces after the scheme': (n, token) => `Bearer ${fill(n, ' ')}${token}`,
  'spaces after the token': (n, token) => `Bearer ${token}${fill(n, ' ')}`,
  'spaces within the token': (n, token) => `Bearer ${token}${fill(n, ' ')}x`,
  'only blanks': (n) => fill(n, ' \t'),
  'a repeated scheme': (n) => fill(n, 'Bearer '),
  'another scheme and commas': (n) => `Basic ${fill(n, ', a')}`,
  'another scheme and parameters': (n) => `Digest ${fill(n, ', a    =b')}`,
  'one comma and spaces': (n) => `Basic a,${fill(n, ' ')}=`,
  'one comma and a long word': (n) => `Basic a,${fill(n, 'a')}`,
  'a long word': (n) => fill(n, 'a'),
  dots: (n) => `Bearer ${fill(n, '.')}`,
  'one long part': (n) => `Bearer ${fill(n, 'a')}`,
  'three parts, of which one has an invalid last character': (n) => `Bearer a.${fill(n, 'a')}*.a`,
  'non-ASCII letters': (n) => `Bearer ${fill(n, 'å')}`,
}

/** Answers from Maskinporten as JSON text: `jwks` from the key endpoint, and `metadata`. */
export const ANSWERS: Readonly<Record<string, (n: number) => { jwks?: string; metadata?: string }>> = {
  'metadata: a key address of many non-ASCII letters': (n) => ({
    metadata: `{"issuer":"${ISSUER}","jwks_uri":"https://${letters(n, 0x4e00, 20_000)}"}`,
  }),
  'metadata: a long issuer': (n) => ({ metadata: `{"issuer":"${fill(n, 'a')}","jwks_uri":"x"}` }),
  'metadata: many members': (n) => ({ metadata: `{${each(n, (index) => `"m${index}":0`)}}` }),
  'keys: numbers': (n) => ({ jwks: `{"keys":[${fill(n, '0', ',')}]}` }),
  'keys: small objects': (n) => ({ jwks: `{"keys":[${fill(n, '{}', ',')}]}` }),
  'keys: a long kid': (n) => ({ jwks: `{"keys":[{"kty":"RSA","kid":"${fill(n, 'k')}"}]}` }),
  'keys: a long modulus': (n) => ({
    jwks: `{"keys":[{"kty":"RSA","kid":"a","e":"AQAB","n":"${fill(n, 'A')}"}]}`,
  }),
  'keys: many operations': (n) => ({
    jwks: `{"keys":[{"kty":"RSA","kid":"a","e":"AQAB","n":"AQAB","key_ops":[${fill(n, '"a"', ',')}]}]}`,
  }),
  'keys: nested deeply': (n) => ({ jwks: `{"keys":${nested(n / 2)}}` }),
}

/** A kind of token. */
export interface TokenKind {
  readonly name: string
  /** The JSON of header and payload, with about `n` bytes of filling. */
  texts(forge: Forge, n: number): readonly [header: string, payload: string]
}

const kinds = (
  fillings: Readonly<Record<string, Filling>>,
  texts: (forge: Forge, filling: string) => ReturnType<TokenKind['texts']>,
): TokenKind[] =>
  Object.entries(fillings).map(([name, filling]) => ({ name, texts: (forge, n) => texts(forge, filling(n)) }))

export const TOKEN_KINDS: readonly TokenKind[] = [
  ...kinds(CLAIMS, ({ header, claims }, more) => [JSON.stringify(header), extended(claims, more)]),
  ...kinds(HEADERS, ({ header, claims }, more) => [extended(header, more), JSON.stringify(claims)]),
  ...kinds(PAYLOADS, ({ header }, payload) => [JSON.stringify(header), payload]),
]

export type Sign = (forge: Forge, header: string, payload: string) => string

/**
 * Each function makes a token: with an unknown kid, with a wrong signature, or signed by Maskinporten's key.
 */
export const SIGNATURES = {
  'unknown key': (forge, header, payload) =>
    forge.unsigned(header.replace('"known-key"', '"unknown"'), encode('x'.repeat(256)), payload),
  'bad signature': (forge, header, payload) => forge.unsigned(header, encode('\0'.repeat(256)), payload),
  signed: (forge, header, payload) => forge.raw(header, payload),
} as const satisfies Record<string, Sign>
