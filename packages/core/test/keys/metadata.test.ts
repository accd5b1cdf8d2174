import { expect, it } from 'vitest'
import { endpointIn, issuerIn } from '../../src/keys/metadata.js'

const ISSUER = 'https://x.no/'

it('issuerIn returns the expected issuer that exactly equals the issuer in the metadata', () => {
  expect(issuerIn({ issuer: 'https://x.no' }, [ISSUER, 'https://x.no'])).toBe('https://x.no')
  expect(issuerIn({ issuer: 'https://x.no' }, [ISSUER])).toBeUndefined()
})

it.each<unknown[]>([
  ...[[null], [undefined], [ISSUER], [[ISSUER]], [{}]],
  ...[[{ issuer: [ISSUER] }], [{ issuer: 'HTTPS://X.NO/' }], [Object.create({ issuer: ISSUER })]],
])('issuerIn returns undefined for %j', (document) => {
  expect(issuerIn(document, [ISSUER])).toBeUndefined()
})

it('endpointIn returns an endpoint on the host of the issuer, whatever the path of the endpoint', () => {
  const endpoint = 'https://x.no/t?a'
  expect(endpointIn({ token_endpoint: endpoint }, ISSUER, 'token_endpoint')).toBe(endpoint)
})

it.each<unknown[]>([
  [null],
  [{}],
  [{ jwks_uri: 7 }],
  [{ jwks_uri: ['https://x.no/jwk'] }],
  [{ jwks_uri: '/jwk' }],
  [{ jwks_uri: 'http://x.no/jwk' }],
  [{ jwks_uri: 'file:///jwk' }],
  [{ jwks_uri: 'https://x.no:8443/jwk' }],
  [{ jwks_uri: 'https://x.no.evil.example/jwk' }],
  [{ jwks_uri: 'https://user@x.no/jwk' }],
  [{ jwks_uri: 'https://:secret@x.no/jwk' }],
  [Object.create({ jwks_uri: 'https://x.no/jwk' })],
])('endpointIn returns undefined for %j', (document) => {
  expect(endpointIn(document, ISSUER, 'jwks_uri')).toBeUndefined()
})
