import { base64url } from 'jose'
import { expect, it } from 'vitest'
import { ALGORITHMS, base64urlBytes, readCompactJws } from '../../src/jws/compact-jws.js'
import { reasonOf } from '../refusal.js'

const rules = { algorithms: ALGORITHMS, maxTokenLength: 16_384 }
const header = { alg: 'RS256', kid: 'k1' }
const claims = { iss: 'https://test.maskinporten.no/' }

function part(value: unknown): string {
  return base64url.encode(typeof value === 'string' ? value : JSON.stringify(value))
}

function token(h: unknown = header, c: unknown = claims, signature = 'c2ln'): string {
  return `${part(h)}.${part(c)}.${signature}`
}

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
  expect(reasonOf(() => read(`${part(header)}A.${part(claims)}.c2ln`))).toBe('malformed_token')
  expect(reasonOf(() => read(`${part(header).slice(0, -1)}.${part(claims)}.c2ln`))).toBe('malformed_token')
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

it.each(['???>>>', 'blåbærsyltetøy', '日本 🫐'])('readCompactJws reads the claim %s unchanged', (text) => {
  const written = token(header, { ...claims, text })
  // The encoding of `???>>>` contains `-` and `_`, which standard base64 does not have.
  if (text.includes('?')) expect(written).toMatch(/^(?=.*-).*_/)
  expect(read(written).unverifiedClaims).toEqual({ ...claims, text })
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

it.each(['JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt', 'application/jwt', 'Application/JWT'])(
  'readCompactJws accepts typ %s (RFC 7515 §4.1.9, RFC 9068 §2.1)',
  (typ) => {
    expect(read(token({ ...header, typ })).keyId).toBe('k1')
  },
)

it('readCompactJws ignores header members that it does not need', () => {
  const [jku, x5u] = ['https://evil.example/', 'file:///etc/passwd']
  expect(read(token({ ...header, jku, x5u, jwk: { kty: 'RSA' }, x5c: ['AAAA'] })).keyId).toBe('k1')
})

const signedAs = (signature: string) => token(header, claims, signature)
const deep = '['.repeat(5000) + ']'.repeat(5000)

it.each<[string, string]>([
  ['one word', 'abc'],
  ['a JSON list', `["${token()}"]`],
  ['a token without a signature part', `${part(header)}.${part(claims)}`],
  ['an empty signature', signedAs('')],
  ['four parts', `${token()}.c2ln`],
  ['an encrypted token (RFC 7516: five parts)', `${token()}.c2ln.c2ln`],
  ['a dot at the start', `.${token()}`],
  ['a padded part', signedAs('c2lnAA==')],
  ['a part in standard base64', signedAs('c2l+')],
  ['a line break inside a part', signedAs('c2\nln')],
  ['a line break at the start of a part', signedAs('\nc2l')],
  ['a line break at the end', `${token()}\n`],
  ['a part of an impossible length', signedAs('c2lnc')],
  ['a header that is not JSON', token('{')],
  ['a header that is a list', token([])],
  ['claims that are a list', token(header, [])],
  ['claims that are null', token(header, null)],
  ['claims that are a number', token(header, 1)],
  ['claims that are a JWS', token(header, token())],
  ['text after the claims', token(header, '{}x')],
  [
    'claims that are not UTF-8',
    `${part(header)}.${base64url.encode(Buffer.from('{"a":"\xff"}', 'latin1'))}.c2ln`,
  ],
  ['claims that are nested too deeply', token(header, `{"a":${deep}}`)],
  ['claims with __proto__', token(header, '{"__proto__":{"scope":"a"}}')],
  ['a claim with __proto__', token(header, '{"consumer":{"__proto__":{}}}')],
  ['a header with __proto__', token('{"alg":"RS256","kid":"k1","__proto__":{}}')],
  ...['', 'x', '"a"', '\u000b{}', '\u00a0{}', '\ufeff{}'].map((text): [string, string] => [
    `claims that are not a JSON object: ${JSON.stringify(text)}`,
    token(header, text),
  ]),
  ...[1, null, {}, ['k1'], '', 'k 1', 'k\r\n1', 'k\0', 'ké', '"k"', 'k\\', 'k'.repeat(257)].map(
    (kid): [string, string] => [`kid ${JSON.stringify(kid)}`, token({ alg: 'RS256', kid })],
  ),
  ...[undefined, null, 7, {}, ['a.b.c']].map((value): [string, string] => [
    `a token that is not a string: ${JSON.stringify(value)}`,
    value as never,
  ]),
])('readCompactJws rejects a malformed token: %s', (_title, text) => {
  expect(reasonOf(() => read(text))).toBe('malformed_token')
})

const OTHER_ALGORITHMS = 'none None nOnE HS256 PS256 ES256 RS1 rs256 __proto__ constructor'.split(' ')

it.each<[string, string, string]>([
  ['an empty token', '', 'empty_token'],
  ['a token of 16,385 characters', 'a'.repeat(16_385), 'token_too_large'],
  ['a token response', `{"access_token":"${token()}"}`, 'token_response'],
  ['a header with crit', token({ ...header, crit: ['exp'] }), 'unsupported_header'],
  ['a header with empty crit', token({ ...header, crit: [] }), 'unsupported_header'],
  ['a header with crit null', token({ ...header, crit: null }), 'unsupported_header'],
  ['a header with b64 false', token({ ...header, b64: false }), 'unsupported_header'],
  ['a header with b64 true', token({ ...header, b64: true }), 'unsupported_header'],
  ['a header with b64 null', token({ ...header, b64: null }), 'unsupported_header'],
  ['a header with enc', token({ ...header, enc: 'A256GCM' }), 'unsupported_header'],
  ['a header with enc null', token({ ...header, enc: null }), 'unsupported_header'],
  ['the typ of an ID token', token({ ...header, typ: 'id_token' }), 'wrong_type'],
  ['a typ of 4,000 characters', token({ ...header, typ: 'İ'.repeat(4000) }), 'wrong_type'],
  ['a typ that is null', token({ ...header, typ: null }), 'wrong_type'],
  ['a typ with two prefixes', token({ ...header, typ: 'application/application/jwt' }), 'wrong_type'],
  ['the typ of another media type', token({ ...header, typ: 'text/jwt' }), 'wrong_type'],
  ['a typ that begins with an accepted type', token({ ...header, typ: 'JWT ' }), 'wrong_type'],
  ['a typ that ends with an accepted type', token({ ...header, typ: 'xjwt' }), 'wrong_type'],
  ['the typ of a DPoP proof', token({ ...header, typ: 'dpop+jwt' }), 'wrong_type'],
  ['a typ that is not a string', token({ ...header, typ: 1 }), 'wrong_type'],
  ['a typ that is a list with an accepted type', token({ ...header, typ: ['JWT'] }), 'wrong_type'],
  ['a header without kid', token({ alg: 'RS256' }), 'missing_key_id'],
  ['a grant with a certificate instead of kid', token({ alg: 'RS256', x5c: ['AAAA'] }), 'client_assertion'],
  ...[...OTHER_ALGORITHMS, '', 'RS256 ', null, 1, ['RS256'], undefined].map(
    (alg): [string, string, string] => [
      `the alg ${JSON.stringify(alg)}`,
      token({ kid: 'k1', alg }),
      'unsupported_algorithm',
    ],
  ),
])('readCompactJws rejects %s', (_title, text, reason) => {
  expect(reasonOf(() => read(text))).toBe(reason)
})

it('readCompactJws rejects non-zero unused bits in every part', () => {
  // Each part has 3n + 2 octets, so that its last character has two unused bits.
  const [head, body] = [header, claims].map((value) => {
    const json = JSON.stringify(value)
    return part(json + ' '.repeat((5 - (json.length % 3)) % 3))
  })
  const withUnusedBits = (text = '') =>
    text.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1))
  expect(read(`${head}.${body}.c2k`).keyId).toBe('k1')
  for (const text of [
    `${withUnusedBits(head)}.${body}.c2k`,
    `${head}.${withUnusedBits(body)}.c2k`,
    `${head}.${body}.c2l`,
  ]) {
    expect(reasonOf(() => read(text))).toBe('malformed_token')
  }
})

