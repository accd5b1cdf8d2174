import { expect, it } from 'vitest'
import { checkUrl, isLoopback, isOnIssuersHost } from '../../src/platform/url-rule.js'

const INSECURE =
  'x must be an https: URL, or an http: URL of this machine. Within your own network, `insecureHttp: true` ' +
  'allows http: for an issuer, and for endpoints on the origin of that issuer'

it.each<[unknown, string]>([
  ['x.no', 'x must be an absolute URL, without white space and quotes'],
  ['https://user@x.no/', 'x must not hold a user name or password'],
  ['https://:secret@x.no/', 'x must not hold a user name or password'],
  ['ftp://127.0.0.1/', INSECURE],
  ['file:///etc/keys', INSECURE],
])('checkUrl throws for %s, even if `insecureHttp` is set', (url, message) => {
  expect(() => checkUrl(url, 'x', true)).toThrow(new TypeError(message))
})

it('checkUrl returns an https: URL of any host', () => {
  expect(checkUrl('https://x.no/jwk', 'x', false, new URL('https://y.no/')).href).toBe('https://x.no/jwk')
})

it('checkUrl allows http on this machine, and on the issuer’s origin if `insecureHttp` is set', () => {
  expect(checkUrl('http://127.0.0.1:1/', 'x', false).port).toBe('1')
  expect(checkUrl('http://mock:8080/jwk', 'x', true, new URL('http://mock:8080/')).pathname).toBe('/jwk')
  for (const refused of [
    () => checkUrl('http://mock/', 'x', false),
    () => checkUrl('http://mock:81/', 'x', true, new URL('http://mock/')),
    () => checkUrl('http://mock/', 'x', true, new URL('https://mock/')),
  ])
    expect(refused).toThrow(INSECURE)
})

it.each([
  ['http://localhost:8089/x', true],
  ['http://127.1/', true],
  ['http://127.10.20.113:80/', true],
  ['http://[::1]:3000/', true],
  ['http://127.evil.example/', false],
  ['http://127.0.0.1.evil.example/', false],
  ['http://localhost.evil.example/', false],
  ['http://127.0.0.1@evil.example/', false],
  ['http://128.0.0.1/', false],
  ['http://0.0.0.0/', false],
  ['foo://a.127.0.0.1/', false],
])('for %s, isLoopback returns %s', (url, expected) => {
  expect(isLoopback(new URL(url))).toBe(expected)
})

const LONGEST = 'https://x.no/'.padEnd(2048, 'a')
it.each<[unknown, boolean]>([
  ['https://x.no/t?a', true],
  [LONGEST, true],
  [`${LONGEST}a`, false],
  [['https://x.no/jwk'], false],
  ['/jwk', false],
  ['http://x.no/jwk', false],
  ['https://x.no:8443/jwk', false],
  ['https://x.no.evil.example/jwk', false],
  ['https://user@x.no/jwk', false],
  ['https://:secret@x.no/jwk', false],
])('for %s and the issuer https://x.no/, isOnIssuersHost returns %s', (address, expected) => {
  expect(isOnIssuersHost(address, 'https://x.no/')).toBe(expected)
})
