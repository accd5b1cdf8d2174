import { base64url } from 'jose'
import { expect, it } from 'vitest'
import { ALGORITHMS, base64urlBytes, readCompactJws } from '../../src/jws/compact-jws.js'
import { reasonOf } from '../refusal.js'

const rules = { algorithms: ALGORITHMS, maxTokenLength: 16_384 }
const header = { alg: 'RS256', kid: 'k1' }
const claims = { iss: 'https://test.maskinporten.no/' }

const part = (value: unknown) => base64url.encode(typeof value === 'string' ? value : JSON.stringify(value))
const token = (h: unknown = header, c: unknown = claims, signature = 'c2ln') =>
  `${part(h)}.${part(c)}.${signature}`
const signedAs = (signature: string) => token(header, claims, signature)

const decode = (text: string) => base64urlBytes(new TextEncoder().encode(text))
const read = (text: string) => readCompactJws(text, rules)

it('readCompactJws returns the key id, the algorithm and the claims of a token', () => {
  const { bytes, signed, signature, ...rest } = read(token())
  expect(rest).toEqual({ algorithm: 'RS256', keyId: 'k1', unverifiedClaims: claims })
  const texts = [bytes, signed, signature].map((part) => new TextDecoder().decode(part))
  expect(texts).toEqual([token(), `${part(header)}.${part(claims)}`, 'sig'])
})

it('readCompactJws reads each header, whether or not the previous token had the same header', () => {
  const kids = ['k1', 'k1', 'k2', 'k1', 'k1'].map((kid) => read(token({ ...header, kid })).keyId)
  expect(kids).toEqual(['k1', 'k1', 'k2', 'k1', 'k1'])
  // These headers are the previous one with another character at its end, and without its last character.
  for (const changed of [`${part(header)}A`, part(header).slice(0, -1)])
    expect(reasonOf(() => read(`${changed}.${part(claims)}.c2ln`))).toBe('malformed_token')
})

it('readCompactJws applies each call’s `algorithms`, even to a header that another call has accepted', () => {
  read(token())
  const readStrictly = () => readCompactJws(token(), { ...rules, algorithms: ['RS512'] })
  expect(reasonOf(readStrictly)).toBe('unsupported_algorithm')
  expect(read(token()).algorithm).toBe('RS256')
})

it('readCompactJws rejects a text without a dot, even if all but its last character decodes to a header', () => {
  const encoded = part(`${JSON.stringify({ ...header, kid: 'k12' })} `)
  // The whole text is valid base64url. Without its last character, it decodes to a header.
  expect(encoded.length % 4).toBe(2)
  expect(reasonOf(() => read(`${encoded}A`))).toBe('malformed_token')
})

it('readCompactJws refuses a header with `crit`, also when the same header is read again', () => {
  for (let time = 0; time < 2; time++)
    expect(reasonOf(() => read(token({ ...header, crit: [] })))).toBe('unsupported_header')
})

it('readCompactJws returns claims in any language unchanged', () => {
  // The encoding of `???>>>` contains `-` and `_`, which standard base64 does not have.
  const given = { ...claims, text: '???>>> blåbærsyltetøy 日本 🫐' }
  expect(part(given)).toMatch(/^(?=.*-).*_/)
  expect(read(token(header, given)).unverifiedClaims).toEqual(given)
})

it.each(['RS256', 'RS384', 'RS512'])('readCompactJws accepts a token that is signed with %s', (alg) => {
  expect(read(token({ ...header, alg })).algorithm).toBe(alg)
})

it('readCompactJws accepts a token of `maxTokenLength` characters, and rejects a longer one', () => {
  const text = token()
  const readWithin = (maxTokenLength: number) => () => readCompactJws(text, { ...rules, maxTokenLength })
  expect(readWithin(text.length)().bytes).toHaveLength(text.length)
  expect(reasonOf(readWithin(text.length - 1))).toBe('token_too_large')
})

it('readCompactJws accepts the typ of an access token (RFC 7515 §4.1.9, RFC 9068 §2.1)', () => {
  for (const typ of ['JWT', 'jwt', 'at+jwt', 'application/at+jwt', 'Application/JWT'])
    expect(read(token({ ...header, typ })).keyId).toBe('k1')
})

it('readCompactJws ignores header members that it does not need', () => {
  const [jku, x5u] = ['https://evil.example/', 'file:///etc/passwd']
  expect(read(token({ ...header, jku, x5u, jwk: { kty: 'RSA' }, x5c: ['AAAA'] })).keyId).toBe('k1')
})

it('readCompactJws allows white space before JSON', () => {
  for (const space of [' ', '\t', '\n', '\r', ' \r\n\t '])
    expect(read(token(space + JSON.stringify(header), space + JSON.stringify(claims))).keyId).toBe('k1')
})

