import { expect, it } from 'vitest'
import { type Authorization, authorizationValues, bearerToken } from '../../src/http/bearer.js'
import { reasonOf } from '../refusal.js'

it.each([
  ['in the usual form', 'Bearer a.b.c'],
  ['with the scheme in any case (RFC 9110 §11.1)', 'bEaReR a.b.c'],
  ['after several spaces (RFC 6750 §2.1: 1*SP)', 'Bearer    a.b.c'],
  ['without the white space around the value (RFC 9110 §5.5)', ' \tBearer a.b.c\t '],
])('bearerToken reads a token %s', (_title, value) => {
  expect(bearerToken(value)).toBe('a.b.c')
  expect(bearerToken([value])).toBe('a.b.c')
})

it('bearerToken reads a JSON object as one credential, although it contains commas', () => {
  const response = '{"access_token":"a.b.c","token_type":"Bearer"}'
  expect(bearerToken(`Bearer  ${response}`)).toBe(response)
  expect(reasonOf(() => bearerToken([`Bearer ${response}`, 'Bearer a.b.c']))).toBe('ambiguous_credentials')
})

it.each<[string, unknown, string]>([
  ['an absent header', undefined, 'no_credentials'],
  ['null, as Headers.get returns it', null, 'no_credentials'],
  ['an empty list of values', [], 'no_credentials'],
  ['an empty value', '', 'no_credentials'],
  ['a blank value', ' \t ', 'no_credentials'],
  ['the scheme Basic', 'Basic dTpw', 'other_scheme'],
  ['a scheme that begins with Bearer', 'Bearer2 a.b.c', 'other_scheme'],
  ['a scheme that ends with Bearer', 'NotBearer a.b.c', 'other_scheme'],
  ['a bare token', 'a.b.c', 'other_scheme'],
  ['several parameters of one other credential', 'Digest a="x", b=c', 'other_scheme'],
  ['the scheme alone', 'Bearer', 'empty_token'],
  ['the scheme and spaces', 'Bearer   ', 'empty_token'],
  ['a tab after the scheme', 'Bearer\ta.b.c', 'malformed_token'],
  ['two headers', ['Bearer a.b.c', 'Bearer d.e.f'], 'ambiguous_credentials'],
  ['two joined tokens', 'Bearer a.b.c, Bearer d.e.f', 'ambiguous_credentials'],
  ['a joined token, without white space', 'Basic dTpw,Bearer a', 'ambiguous_credentials'],
  ['a joined token, after much white space', 'Basic dTpw, \t Bearer   a', 'ambiguous_credentials'],
  ['a comma right after the scheme', 'Bearer,Basic dTpw', 'ambiguous_credentials'],
  ['a delimiter alone after the scheme', 'Bearer:', 'malformed_token'],
  ['an object whose text is a token', { toString: () => 'Bearer a.b.c' }, 'ambiguous_credentials'],
])('bearerToken refuses %s', (_title, value, reason) => {
  expect(reasonOf(() => bearerToken(value as Authorization))).toBe(reason)
})

const valuesOf = (...rawHeaders: string[]) => authorizationValues({ rawHeaders })

it('authorizationValues returns the value of every Authorization header, whatever the case of its name', () => {
  const raw = ['Host', 'x', 'Authorization', 'Bearer a', 'authorization', 'Bearer b']
  expect(valuesOf(...raw, 'X-Authorization', 'c')).toEqual(['Bearer a', 'Bearer b'])
})

it('authorizationValues ignores other names, even of the same length, and a name without a value', () => {
  expect(valuesOf('X-Request-Tag', 'a', 'Proxy-Authorization', 'b', 'Accept', 'c')).toEqual([])
  expect(valuesOf('Host', 'x', 'Authorization')).toEqual([])
})

it('authorizationValues ignores a name that is not a string, and reads a value that is missing as empty', () => {
  const valuesIn = (...rawHeaders: unknown[]) => authorizationValues({ rawHeaders: rawHeaders as string[] })
  expect(valuesIn(undefined, 'x', 1, 'y', 'Authorization', 'Bearer a')).toEqual(['Bearer a'])
  expect(valuesIn('Authorization', undefined)).toEqual([''])
})

it('authorizationValues throws an error about the guard if it gets no request', () => {
  expect(() => authorizationValues(undefined as never)).toThrow(
    new TypeError(
      "A guard was called without a request: use the guard of your framework's package, as middleware or a hook " +
        'and not as a plugin',
    ),
  )
})

it('authorizationValues ignores `headers` if `rawHeaders` is not empty', () => {
  const headers = { authorization: 'Bearer a' }
  expect(authorizationValues({ rawHeaders: ['Host', 'x'], headers })).toEqual([])
  expect(authorizationValues({ rawHeaders: ['Authorization', 'Bearer b'], headers })).toEqual(['Bearer b'])
})

it.each<[string, object | null | undefined, string[]]>([
  ['one value with a name in upper case', { AUTHORIZATION: 'Bearer a' }, ['Bearer a']],
  ['two names', { Authorization: 'Bearer a', authorization: 'Bearer b' }, ['Bearer a', 'Bearer b']],
  ['an array with a non-string', { authorization: ['Bearer a', 7] }, ['Bearer a', '']],
  ['a non-string', { authorization: { toString: () => 'Bearer a' } }, ['']],
  ['null', { authorization: null }, ['']],
  ['undefined', { authorization: undefined }, []],
  ['an inherited member', Object.create({ authorization: 'Bearer a' }), []],
  ['another name', { 'x-authorization': 'Bearer a', 'proxy-authorization': 'Bearer b' }, []],
  ['null in place of headers', null, []],
])('authorizationValues reads `headers` if `rawHeaders` is absent or empty: %s', (_title, given, values) => {
  const headers = given as object | undefined
  expect(authorizationValues({ headers })).toEqual(values)
  expect(authorizationValues({ rawHeaders: [], headers })).toEqual(values)
})

it('bearerToken reads a hostile value in linear time', () => {
  // A quadratic algorithm would take hours, so the test fails by its timeout.
  for (const piece of [' ', '\t', ',', ', a ', 'Bearer ', ',a']) {
    expect(reasonOf(() => bearerToken(`Basic ${piece.repeat(2_000_000)}`))).toMatch(
      /^(other_scheme|ambiguous_credentials)$/,
    )
  }
})
