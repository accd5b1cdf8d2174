import { base64url } from 'jose'
import { describe, expect, it, test } from 'vitest'
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

const read = (text: string) => readCompactJws(text, rules)

it('reads a token in the form that Maskinporten gives it', () => {
  expect(read(token())).toEqual({ token: token(), algorithm: 'RS256', keyId: 'k1', unverifiedClaims: claims })
})

test.each(['???>>>', 'blåbærsyltetøy', '日本 🫐'])('reads the claim %s unchanged', (text) => {
  const written = token(header, { ...claims, text })
  expect(read(written).unverifiedClaims).toEqual({ ...claims, text })
})

it('reads the two characters that base64 does not have', () => {
  const written = token(header, { text: '???>>>' })
  expect(written).toMatch(/-/)
  expect(written).toMatch(/_/)
  expect(read(written).unverifiedClaims).toEqual({ text: '???>>>' })
})

test.each(['RS256', 'RS384', 'RS512'])('reads a token that is signed with %s', (alg) => {
  expect(read(token({ ...header, alg })).algorithm).toBe(alg)
})

it('reads a token of `maxTokenLength` characters, and rejects a longer one', () => {
  const text = token()
  const readWithin = (maxTokenLength: number) => () => readCompactJws(text, { ...rules, maxTokenLength })
  expect(readWithin(text.length)().token).toBe(text)
  expect(reasonOf(readWithin(text.length - 1))).toBe('token_too_large')
})

test.each(['JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt', 'application/jwt', 'Application/JWT'])(
  'accepts typ %s (RFC 7515 §4.1.9, RFC 9068 §2.1)',
  (typ) => {
    expect(read(token({ ...header, typ })).keyId).toBe('k1')
  },
)

it('ignores header members that it does not need', () => {
  const extra = {
    jku: 'https://evil.example/',
    jwk: { kty: 'RSA' },
    x5c: ['AAAA'],
    x5u: 'file:///etc/passwd',
  }
  expect(read(token({ ...header, ...extra })).keyId).toBe('k1')
})

describe('a token is refused', () => {
  const deep = '['.repeat(5000) + ']'.repeat(5000)
  test.each<[string, string, string]>([
    ['when it is empty', '', 'empty_token'],
    ['when it is too long', 'a'.repeat(16_385), 'token_too_large'],
    ['when it is one word', 'abc', 'malformed_token'],
    ['when it is a JSON object', `{"access_token":"${token()}"}`, 'token_response'],
    ['when it is a JSON list', `["${token()}"]`, 'malformed_token'],
    ['without a signature part', `${part(header)}.${part(claims)}`, 'malformed_token'],
    ['with an empty signature', token(header, claims, ''), 'malformed_token'],
    ['with four parts', `${token()}.c2ln`, 'malformed_token'],
    ['when it is encrypted (RFC 7516: five parts)', `${token()}.c2ln.c2ln`, 'malformed_token'],
    ['when it begins with a dot', `.${token()}`, 'malformed_token'],
    ['when a part is padded', token(header, claims, 'c2lnAA=='), 'malformed_token'],
    ['when a part has standard base64', token(header, claims, 'c2l+'), 'malformed_token'],
    ['when a part has a line break', token(header, claims, 'c2\nln'), 'malformed_token'],
    ['when a part begins with a line break', token(header, claims, '\nc2l'), 'malformed_token'],
    ['when it ends with a line break', `${token()}\n`, 'malformed_token'],
    ['when a part has an impossible length', token(header, claims, 'c2lnc'), 'malformed_token'],
    ['when its unused bits are set (of two characters)', token(header, claims, 'c2lnAB'), 'malformed_token'],
    [
      'when its unused bits are set (of three characters)',
      token(header, claims, 'c2lnAAB'),
      'malformed_token',
    ],
    ['when the header is not JSON', token('{'), 'malformed_token'],
    ['when the header is a list', token([]), 'malformed_token'],
    ['when the claims are a list', token(header, []), 'malformed_token'],
    ['when the claims are null', token(header, null), 'malformed_token'],
    ['when the claims are a number', token(header, 1), 'malformed_token'],
    ['when the claims are a JWS themselves', token(header, token()), 'malformed_token'],
    ['when text follows the claims', token(header, '{}x'), 'malformed_token'],
    ['when the claims begin with a byte order mark', token(header, '\ufeff{}'), 'malformed_token'],
    [
      'when the claims are not UTF-8',
      `${part(header)}.${base64url.encode(Buffer.from('{"a":"\xff"}', 'latin1'))}.c2ln`,
      'malformed_token',
    ],
    ['when the claims are nested too deeply', token(header, `{"a":${deep}}`), 'malformed_token'],
    ['when the claims have __proto__', token(header, '{"__proto__":{"scope":"a"}}'), 'malformed_token'],
    ['when a claim has __proto__', token(header, '{"consumer":{"__proto__":{}}}'), 'malformed_token'],
    ['when the header has __proto__', token('{"alg":"RS256","kid":"k1","__proto__":{}}'), 'malformed_token'],
    ['with crit', token({ ...header, crit: ['exp'] }), 'unsupported_header'],
    ['with empty crit', token({ ...header, crit: [] }), 'unsupported_header'],
    ['with b64 false', token({ ...header, b64: false }), 'unsupported_header'],
    ['with b64 true', token({ ...header, b64: true }), 'unsupported_header'],
    ['with typ of an ID token', token({ ...header, typ: 'id_token' }), 'wrong_type'],
    ['with a long typ', token({ ...header, typ: 'İ'.repeat(4000) }), 'wrong_type'],
    ['with enc', token({ ...header, enc: 'A256GCM' }), 'unsupported_header'],
    ['with enc null', token({ ...header, enc: null }), 'unsupported_header'],
    ['with typ null', token({ ...header, typ: null }), 'wrong_type'],
    ['with typ of two prefixes', token({ ...header, typ: 'application/application/jwt' }), 'wrong_type'],
    ['with typ of another media type', token({ ...header, typ: 'text/jwt' }), 'wrong_type'],
    ['with typ that begins with an accepted one', token({ ...header, typ: 'JWT ' }), 'wrong_type'],
    ['with typ that ends with an accepted one', token({ ...header, typ: 'xjwt' }), 'wrong_type'],
    ['with typ of a DPoP proof', token({ ...header, typ: 'dpop+jwt' }), 'wrong_type'],
    ['with typ that is not a string', token({ ...header, typ: 1 }), 'wrong_type'],
    ['without kid', token({ alg: 'RS256' }), 'missing_key_id'],
    [
      'when it is a grant with a certificate in place of kid',
      token({ alg: 'RS256', x5c: ['AAAA'] }),
      'client_assertion',
    ],
  ])('%s', (_title, text, reason) => {
    expect(reasonOf(() => read(text))).toBe(reason)
  })

  test.each([
    'none',
    'None',
    'nOnE',
    '',
    'HS256',
    'PS256',
    'ES256',
    'RS1',
    'rs256',
    'RS256 ',
    '__proto__',
    'constructor',
    null,
    1,
    ['RS256'],
    undefined,
  ])('with alg %j', (alg) => {
    expect(reasonOf(() => read(token({ kid: 'k1', alg })))).toBe('unsupported_algorithm')
  })

  test.each([1, null, {}, ['k1'], '', 'k 1', 'k\r\n1', 'k\0', 'ké', '"k"', 'k\\', 'k'.repeat(257)])(
    'with kid %j',
    (kid) => {
      expect(reasonOf(() => read(token({ alg: 'RS256', kid })))).toBe('malformed_token')
    },
  )
})

