import { decodeJwt, importJWK, type JWTPayload, SignJWT } from 'jose'
import { beforeAll, describe, expect, it, test } from 'vitest'
import {
  createMockMaskinporten,
  createTestClock,
  type MockClient,
  type MockMaskinporten,
  type TestClock,
} from '../../src/index.js'

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const CUSTOMER = '910076787'

let clock: TestClock
let mock: MockMaskinporten
let client: MockClient
let other: MockClient

beforeAll(async () => {
  clock = createTestClock()
  mock = await createMockMaskinporten({
    clock,
    scopes: [
      { name: 'nav:a' },
      { name: 'nav:short', maxAge: 30 },
      { name: 'nav:granted', consumers: ['991825827', CUSTOMER] },
      { name: 'nav:other', consumers: ['889640782'] },
      { name: 'nav:krr', allowedIntegrations: ['krr'] },
      { name: 'nav:anykind', allowedIntegrations: [] },
      { name: 'nav:off', enabled: false },
      { name: 'nav:own', delegationSource: 'none' },
    ],
  })
  client = await mock.addClient({
    organisationNumber: '991825827',
    scopes: [
      'nav:a',
      'nav:short',
      'nav:granted',
      'nav:other',
      'nav:gone',
      'nav:krr',
      'nav:anykind',
      'nav:off',
      'nav:own',
    ],
    delegations: [{ consumer: CUSTOMER, scopes: ['nav:granted', 'nav:own'] }],
  })
  other = await mock.addClient({})
})

/** A good assertion with changes; `undefined` takes a claim out. */
async function assertion(
  changes: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
  key = client.jwk,
): Promise<string> {
  const now = Math.floor(clock.now() / 1000)
  const claims: JWTPayload = {
    aud: mock.issuer,
    iss: client.clientId,
    scope: 'nav:a',
    iat: now,
    exp: now + 30,
    jti: crypto.randomUUID(),
    ...changes,
  }
  const present = JSON.parse(JSON.stringify(claims))
  const alg = typeof header['alg'] === 'string' ? header['alg'] : 'RS256'
  return new SignJWT(present)
    .setProtectedHeader({ kid: client.jwk?.kid ?? '', ...header, alg })
    .sign(await importJWK({ ...key, alg }, alg))
}

