import { X509Certificate } from 'node:crypto'
import { expect, it } from 'vitest'
import {
  createMockMaskinporten,
  createTestClock,
  type IssueCertificateOptions,
  type MockMaskinportenOptions,
  type TestClock,
} from '../../src/index.js'
import { Grants } from '../maskinporten/grants.js'

const OWN = '991825827'
const DAY = 86_400
const clock = createTestClock()

type Options = MockMaskinportenOptions & { clock?: TestClock }
/** Returns a client of a new mock. The client sends token requests with an enterprise certificate. */
async function certifiedClient(options: Options = {}, issued?: IssueCertificateOptions) {
  const mock = await createMockMaskinporten({ clock, scopes: [{ name: 'nav:a' }], ...options })
  const certificate = await mock.issueCertificate({ organisationNumber: OWN, ...issued })
  const registration = { organisationNumber: OWN, scopes: ['nav:a'], authentication: 'certificate' as const }
  return new Grants(mock, options.clock ?? clock, await mock.addClient(registration), certificate)
}

const grants = await certifiedClient()
const { mock } = grants
const chain = grants.certificate?.x5c ?? []
const [own = '', ca = '', root = ''] = chain

const strict = await certifiedClient({ strictCertificates: true })
const strictChain = strict.certificate?.x5c ?? []

/** Returns a client of another mock, whose `trustedRoots` has only this certificate. */
async function trusting(trusted: string): Promise<Grants> {
  const pem = new X509Certificate(Buffer.from(trusted, 'base64')).toString()
  const { mock: other, client } = await certifiedClient({ trustedRoots: [pem] })
  return new Grants(other, clock, client, grants.certificate)
}

/** Signs the client’s assertion with another certificate. */
const signedWith = (certificate: Grants['certificate']) => new Grants(mock, clock, grants.client, certificate)

/** Splits base64 into lines, as in PEM. */
const inLines = (base64: string, end: string) => base64.replaceAll(/.{64}/g, `$&${end}`)

it.each([3, 2, 1])(
  'a client gets a token with an enterprise certificate in an `x5c` of %i',
  async (length) => {
    const claims = await grants.earned({}, { x5c: chain.slice(0, length) })
    expect(claims).toMatchObject({ client_amr: 'virksomhetssertifikat', consumer: { ID: `0192:${OWN}` } })
  },
)

it('a client gets a token with white space and line breaks in the base64 of its certificate', async () => {
  await grants.earned({}, { x5c: chain.map((one) => `\t ${inLines(one, '\r\n')} \n`) })
})

it.each<[string, trusted: string, x5c: string[]]>([
  ['a root', root, [own, ca, root]],
  ['the root, which the chain omits', root, [own, ca]],
  ['an intermediate in a chain that continues to the root', ca, [own, ca, root]],
  ['an intermediate at the end of the chain', ca, [own, ca]],
  ['an intermediate, which the chain omits', ca, [own]],
  ['an intermediate that other certificates follow', ca, [own, ca, own]],
])('an enterprise certificate is accepted when `trustedRoots` has %s', async (_title, trusted, x5c) => {
  await (await trusting(trusted)).earned({}, { x5c })
})

it.each([3, 2])('a mock with `strictCertificates` accepts a chain of %i certificates', async (length) => {
  await strict.earned({}, { x5c: strictChain.slice(0, length) })
})

it.each([
  ['a certificate without its chain', /incomplete/, strictChain.slice(0, 1)],
  ['white space in a certificate', /Entry 0 of `x5c` is not/, strictChain.map((one) => inLines(one, '\r'))],
])('a mock with `strictCertificates` refuses %s with MP-123', async (_title, message, x5c) => {
  await strict.refused('MP-123', message, {}, { x5c })
})

it('the mock answers MP-120 to an untrusted certificate with its chain, and MP-123 if the chain is missing', async () => {
  const stranger = await createMockMaskinporten({ clock })
  const certificate = await stranger.issueCertificate({ organisationNumber: OWN })
  const other = signedWith(certificate)
  await other.refused('MP-120', /The root of `x5c` is not trusted/)
  await other.refused('MP-123', /incomplete/, {}, { x5c: certificate.x5c.slice(0, 1) })
})

it('the mock answers MP-120 if a certificate, or its issuer that `x5c` omits, has expired by its clock', async () => {
  const expired = await mock.issueCertificate({ organisationNumber: OWN, expiresInDays: -1 })
  await signedWith(expired).refused('MP-120', /Certificate 0 .* has expired/)
  const moving = createTestClock()
  const old = await certifiedClient({ clock: moving }, { expiresInDays: 5000 })
  moving.advance(4000 * DAY)
  const x5c = old.certificate?.x5c.slice(0, 1)
  await old.refused('MP-120', /Certificate 1 .* has expired/, {}, { x5c })
})

it.each<[string, unknown, RegExp]>([
  ['one certificate without an array', own, /must be an array/],
  ['a no-break space', [`${own}\u00a0`], /Entry 0/],
  ['base64 of other bytes', ['AAAA'], /Entry 0 of `x5c` is not a certificate/],
  ['a number', [7], /Entry 0/],
  ['base64url', [own.replaceAll('+', '-').replaceAll('/', '_').concat('-')], /Entry 0/],
  ['PEM, which Node would read', [btoa(grants.certificate?.certificateChain ?? '')], /Entry 0/],
  ['a chain in the wrong order', [own, root, ca], /Certificate 0 .* not issued by/],
  ['a certificate whose issuer is not a CA', [own, own], /not issued by/],
])('the mock’s token endpoint answers MP-123 when `x5c` is or contains %s', async (_title, x5c, message) => {
  await grants.refused('MP-123', message, {}, { x5c })
})

it('the mock answers MP-123 when the trusted intermediate in a chain did not issue the certificate', async () => {
  const client = await trusting(ca)
  await client.refused('MP-123', /Certificate 0 .* not issued by/, {}, { x5c: [root, ca] })
  await client.refused('MP-123', /Certificate 0 .* not issued by/, {}, { x5c: [root, own] })
})

it('the mock’s token endpoint answers MP-124 to a signature by the key of another certificate', async () => {
  const other = await mock.issueCertificate({ organisationNumber: OWN })
  await signedWith({ ...other, x5c: chain }).refused('MP-124', /Invalid JWT signature. The signature/)
})

it('the mock’s token endpoint answers MP-121 when a key was registered a year ago', async () => {
  const moving = createTestClock()
  const year = await createMockMaskinporten({ clock: moving, scopes: [{ name: 'nav:a' }] })
  const client = new Grants(year, moving, await year.addClient({ scopes: ['nav:a'] }))
  moving.advance(365 * DAY - 1)
  await client.earned()
  moving.advance(1)
  await client.refused('MP-121', /more than one year old/)
})

it.each<[string, object, RegExp]>([
  ['an unknown option', { organisation: OWN }, /no option `organisation`/],
  ['an organisation of eight digits', { organisationNumber: '12345678' }, /organisationNumber/],
  ['a lifetime that is NaN', { expiresInDays: Number.NaN }, /`expiresInDays`/],
  ['a lifetime beyond any date', { expiresInDays: 1e9 }, /`expiresInDays` must be a number from/],
])('issueCertificate refuses %s', async (_title, options, message) => {
  await expect(mock.issueCertificate(options)).rejects.toThrow(message)
})
