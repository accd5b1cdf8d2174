import { startMockMaskinporten } from '@portvakt/mock'
import getToken, { type Key } from '@vtfk/maskinporten-auth'
import { decodeJwt } from 'jose'
import forge from 'node-forge'
import { afterAll, expect, it } from 'vitest'

const OWN = '991825827'
const SCOPE = 'nav:x.read'
const PASSPHRASE = 'secret'

// The mock gets no test clock, because these libraries use the system's clock.
const mock = await startMockMaskinporten({ scopes: [{ name: SCOPE }] })
afterAll(() => mock.close())

const registration = { organisationNumber: OWN, scopes: [SCOPE], authentication: 'certificate' } as const
const { clientId } = await mock.addClient(registration)
const { pem, certificateChain } = await mock.issueCertificate({ organisationNumber: OWN })
/** Only the client's own certificate, in PEM. */
const own = /^-----BEGIN[\s\S]*?END CERTIFICATE-----\n/.exec(certificateChain)?.[0] ?? ''

const base64 = (text: string) => Buffer.from(text).toString('base64')

const certificatesIn = (chain: string) =>
  chain.split(/(?<=-----END CERTIFICATE-----\n)/).map((one) => forge.pki.certificateFromPem(one))

/** The key and the chain as PKCS#12 in base64. Enterprise certificates are delivered as PKCS#12 files. */
function pkcs12(): string {
  const key = forge.pki.privateKeyFromPem(pem)
  const file = forge.pkcs12.toPkcs12Asn1(key, certificatesIn(certificateChain), PASSPHRASE)
  return forge.util.encode64(forge.asn1.toDer(file).getBytes())
}

async function tokenFor(key: Key): Promise<string> {
  const whom = { url: `${mock.url}token`, audience: mock.issuer, issuer: clientId, scope: SCOPE }
  return (await getToken({ ...whom, ...key })).access_token
}

const pemprivateKey = base64(pem)
const windows = own.replaceAll('\n', '\r\n')
it.each<[string, Key]>([
  ['PEM', { pemcert: base64(own), pemprivateKey }],
  ['PEM and CRLF', { pemcert: base64(windows), pemprivateKey }],
  ['PKCS#12', { pfxcert: pkcs12(), privateKeyPassphrase: PASSPHRASE }],
])('@vtfk/maskinporten-auth with %s gets a token with an enterprise certificate', async (_form, key) => {
  expect(decodeJwt(await tokenFor(key))).toMatchObject({
    client_amr: 'virksomhetssertifikat',
    consumer: { ID: `0192:${OWN}` },
  })
})

it('node-forge reads the mock’s certificates and verifies their chain', () => {
  const [leaf, authority, root] = certificatesIn(certificateChain)
  if (!leaf || !authority || !root) throw new Error('The chain has three certificates')
  expect(leaf.subject.getField('O').value).toBe(`TEST ${OWN}`)
  expect(forge.pki.verifyCertificateChain(forge.pki.createCaStore([root]), [leaf, authority])).toBe(true)
})