async function post(body: Record<string, string> | string, headers: Record<string, string> = {}) {
  const response = await mock.fetch(`${mock.issuer}token`, {
    method: 'POST',
    body: typeof body === 'string' ? body : new URLSearchParams(body),
    headers,
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

const grant = async (...given: Parameters<typeof assertion>) =>
  post({ grant_type: GRANT_TYPE, assertion: await assertion(...given) })

async function granted(...given: Parameters<typeof assertion>): Promise<JWTPayload> {
  const { status, text } = await grant(...given)
  expect([status, text]).toEqual([200, expect.stringContaining('access_token')])
  return decodeJwt(JSON.parse(text).access_token)
}

describe('a good grant', () => {
  it('earns a token, and an answer with exactly Maskinporten’s members', async () => {
    const { status, headers, text } = await grant()
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(JSON.parse(text)).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 120,
      scope: 'nav:a',
    })
  })

  it('names the client and its organisation', async () => {
    expect(await granted()).toMatchObject({
      client_id: client.clientId,
      consumer: { ID: '0192:991825827' },
      scope: 'nav:a',
    })
  })

  it('lives as long as its shortest scope', async () => {
    const claims = await granted({ scope: 'nav:a nav:short' })
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(30)
  })

  it.each(['RS256', 'RS384', 'RS512'])('may be signed with %s', async (alg) => {
    await granted({}, { alg })
  })

  it('may name its media type in any case, and a charset', async () => {
    const body = new URLSearchParams({ grant_type: GRANT_TYPE, assertion: await assertion() }).toString()
    const type = 'Application/X-WWW-Form-Urlencoded; charset=UTF-8'
    expect((await post(body, { 'content-type': type })).status).toBe(200)
  })

  it('may leave jti out', async () => {
    await granted({ jti: undefined })
  })

  it.each([['https://a.no/'], [['https://a.no/', 'https://b.no/']]])(
    'with resource %j becomes audience-restricted',
    async (resource) => {
      expect((await granted({ resource })).aud).toEqual(resource)
    },
  )

  it('with pid becomes pid-restricted', async () => {
    expect((await granted({ pid: '01010199999' }))['pid']).toBe('01010199999')
  })

  it('on behalf of an organisation that has delegated names both', async () => {
    expect(await granted({ consumer_org: CUSTOMER, scope: 'nav:granted' })).toMatchObject({
      consumer: { ID: `0192:${CUSTOMER}` },
      supplier: { ID: '0192:991825827' },
      delegation_source: 'https://tt02.altinn.no/',
    })
  })

  it('on behalf of an organisation may rest on a delegation that is registered later', async () => {
    const customer = '313367002'
    const before = await grant({ consumer_org: customer })
    expect(before.text).toContain('errors/MP-251')
    mock.addDelegation({ consumer: customer, supplier: '991825827', scopes: ['nav:a'] })
    expect(await granted({ consumer_org: customer })).toMatchObject({ consumer: { ID: `0192:${customer}` } })
  })

  it('may ask for a scope that is open to every kind of client', async () => {
    await granted({ scope: 'nav:anykind' })
  })

  it('of the default client may ask for every scope that its organisation was granted', async () => {
    const { env } = mock
    const jwk = JSON.parse(env['MASKINPORTEN_CLIENT_JWK'] ?? '')
    await granted({ iss: env['MASKINPORTEN_CLIENT_ID'], scope: 'nav:short' }, { kid: jwk.kid }, jwk)
  })
})

describe('a request that is not a grant is refused', () => {
  test.each<[string, RegExp, () => Promise<{ status: number; text: string }>]>([
    [
      'a body of another type',
      /x-www-form-urlencoded/,
      async () => post('{}', { 'content-type': 'application/json' }),
    ],
    [
      'another grant type',
      /grant_type/,
      async () => post({ grant_type: 'client_credentials', assertion: await assertion() }),
    ],
    ['no grant type', /grant_type/, async () => post({ assertion: await assertion() })],
    ['no assertion', /`assertion` is missing/, () => post({ grant_type: GRANT_TYPE })],
    ['an assertion that is no JWT', /not a JWT/, () => post({ grant_type: GRANT_TYPE, assertion: 'abc' })],
    [
      'a line break in the assertion',
      /no line breaks/,
      async () => post({ grant_type: GRANT_TYPE, assertion: (await assertion()).replace('.', '\n.') }),
    ],
  ])('MP-011 for %s', async (_title, description, send) => {
    const { status, text } = await send()
    expect([status, JSON.parse(text)]).toEqual([
      400,
      {
        error: 'invalid_request',
        error_description: expect.stringMatching(description),
        error_uri: `${mock.issuer}errors/MP-011`,
      },
    ])
  })
})

describe('an assertion is good for one use', () => {
  const use = (used: string) => post({ grant_type: GRANT_TYPE, assertion: used })

  it('and MP-012 the second time', async () => {
    const once = await assertion()
    expect((await use(once)).status).toBe(200)
    const { status, text } = await use(once)
    expect([status, text]).toEqual([400, expect.stringContaining('errors/MP-012')])
  })

  it('also without a jti', async () => {
    const once = await assertion({ jti: undefined, exp: Math.floor(clock.now() / 1000) + 77 })
    expect((await use(once)).status).toBe(200)
    expect((await use(once)).text).toContain('errors/MP-012')
  })

  it('also when that use was refused', async () => {
    const once = await assertion({ scope: 'nav:x' })
    expect((await use(once)).text).toContain('errors/MP-200')
    expect((await use(once)).text).toContain('errors/MP-012')
  })

  it('which a forgery with the same jti does not take away', async () => {
    const jti = 'the-same'
    expect((await grant({ jti }, {}, other.jwk)).text).toContain('errors/MP-124')
    await granted({ jti })
  })

  it('and another client may use the same jti', async () => {
    const jti = 'shared'
    await granted({ jti })
    const { env } = mock
    const jwk = JSON.parse(env['MASKINPORTEN_CLIENT_JWK'] ?? '')
    await granted({ jti, iss: env['MASKINPORTEN_CLIENT_ID'] }, { kid: jwk.kid }, jwk)
  })
})
