import { X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  createMockMaskinporten,
  createTestClock,
  type MockMaskinporten,
  type TestClock,
} from '../../src/index.js'
import { Grants } from '../maskinporten/grants.js'

const OWN = '991825827'
let clock: TestClock
let mock: MockMaskinporten
let grants: Grants
let keyed: Grants

beforeAll(async () => {
  clock = createTestClock()
  mock = await createMockMaskinporten({ clock, scopes: [{ name: 'nav:a' }] })
  const client = await mock.addClient({
    organisationNumber: OWN,
    scopes: ['nav:a'],
    authentication: 'certificate',
  })
  grants = new Grants(mock, clock, client, await mock.issueCertificate({ organisationNumber: OWN }))
  keyed = new Grants(mock, clock, await mock.addClient({ scopes: ['nav:a'] }))
})

const withChain = (x5c: unknown) => grants.ask({}, { x5c })
const chain = (): readonly string[] => grants.certificate?.x5c ?? []
/** Base64 in lines, as PEM has it. */
const inLines = (base64 = '', end: string) => base64.replaceAll(/.{64}/g, `$&${end}`)

describe('a client with an enterprise certificate', () => {
  it('earns a token that says so', async () => {
    const claims = await grants.earned()
    expect(claims).toMatchObject({ client_amr: 'virksomhetssertifikat', consumer: { ID: `0192:${OWN}` } })
  })

  it('may omit the root, which the verifier has', async () => {
    expect((await withChain(chain().slice(0, 2))).status).toBe(200)
  })

  it('may send its certificate alone, which most clients do', async () => {
    const claims = await grants.earned({}, { x5c: chain().slice(0, 1) })
    expect(claims).toMatchObject({ client_amr: 'virksomhetssertifikat', consumer: { ID: `0192:${OWN}` } })
  })

  it.each<[string, (base64: string) => string]>([
    ['a carriage return at the end of each line', (base64) => inLines(base64, '\r')],
    ['line breaks', (base64) => inLines(base64, '\r\n')],
    ['white space at both ends', (base64) => `\t ${base64} \n`],
  ])('may have %s in the base64 of a certificate', async (_title, change) => {
    expect((await withChain(chain().map(change))).status).toBe(200)
  })

  it('has no key among its variables', async () => {
    const client = await mock.addClient({ authentication: 'certificate' })
    expect(client.jwk).toBeUndefined()
    expect(client.env).not.toHaveProperty('MASKINPORTEN_CLIENT_JWK')
  })

  it.each<[string, number, (sent: readonly string[]) => readonly string[]]>([
    ['a root', 2, (sent) => sent],
    ['a root that the chain omits', 2, (sent) => sent.slice(0, 2)],
    ['an intermediate, with a chain that goes on to its root', 1, (sent) => sent],
    ['an intermediate, with a chain that ends with it', 1, (sent) => sent.slice(0, 2)],
    ['an intermediate that the chain omits', 1, (sent) => sent.slice(0, 1)],
    ['an intermediate, with other certificates after it', 1, ([own = '', ca = '']) => [own, ca, own]],
  ])('may be certified by a certificate that the mock was told to trust: %s', async (_title, index, send) => {
    const answer = await (await trusting(index)).ask({}, { x5c: send(chain()) })
    expect([answer.status, answer.description]).toEqual([200, ''])
  })
})

describe('with `strictCertificates`, `x5c` must be as Digdir documents it', () => {
  let strict: Grants
  let full: readonly string[]
  beforeAll(async () => {
    const scopes = [{ name: 'nav:a' }]
    const other = await createMockMaskinporten({ clock, scopes, strictCertificates: true })
    const client = await other.addClient({
      organisationNumber: OWN,
      scopes: ['nav:a'],
      authentication: 'certificate',
    })
    const certificate = await other.issueCertificate({ organisationNumber: OWN })
    strict = new Grants(other, clock, client, certificate)
    full = certificate.x5c
  })

  it.each([3, 2])('a chain of %i certificates is accepted', async (length) => {
    await strict.earned({}, { x5c: full.slice(0, length) })
  })

  it('the own certificate alone is refused with MP-123', async () => {
    await strict.refused('MP-123', /incomplete/, {}, { x5c: full.slice(0, 1) })
  })

  it('white space in a certificate is refused with MP-123', async () => {
    const x5c = full.map((base64) => inLines(base64, '\r'))
    await strict.refused('MP-123', /Entry 0 of `x5c` is not a certificate/, {}, { x5c })
  })
})

/** A client of another mock, which trusts this one's intermediate (1) or root (2). */
async function trusting(index: number): Promise<Grants> {
  const pem = new X509Certificate(Buffer.from(chain()[index] ?? '', 'base64')).toString()
  const other = await createMockMaskinporten({ clock, scopes: [{ name: 'nav:a' }], trustedRoots: [pem] })
  const client = await other.addClient({
    organisationNumber: OWN,
    scopes: ['nav:a'],
    authentication: 'certificate',
  })
  return new Grants(other, clock, client, grants.certificate)
}