const deep = '['.repeat(5000) + ']'.repeat(5000)
const notUtf8 = base64url.encode(Buffer.from('{"a":"\xff"}', 'latin1'))
const badKeyIds = [1, null, ['k1'], '', 'k 1', 'k\r\n1', 'k\0', 'ké', '"k"', 'k\\', 'k'.repeat(257)]

it.each<[string, string]>([
  ['one word', 'abc'],
  ['a token without a signature part', `${part(header)}.${part(claims)}`],
  ['an empty signature', signedAs('')],
  ['an encrypted token (RFC 7516: five parts)', `${token()}.c2ln.c2ln`],
  ['a padded part', signedAs('c2lnAA==')],
  ['a part whose unused bits are not zero', signedAs('c2l')],
  ['a line break at the end', `${token()}\n`],
  ['a header that is not JSON', token('{')],
  ['a header that is a list', token([])],
  ['claims that are a list', token(header, [])],
  ['claims that are null', token(header, null)],
  ['claims that are empty', token(header, '')],
  ['claims after a byte order mark', token(header, '\ufeff{}')],
  ['claims after white space that JSON does not have', token(header, '\u000b{}')],
  ['text after the claims', token(header, '{}x')],
  ['claims that are not UTF-8', `${part(header)}.${notUtf8}.c2ln`],
  ['claims that are nested too deeply', token(header, `{"a":${deep}}`)],
  ['claims with __proto__', token(header, '{"__proto__":{"scope":"a"}}')],
  ['a header with __proto__', token('{"alg":"RS256","kid":"k1","__proto__":{}}')],
  ...badKeyIds.map((kid): [string, string] => [`kid ${JSON.stringify(kid)}`, token({ ...header, kid })]),
  ...[undefined, 7, ['a.b.c']].map((value): [string, string] => [`not a string: ${value}`, value as never]),
])('readCompactJws rejects a malformed token: %s', (_title, text) => {
  expect(reasonOf(() => read(text))).toBe('malformed_token')
})

const inHeader = (name: string, reason: string, values: readonly unknown[]) =>
  values.map((value): [string, string, string] => [
    `a header with ${name} ${JSON.stringify(value)?.slice(0, 40)}`,
    token({ ...header, [name]: value }),
    reason,
  ])
const NAMES = 'none None HS256 PS256 ES256 RS1 rs256 __proto__ constructor'.split(' ')
const OTHER_ALGORITHMS = [...NAMES, '', 'RS256 ', null, ['RS256'], undefined]
const OTHER_TYPES = [
  ...['id_token', 'dpop+jwt', 'text/jwt', 'JWT ', 'xjwt', 'application/application/jwt', 'İ'.repeat(4000)],
  ...[null, ['JWT']],
]

it.each<[string, string, string]>([
  ['an empty token', '', 'empty_token'],
  ['a token of 16,385 characters', 'a'.repeat(16_385), 'token_too_large'],
  ['a token response', `{"access_token":"${token()}"}`, 'token_response'],
  ['a header without kid', token({ alg: 'RS256' }), 'missing_key_id'],
  ['a grant with a certificate instead of kid', token({ alg: 'RS256', x5c: ['AAAA'] }), 'client_assertion'],
  ...inHeader('crit', 'unsupported_header', [['exp'], null]),
  ...inHeader('b64', 'unsupported_header', [false]),
  ...inHeader('enc', 'unsupported_header', ['A256GCM']),
  ...inHeader('alg', 'unsupported_algorithm', OTHER_ALGORITHMS),
  ...inHeader('typ', 'wrong_type', OTHER_TYPES),
])('readCompactJws rejects %s', (_title, text, reason) => {
  expect(reasonOf(() => read(text))).toBe(reason)
})

it('readCompactJws never repeats any part of a token in an error', () => {
  const text = token({ ...header, kid: { 'secret-kid': 1 } }, '{"secret-claim": tru')
  try {
    read(text)
    expect.unreachable()
  } catch (error) {
    expect((error as Error).cause).toBeUndefined()
    expect(String((error as Error).stack)).not.toMatch(/secret/)
  }
})

it('base64urlBytes returns undefined for text that is not canonical', () => {
  for (const text of [
    '',
    'A',
    'AAAAA',
    'AB',
    'AAB',
    'AA==',
    'A+AA',
    'A/AA',
    'A AA',
    'AA\n',
    'ÅAAA',
    '\ud800AAA',
  ])
    expect(decode(text), text).toBeUndefined()
})

it('base64urlBytes decodes every byte, at every length', () => {
  for (let length = 1; length <= 4; length++) {
    for (let byte = 0; byte < 256; byte++) {
      const bytes = Buffer.alloc(length, byte)
      expect(Buffer.from(decode(bytes.toString('base64url')) ?? [])).toEqual(bytes)
    }
  }
})
