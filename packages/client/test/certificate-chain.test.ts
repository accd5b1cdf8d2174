import { createMockMaskinporten } from '@portvakt/mock'
import { expect, it, test } from 'vitest'
import { readChain } from '../src/certificate-chain.js'
import { readElement } from '../src/der.js'
import { readPrivateKey } from '../src/private-key.js'

const mock = await createMockMaskinporten()
const { pem, certificateChain, x5c } = await mock.issueCertificate()
const other = await mock.issueCertificate()
const { modulus } = readPrivateKey(pem)

const certificates = (text: string) => text.match(/-----BEGIN[\s\S]*?-----END CERTIFICATE-----/g) ?? []
const block = (body: string) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`
const [own = '', ...issuers] = certificates(certificateChain)
const der = Buffer.from(x5c[0] ?? '', 'base64')

it('a certificate chain is read as the DER of each certificate, in base64 and in its order', () => {
  expect(x5c.length).toBeGreaterThan(1)
  expect(readChain(pem + certificateChain, modulus)).toEqual(x5c)
  expect(readChain(own, modulus)).toEqual(x5c.slice(0, 1))
})

it('a DER element that ends after its bytes is not read', () => {
  expect(readElement(Uint8Array.of(2, 1, 7), 0)).toMatchObject({ tag: 2, end: 3 })
  expect(readElement(Uint8Array.of(2, 2, 7), 0)).toBeUndefined()
})

test.each<[string, unknown]>([
  ['undefined', undefined],
  ['an empty text', ''],
  ['a text whose first certificate is junk', block('AAAA') + certificateChain],
  ['a text whose last certificate is junk', certificateChain + block('AAAA')],
  ['a text whose only certificate is not base64', block('MAAAA')],
  ['a certificate that is cut off', block(der.subarray(0, -1).toString('base64'))],
  ['a certificate that a byte follows', block(Buffer.concat([der, Buffer.alloc(1)]).toString('base64'))],
])('a certificate chain that is %s is rejected', (_title, given) => {
  expect(() => readChain(given, modulus)).toThrow(
    new TypeError('`key.certificateChain` must hold whole certificates in PEM'),
  )
})

it.each([
  ['of another key', other.certificateChain],
  ['in the wrong order', [...issuers, own].join('\n')],
  ['without the certificate of the client', issuers.join('\n')],
])(
  'a certificate chain %s is rejected, and the error says which certificate comes first',
  (_title, given) => {
    const mistake =
      'The first certificate of `key.certificateChain` is not for the key in `key.pem`: give that certificate ' +
      'first, and then the certificate of its issuer'
    expect(() => readChain(given, modulus)).toThrow(new TypeError(mistake))
  },
)
