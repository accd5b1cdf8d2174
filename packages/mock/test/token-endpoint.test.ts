import { decodeJwt, importJWK, type JWTPayload, SignJWT } from 'jose'
import { beforeAll, describe, expect, it, test } from 'vitest'
import {
  createMockMaskinporten,
  createTestClock,
  type MockClient,
  type MockMaskinporten,
  type TestClock,
} from '../src/index.js'

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
    expect(before.text).toContain('MP-251')
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

describe('a bad grant is refused, names its code and what is wrong, and earns no token', () => {
  const now = () => Math.floor(clock.now() / 1000)
  type Given = Parameters<typeof assertion>
  test.each<[string, number, string, RegExp, () => Given]>([
    ['MP-100', 400, 'invalid_grant', /no client/, () => [{ iss: 'nobody' }]],
    ['MP-100', 400, 'invalid_grant', /no client/, () => [{ iss: undefined }]],
    ['MP-110', 400, 'invalid_grant', /trailing slash/, () => [{ aud: mock.issuer.slice(0, -1) }]],
    [
      'MP-110',
      400,
      'invalid_grant',
      /`aud` must be/,
      () => [{ aud: [mock.issuer, 'https://evil.example/'] }],
    ],
    ['MP-110', 400, 'invalid_grant', /`aud` must be/, () => [{ aud: undefined }]],
    ['MP-120', 400, 'invalid_grant', /must use `kid`/, () => [{}, { x5c: ['AAAA'] }]],
    ['MP-124', 400, 'invalid_grant', /`kid`/, () => [{}, { kid: 'other' }]],
    ['MP-124', 400, 'invalid_grant', /signature/, () => [{}, {}, other.jwk]],
    ['MP-124', 400, 'invalid_grant', /`alg`/, () => [{}, { alg: 'PS256' }]],
    ['MP-130', 400, 'invalid_grant', /has expired/, () => [{ iat: now() - 5, exp: now() }]],
    ['MP-130', 400, 'invalid_grant', /issue time is after now/, () => [{ iat: now() + 11, exp: now() + 40 }]],
    ['MP-130', 400, 'invalid_grant', /more than 10 s old/, () => [{ iat: now() - 11 }]],
    ['MP-130', 400, 'invalid_grant', /more than 120 s/, () => [{ exp: now() + 121 }]],
    ['MP-011', 400, 'invalid_request', /`iat` and `exp`/, () => [{ exp: undefined }]],
    ['MP-011', 400, 'invalid_request', /`iat` and `exp`/, () => [{ iat: undefined }]],
    ['MP-011', 400, 'invalid_request', /`scope` must be/, () => [{ scope: undefined }]],
    ['MP-011', 400, 'invalid_request', /`scope` must be/, () => [{ scope: ['nav:a'] }]],
    ['MP-011', 400, 'invalid_request', /without "0192:"/, () => [{ consumer_org: `0192:${CUSTOMER}` }]],
    ['MP-011', 400, 'invalid_request', /own organisation/, () => [{ consumer_org: '991825827' }]],
    ['MP-011', 400, 'invalid_request', /absolute URI/, () => [{ resource: 'api' }]],
    ['MP-011', 400, 'invalid_request', /absolute URI/, () => [{ resource: [] }]],
    ['MP-011', 400, 'invalid_request', /eleven digits/, () => [{ pid: '1' }]],
    ['MP-011', 400, 'invalid_request', /iss_onbehalfof/, () => [{ iss_onbehalfof: 'x' }]],
    ['MP-011', 400, 'invalid_request', /`jti` must be a string/, () => [{ jti: 7 }]],
    ['MP-200', 400, 'invalid_scope', /"nav:x" is not among/, () => [{ scope: 'nav:a nav:x' }]],
    ['MP-250', 403, 'forbidden', /not granted "nav:other" to 991825827/, () => [{ scope: 'nav:other' }]],
    ['MP-201', 400, 'invalid_scope', /"nav:krr" is for clients of type krr/, () => [{ scope: 'nav:krr' }]],
    ['MP-250', 403, 'forbidden', /no provider exposes "nav:gone"/, () => [{ scope: 'nav:gone' }]],
    ['MP-250', 403, 'forbidden', /no provider exposes "nav:off"/, () => [{ scope: 'nav:off' }]],
    [
      'MP-250',
      403,
      'forbidden',
      /not granted "nav:granted" to 889640782/,
      () => [{ scope: 'nav:granted', consumer_org: '889640782' }],
    ],
    [
      'MP-251',
      403,
      'forbidden',
      /"nav:own" has no delegation source/,
      () => [{ scope: 'nav:own', consumer_org: CUSTOMER }],
    ],
    ['MP-251', 403, 'forbidden', /not delegated "nav:a" to 991825827/, () => [{ consumer_org: CUSTOMER }]],
    ['MP-251', 403, 'forbidden', /not delegated/, () => [{ consumer_org: '889640782' }]],
  ])('%s %i %s %s', async (code, status, error, description, given) => {
    const sent = await assertion(...given())
    const answer = await post({ grant_type: GRANT_TYPE, assertion: sent })
    const body = JSON.parse(answer.text)
    expect([answer.status, body.error, body.error_description]).toEqual([
      status,
      error,
      expect.stringMatching(description),
    ])
    expect(body.error_description).toMatch(new RegExp(`^${code}: `))
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.text).not.toContain('access_token')
    for (const part of sent.split('.')) expect(answer.text).not.toContain(part.slice(0, 12))
  })

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
    expect([status, JSON.parse(text).error]).toEqual([400, 'invalid_request'])
    expect(JSON.parse(text).error_description).toMatch(description)
    expect(text).not.toContain('access_token')
  })

  it.each([
    ['none', { alg: 'none' }],
    ['symmetric', { alg: 'HS256' }],
  ])('MP-124 for an assertion whose alg is %s', async (_title, header) => {
    const [, payload] = (await assertion()).split('.')
    const forged = Buffer.from(JSON.stringify({ ...header, kid: client.jwk?.kid })).toString('base64url')
    const { status, text } = await post({ grant_type: GRANT_TYPE, assertion: `${forged}.${payload}.AAAA` })
    expect([status, text]).toEqual([400, expect.stringContaining('MP-124')])
  })
})

describe('an assertion is good for one use', () => {
  const use = (used: string) => post({ grant_type: GRANT_TYPE, assertion: used })

  it('and MP-012 the second time', async () => {
    const once = await assertion()
    expect((await use(once)).status).toBe(200)
    const { status, text } = await use(once)
    expect([status, text]).toEqual([400, expect.stringContaining('MP-012')])
  })

  it('also without a jti', async () => {
    const once = await assertion({ jti: undefined, exp: Math.floor(clock.now() / 1000) + 77 })
    expect((await use(once)).status).toBe(200)
    expect((await use(once)).text).toContain('MP-012')
  })

  it('also when that use was refused', async () => {
    const once = await assertion({ scope: 'nav:x' })
    expect((await use(once)).text).toContain('MP-200')
    expect((await use(once)).text).toContain('MP-012')
  })

  it('which a forgery with the same jti does not take away', async () => {
    const jti = 'the-same'
    expect((await grant({ jti }, {}, other.jwk)).text).toContain('MP-124')
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