test.each([
  ['alg', 'unsupported_algorithm'],
  ['kid', 'malformed_token'],
  ['typ', 'wrong_type'],
  ['crit', 'unsupported_header'],
  ['b64', 'unsupported_header'],
  ['enc', 'unsupported_header'],
])('a token is refused when the header has %s: null', (member, reason) => {
  expect(reasonOf(() => read(token({ ...header, [member]: null }, claims)))).toBe(reason)
})

test.each([undefined, null, 7, {}, ['a.b.c']])('refuses a non-string token: %j', (value) => {
  expect(reasonOf(() => read(value as never))).toBe('malformed_token')
})

it('a token with unused bits that are not zero is refused, in every part', () => {
  // 2 more than a multiple of 3 octets, so that the last character has two unused bits.
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

it('every other last character of a part is refused or decodes to other bytes', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const bytes = new Set<string>()
  let accepted = 0
  for (const last of alphabet) {
    const text = token(header, claims, `c2lnA${last}`)
    try {
      read(text)
    } catch {
      continue
    }
    accepted++
    bytes.add(base64url.decode(`c2lnA${last}`).join())
  }
  expect(accepted).toBe(4)
  expect(bytes.size).toBe(accepted)
})

test.each([
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
  'AAA\u0100',
  '\ud800AAA',
])('base64urlBytes returns undefined for text that is not canonical: %j', (text) => {
  expect(base64urlBytes(text)).toBeUndefined()
})

it('base64urlBytes decodes every byte, at every length', () => {
  for (let length = 1; length <= 4; length++) {
    for (let byte = 0; byte < 256; byte++) {
      const bytes = Buffer.alloc(length, byte)
      expect(Buffer.from(base64urlBytes(bytes.toString('base64url')) ?? [])).toEqual(bytes)
    }
  }
})

it.each([' ', '\t', '\n', '\r', ' \r\n\t '])('reads JSON with white space before it: %j', (space) => {
  expect(read(token(space + JSON.stringify(header), space + JSON.stringify(claims))).keyId).toBe('k1')
})

it.each(['', 'x', '[]', '"a"', '1', 'null', '\u000b{}', '\u00a0{}', '\ufeff{}'])(
  'refuses claims that are not a JSON object: %j',
  (text) => {
    expect(reasonOf(() => read(token(header, text)))).toBe('malformed_token')
  },
)

it('never repeats any part of a token in an error', () => {
  const text = token({ ...header, kid: { 'secret-kid': 1 } }, '{"secret-claim": tru')
  try {
    read(text)
    expect.unreachable()
  } catch (error) {
    expect((error as Error).cause).toBeUndefined()
    expect(String((error as Error).stack)).not.toMatch(/secret/)
  }
})
