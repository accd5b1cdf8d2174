import { describe, expect, it, test } from 'vitest'
import { endpointIn, issuerIn } from '../../src/keys/metadata.js'

const ISSUER = 'https://x.no/'

describe('the issuer in metadata', () => {
  it('the issuer in metadata is the expected one that the document names exactly', () => {
    expect(issuerIn({ issuer: 'https://x.no' }, [ISSUER, 'https://x.no'])).toBe('https://x.no')
    expect(issuerIn({ issuer: 'https://x.no' }, [ISSUER])).toBeUndefined()
  })

  test.each([
    null,
    undefined,
    ISSUER,
    [ISSUER],
    {},
    { issuer: [ISSUER] },
    { issuer: 'HTTPS://X.NO/' },
    Object.create({ issuer: ISSUER }),
  ])('is undefined for %j', (document) => {
    expect(issuerIn(document, [ISSUER])).toBeUndefined()
  })
})

describe('an endpoint in metadata', () => {
  it('an endpoint in metadata is on the host of the issuer, whatever its path', () => {
    expect(endpointIn({ token_endpoint: 'https://x.no/t?a' }, ISSUER, 'token_endpoint')).toBe(
      'https://x.no/t?a',
    )
  })

  test.each<[unknown]>([
    [null],
    [{}],
    [{ jwks_uri: 7 }],
    [{ jwks_uri: ['https://x.no/jwk'] }],
    [{ jwks_uri: '/jwk' }],
    [{ jwks_uri: 'http://x.no/jwk' }],
    [{ jwks_uri: 'https://x.no:8443/jwk' }],
    [{ jwks_uri: 'https://x.no.evil.example/jwk' }],
    [{ jwks_uri: 'https://user@x.no/jwk' }],
    [{ jwks_uri: 'https://:secret@x.no/jwk' }],
    [Object.create({ jwks_uri: 'https://x.no/jwk' })],
  ])('is undefined for %j', (document) => {
    expect(endpointIn(document, ISSUER, 'jwks_uri')).toBeUndefined()
  })
})
