import { createMaskinportenClient } from '@portvakt/client'
import { type MockCertificate, startMockMaskinporten } from '@portvakt/mock'
import getToken, { type Key } from '@vtfk/maskinporten-auth'
import { decodeJwt } from 'jose'
import forge from 'node-forge'
import { afterAll, beforeAll, expect, it } from 'vitest'

const OWN = '991825827'
const SCOPE = 'nav:x.read'
const PASSPHRASE = 'secret'

// The mock gets no test clock, because these libraries use the system's clock.
const mock = await startMockMaskinporten({ scopes: [{ name: SCOPE }] })
afterAll(() => mock.close())

let certificate: MockCertificate
let clientId: string
/** Only the client's own certificate, in PEM. */
let own: string
beforeAll(async () => {
  certificate = await mock.issueCertificate({ organisationNumber: OWN })
  const client = await mock.addClient({
    organisationNumber: OWN,
    scopes: [SCOPE],
    authentication: 'certificate',
  })
  clientId = client.clientId
  own = /^-----BEGIN[\s\S]*?END CERTIFICATE-----\n/.exec(certificate.certificateChain)?.[0] ?? ''
})

const base64 = (text: string) => Buffer.from(text).toString('base64')

const certificatesIn = (chain: string) =>
  chain.split(/(?<=-----END CERTIFICATE-----\n)/).map((one) => forge.pki.certificateFromPem(one))

/** A PKCS#12 file in base64, the form in which enterprise certificates are delivered. */
function p12Of(pem: string, chain: string): string {
  const key = forge.pki.privateKeyFromPem(pem)
  const file = forge.pkcs12.toPkcs12Asn1(key, certificatesIn(chain), PASSPHRASE)
  return forge.util.encode64(forge.asn1.toDer(file).getBytes())
}

const ways: [string, () => Promise<string>][] = [
  [
    '@vtfk/maskinporten-auth with PEM',
    () => vtfk({ pemcert: base64(own), pemprivateKey: base64(certificate.pem) }),
  ],
  [
    '@vtfk/maskinporten-auth with PEM with Windows line breaks',
    () => vtfk({ pemcert: base64(own.replaceAll('\n', '\r\n')), pemprivateKey: base64(certificate.pem) }),
  ],
  [
    '@vtfk/maskinporten-auth with a PKCS#12 file',
    () =>
      vtfk({
        pfxcert: p12Of(certificate.pem, certificate.certificateChain),
        privateKeyPassphrase: PASSPHRASE,
      }),
  ],
  ['@portvakt/client with its own certificate alone', () => ours(own)],
  ['@portvakt/client with the whole chain', () => ours(certificate.certificateChain)],
]

async function vtfk(key: Key): Promise<string> {
  const whom = { url: `${mock.url}token`, audience: mock.issuer, issuer: clientId, scope: SCOPE }
  return (await getToken({ ...whom, ...key })).access_token
}

async function ours(certificateChain: string): Promise<string> {
  const key = { pem: certificate.pem, certificateChain }
  const client = createMaskinportenClient({ issuer: mock.issuer, clientId, key })
  return (await client.getToken({ scope: SCOPE })).accessToken
}

it.each(ways)('%s gets a token with an enterprise certificate of the mock', async (_name, get) => {
  expect(decodeJwt(await get())).toMatchObject({
    client_amr: 'virksomhetssertifikat',
    consumer: { ID: `0192:${OWN}` },
  })
})

it('node-forge reads the mock’s certificates and verifies their chain', () => {
  const [leaf, authority, root] = certificatesIn(certificate.certificateChain)
  if (!leaf || !authority || !root) throw new Error('The chain has three certificates')
  expect(leaf.subject.getField('O').value).toBe(`TEST ${OWN}`)
  expect(forge.pki.verifyCertificateChain(forge.pki.createCaStore([root]), [leaf, authority])).toBe(true)
})
