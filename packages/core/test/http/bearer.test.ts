import { describe, expect, it, test } from 'vitest'
import { type Authorization, authorizationValues, bearerToken } from '../../src/http/bearer.js'
import { reasonOf } from '../refusal.js'

describe('the token is read', () => {
  test.each([
    ['in the usual form', 'Bearer a.b.c'],
    ['with the scheme in any case (RFC 9110 §11.1)', 'bEaReR a.b.c'],
    ['after several spaces (RFC 6750 §2.1: 1*SP)', 'Bearer    a.b.c'],
    ['without the white space around the value (RFC 9110 §5.5)', ' \tBearer a.b.c\t '],
  ])('%s', (_title, value) => {
    expect(bearerToken(value)).toBe('a.b.c')
    expect(bearerToken([value])).toBe('a.b.c')
  })
})

it('a JSON object is read as one credential, although it has commas', () => {
  const response = '{"access_token":"a.b.c","token_type":"Bearer"}'
  expect(bearerToken(`Bearer  ${response}`)).toBe(response)
  expect(reasonOf(() => bearerToken([`Bearer ${response}`, 'Bearer a.b.c']))).toBe('ambiguous_credentials')
})

describe('a request is refused', () => {
  test.each<[string, unknown, string]>([
    ['without a header', undefined, 'no_credentials'],
    ['with null, as Headers.get returns it', null, 'no_credentials'],
    ['without a value', [], 'no_credentials'],
    ['with an empty value', '', 'no_credentials'],
    ['with a blank value', ' \t ', 'no_credentials'],
    ['with Basic', 'Basic dTpw', 'other_scheme'],
    ['with DPoP', 'DPoP a.b.c', 'other_scheme'],
    ['with a scheme that begins with Bearer', 'Bearer2 a.b.c', 'other_scheme'],
    ['with a scheme that ends with Bearer', 'NotBearer a.b.c', 'other_scheme'],
    ['with a bare token', 'a.b.c', 'other_scheme'],
    ['with several parameters of one other credential', 'Digest a="x", b=c', 'other_scheme'],
    ['with the scheme alone', 'Bearer', 'empty_token'],
    ['with the scheme and spaces', 'Bearer   ', 'empty_token'],
    ['with a tab after the scheme', 'Bearer\ta.b.c', 'malformed_token'],
    ['with two headers', ['Bearer a.b.c', 'Bearer d.e.f'], 'ambiguous_credentials'],
    ['with two equal headers', ['Bearer a.b.c', 'Bearer a.b.c'], 'ambiguous_credentials'],
    ['with a second, empty header', ['Bearer a.b.c', ''], 'ambiguous_credentials'],
    ['with two joined tokens', 'Bearer a.b.c, Bearer d.e.f', 'ambiguous_credentials'],
    ['with another scheme joined on', 'Bearer a.b.c,Basic dTpw', 'ambiguous_credentials'],
    ['with a token joined to another scheme', 'Basic dTpw, Bearer a.b.c', 'ambiguous_credentials'],
    [
      'with a token joined to another scheme, without a blank',
      'Basic dTpw,Bearer a',
      'ambiguous_credentials',
    ],
    [
      'with a token joined to another scheme, with many',
      'Basic dTpw, \t Bearer   a',
      'ambiguous_credentials',
    ],
    ['with a comma at the end', 'Bearer a.b.c,', 'ambiguous_credentials'],
    ['with a comma right after the scheme', 'Bearer,Basic dTpw', 'ambiguous_credentials'],
    ['with a comma after a tab', 'Bearer\ta.b.c,d', 'ambiguous_credentials'],
    ['with a delimiter alone after the scheme', 'Bearer:', 'malformed_token'],
    ['with a delimiter after the scheme', 'Bearer:a.b.c', 'malformed_token'],
    ['with a scheme that is cut off', 'Beare', 'other_scheme'],
    ['with a number for a header', 7, 'ambiguous_credentials'],
    ['with an object whose text is a token', { toString: () => 'Bearer a.b.c' }, 'ambiguous_credentials'],
  ])('%s', (_title, value, reason) => {
    expect(reasonOf(() => bearerToken(value as Authorization))).toBe(reason)
  })
})

describe('the Authorization values of a Node request', () => {
  const valuesOf = (...rawHeaders: string[]) => authorizationValues({ rawHeaders })

  it('include every Authorization header, in any case', () => {
    const raw = [
      'Host',
      'x',
      'Authorization',
      'Bearer a',
      'authorization',
      'Bearer b',
      'X-Authorization',
      'c',
    ]
    expect(valuesOf(...raw)).toEqual(['Bearer a', 'Bearer b'])
  })

  it('do not include other headers, even those with names of the same length', () => {
    expect(valuesOf('X-Request-Tag', 'a', 'Proxy-Authorization', 'b', 'Accept', 'c')).toEqual([])
  })

  it('do not include a name without a value', () => {
    expect(valuesOf('Host', 'x', 'Authorization')).toEqual([])
  })

  it('come from a non-empty `rawHeaders` alone', () => {
    const headers = { authorization: 'Bearer a' }
    expect(authorizationValues({ rawHeaders: ['Host', 'x'], headers })).toEqual([])
    expect(authorizationValues({ rawHeaders: ['Authorization', 'Bearer b'], headers })).toEqual(['Bearer b'])
  })

  test.each<[string, object | null | undefined, string[]]>([
    ['one value', { host: 'x', authorization: 'Bearer a' }, ['Bearer a']],
    ['one value under a name in another case', { AUTHORIZATION: 'Bearer a' }, ['Bearer a']],
    ['two names', { Authorization: 'Bearer a', authorization: 'Bearer b' }, ['Bearer a', 'Bearer b']],
    ['an array', { authorization: ['Bearer a', 'Bearer b'] }, ['Bearer a', 'Bearer b']],
    ['an array with a non-string', { authorization: ['Bearer a', 7] }, ['Bearer a', '']],
    ['a non-string', { authorization: { toString: () => 'Bearer a' } }, ['']],
    ['null', { authorization: null }, ['']],
    ['undefined', { authorization: undefined }, []],
    ['an inherited member', Object.create({ authorization: 'Bearer a' }), []],
    ['another name', { 'x-authorization': 'Bearer a', 'proxy-authorization': 'Bearer b' }, []],
    ['undefined in place of headers', undefined, []],
    ['null in place of headers', null, []],
  ])('come from `headers` if `rawHeaders` is absent or empty: %s', (_title, given, values) => {
    const headers = given as object | undefined
    expect(authorizationValues({ headers })).toEqual(values)
    expect(authorizationValues({ rawHeaders: [], headers })).toEqual(values)
  })
})

it('a hostile value is read in linear time', () => {
  // A quadratic rule would need hours for this; the suite's time-out is the assertion.
  for (const piece of [' ', '\t', ',', ', a ', 'Bearer ', ',a']) {
    expect(reasonOf(() => bearerToken(`Basic ${piece.repeat(2_000_000)}`))).toMatch(/_/)
  }
})