describe('a certificate is refused', () => {
  it('with MP-120 when its root is not trusted', async () => {
    const stranger = await createMockMaskinporten({ clock })
    const certificate = await stranger.issueCertificate({ organisationNumber: OWN })
    const other = new Grants(mock, clock, grants.client, certificate)
    await other.refused('MP-120', /The root of `x5c` is not trusted/)
  })

  it('with MP-123 when another authority of the same name issued it, and it is sent alone', async () => {
    const stranger = await createMockMaskinporten({ clock })
    const certificate = await stranger.issueCertificate({ organisationNumber: OWN })
    const other = new Grants(mock, clock, grants.client, certificate)
    await other.refused('MP-123', /incomplete/, {}, { x5c: certificate.x5c.slice(0, 1) })
  })

  it('with MP-120 when it is sent alone and the certificate of its issuer has expired', async () => {
    const own = createTestClock()
    const old = await createMockMaskinporten({ clock: own, scopes: [{ name: 'nav:a' }] })
    const client = await old.addClient({ organisationNumber: OWN, authentication: 'certificate' })
    const certificate = await old.issueCertificate({ organisationNumber: OWN, expiresInDays: 5000 })
    own.advance(4000 * 86_400)
    const other = new Grants(old, own, client, certificate)
    await other.refused('MP-120', /Certificate 1 .* has expired/, {}, { x5c: certificate.x5c.slice(0, 1) })
  })

  it('with MP-120 when it has expired, by the mock’s own clock', async () => {
    const certificate = await mock.issueCertificate({ organisationNumber: OWN, expiresInDays: -1 })
    await new Grants(mock, clock, grants.client, certificate).refused(
      'MP-120',
      /Certificate 0 .* has expired/,
    )
  })

  it('with MP-120 when the client has a registered key', async () => {
    await keyed.refused(
      'MP-120',
      /`kid` without `x5c`/,
      {},
      { x5c: [...chain()], kid: keyed.client.jwk?.kid },
    )
  })

  it('with MP-122 when it is that of another organisation', async () => {
    const certificate = await mock.issueCertificate({ organisationNumber: '889640782' })
    await new Grants(mock, clock, grants.client, certificate).refused('MP-122', /not that of 991825827/)
  })

  it.each<[string, () => unknown, RegExp]>([
    ['one certificate without an array', () => chain()[0], /must be an array/],
    ['an empty array', () => [], /`x5c` is empty/],
    ['white space alone', () => [' \r\n'], /Entry 0 of `x5c` is not a certificate/],
    ['a space that is not white space of base64', () => [`${chain()[0]}\u00a0`], /Entry 0/],
    ['what is no certificate', () => ['AAAA'], /Entry 0 of `x5c` is not a certificate/],
    ['a number', () => [7], /Entry 0/],
    ['base64url', () => [chain()[0]?.replaceAll('+', '-').replaceAll('/', '_').concat('-')], /Entry 0/],
    [
      'PEM, which Node would read',
      () => [Buffer.from(grants.certificate?.certificateChain ?? '').toString('base64')],
      /Entry 0/,
    ],
    [
      'a chain in another order',
      () => [chain()[0], chain()[2], chain()[1]],
      /Certificate 0 .* not issued by/,
    ],
    ['a certificate that certifies without leave', () => [chain()[0], chain()[0]], /not issued by/],
  ])('with MP-123 for %s', async (_title, x5c, message) => {
    const answer = await withChain(x5c())
    expect([answer.status, answer.description]).toEqual([400, expect.stringMatching(message)])
    expect(answer.errorUri).toBe(`${mock.issuer}errors/MP-123`)
  })

  it('with MP-123 when the trusted intermediate follows a certificate that it did not issue', async () => {
    const [own, ca, root] = chain()
    const client = await trusting(1)
    await client.refused('MP-123', /Certificate 0 .* not issued by/, {}, { x5c: [root, ca] })
    await client.refused('MP-123', /Certificate 0 .* not issued by/, {}, { x5c: [root, own] })
  })

  it('without a code when the client has a registered key and sends no `kid`', async () => {
    await keyed.refused(undefined, /pre-registered jwk/, {}, { x5c: [...chain()], kid: undefined })
  })

  it('with MP-124 when another key signed', async () => {
    const other = await mock.issueCertificate({ organisationNumber: OWN })
    const assertion = await new Grants(mock, clock, grants.client, {
      ...other,
      x5c: chain(),
    }).assertion()
    expect((await grants.use(assertion)).description).toMatch(/Invalid JWT signature. The signature/)
  })

  it('with MP-124 when it is missing, and no key is registered', async () => {
    await grants.refused('MP-124', /send its certificates as `x5c`/, {}, { x5c: undefined, kid: 'k' })
  })
})

it('a registered key expires after a year, with MP-121', async () => {
  const own = createTestClock()
  const year = await createMockMaskinporten({ clock: own, scopes: [{ name: 'nav:a' }] })
  const client = new Grants(year, own, await year.addClient({ scopes: ['nav:a'] }))
  own.advance(365 * 86_400 - 1)
  await client.earned()
  own.advance(1)
  await client.refused('MP-121', /more than one year old/)
})

it.each<[string, object, RegExp]>([
  ['an unknown option', { organisation: OWN }, /no option `organisation`/],
  ['an organisation of eight digits', { organisationNumber: '12345678' }, /organisationNumber/],
  ['a lifetime that is no number', { expiresInDays: Number.NaN }, /`expiresInDays`/],
])('no certificate is issued for %s', async (_title, options, message) => {
  await expect(mock.issueCertificate(options)).rejects.toThrow(message)
})

it.each([['true'], [1], [null]])('`strictCertificates` must be a boolean, and is not %j', async (given) => {
  const options: object = { strictCertificates: given }
  await expect(createMockMaskinporten(options)).rejects.toThrow(/`strictCertificates` must be true or false/)
})

it.each([['text'], [7]])('a trusted root that is no certificate is a mistake: %s', async (root) => {
  await expect(createMockMaskinporten({ trustedRoots: [root as string] })).rejects.toThrow(/`trustedRoots`/)
})
