import { expect, it } from 'vitest'
import { checkUrl, isLoopback, isOnIssuersHost } from '../../src/platform/url-rule.js'

it.each([['https://x.no/'], 'x.no', 'https://x.no/\n'])(
  'checkUrl throws for %j, which is not an absolute URL',
  (value) => {
    expect(() => checkUrl(value, 'x', true)).toThrow(
      new TypeError('x must be an absolute URL, without white space and quotes'),
    )
  },
)

it.each(['https://user@x.no/', 'https://:secret@x.no/'])('checkUrl throws for credentials in %s', (url) => {
  expect(() => checkUrl(url, 'x', false)).toThrow('x must not hold a user name or password')
})

it.each(['ftp://127.0.0.1/', 'ws://localhost/', 'ftp://mock/', 'file:///etc/keys'])(
  'checkUrl throws for the scheme of %s, even if `insecureHttp` is set',
  (url) => {
    expect(() => checkUrl(url, 'x', true)).toThrow('x must be an https: URL')
  },
)

it('checkUrl returns an https: URL of any host', () => {
  expect(checkUrl('https://x.no/jwk', 'x', false, new URL('https://y.no/')).href).toBe('https://x.no/jwk')
})

it('checkUrl allows http on this machine, and on the issuer’s origin if `insecureHttp` is set', () => {
  expect(checkUrl('http://127.0.0.1:1/', 'x', false).port).toBe('1')
  expect(checkUrl('http://mock:8080/jwk', 'x', true, new URL('http://mock:8080/')).pathname).toBe('/jwk')
  for (const refused of [
    () => checkUrl('http://mock/', 'x', false),
    () => checkUrl('http://other/', 'x', true, new URL('http://mock/')),
    () => checkUrl('http://mock:81/', 'x', true, new URL('http://mock/')),
    () => checkUrl('http://mock/', 'x', true, new URL('https://mock/')),
  ]) {
    expect(refused).toThrow(
      'x must be an https: URL, or an http: URL of this machine. Within your own network, `insecureHttp: true` ' +
        'allows http: for an issuer, and for endpoints on the origin of that issuer',
    )
  }
})

it.each([
  ['http://localhost/', true],
  ['http://localhost:8089/x', true],
  ['http://127.0.0.1/', true],
  ['http://127.1/', true],
  ['http://127.10.20.113:80/', true],
  ['http://[::1]:3000/', true],
  ['http://127.evil.example/', false],
  ['http://127.0.0.1.evil.example/', false],
  ['http://localhost.evil.example/', false],
  ['http://evil.example/127.0.0.1', false],
  ['http://127.0.0.1@evil.example/', false],
  ['http://128.0.0.1/', false],
  ['http://0.0.0.0/', false],
  ['http://[::2]/', false],
  ['foo://a.127.0.0.1/', false],
])('for %s, isLoopback returns %s', (url, expected) => {
  expect(isLoopback(new URL(url))).toBe(expected)
})

it('isOnIssuersHost accepts an address of 2048 characters, and rejects a longer one', () => {
  const address = 'https://x.no/'.padEnd(2048, 'a')
  expect(isOnIssuersHost(address, 'https://x.no/')).toBe(true)
  expect(isOnIssuersHost(`${address}a`, 'https://x.no/')).toBe(false)
})