it('if readCompactJws accepts two signatures that differ only in their last character, their bytes differ', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const bytes = new Set<string>()
  let accepted = 0
  for (const last of alphabet) {
    try {
      read(signedAs(`c2lnA${last}`))
    } catch {
      continue
    }
    accepted++
    bytes.add(base64url.decode(`c2lnA${last}`).join())
  }
  expect([accepted, bytes.size]).toEqual([4, 4])
})

it.each([' ', '\t', '\n', '\r', ' \r\n\t '])('readCompactJws allows white space before JSON: %j', (space) => {
  expect(read(token(space + JSON.stringify(header), space + JSON.stringify(claims))).keyId).toBe('k1')
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

it.each([
  ...['', 'A', 'AAAAA', 'AB', 'AAB', 'AA==', 'A+AA', 'A/AA', 'A AA', 'AA\n', 'ÅAAA', 'AAA\u0100'],
  '\ud800AAA',
])('base64urlBytes returns undefined for text that is not canonical: %j', (text) => {
  expect(decode(text)).toBeUndefined()
})

it('base64urlBytes decodes every byte, at every length', () => {
  for (let length = 1; length <= 4; length++) {
    for (let byte = 0; byte < 256; byte++) {
      const bytes = Buffer.alloc(length, byte)
      expect(Buffer.from(decode(bytes.toString('base64url')) ?? [])).toEqual(bytes)
    }
  }
})
