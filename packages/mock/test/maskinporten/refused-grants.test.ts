import { beforeAll, describe, expect, test } from 'vitest'
import {
  createMockMaskinporten,
  createTestClock,
  type MockMaskinporten,
  type TestClock,
} from '../../src/index.js'
import { GRANT_TYPE, Grants } from './grants.js'

const OWN = '991825827'
const CUSTOMER = '910076787'
const SCOPES = ['a', 'granted', 'other', 'gone', 'krr', 'off', 'own', 'odd"\\'].map((name) => `nav:${name}`)
/** What Digdir's sentences about the client begin with. */
const CLIENT = 'Invalid assertion. Client authentication failed.'
const PARAMETER = 'Invalid assertion. Invalid parameter value.'

let clock: TestClock
let mock: MockMaskinporten
let grants: Grants
/** The client's id with the key of another client. */
let forger: Grants
let certified: Grants

beforeAll(async () => {
  clock = createTestClock()
  mock = await createMockMaskinporten({
    clock,
    scopes: [
      { name: 'nav:a' },
      { name: 'nav:granted', consumers: [OWN, CUSTOMER] },
      { name: 'nav:other', consumers: ['889640782'] },
      { name: 'nav:krr', allowedIntegrations: ['krr'] },
      { name: 'nav:off', enabled: false },
      { name: 'nav:own', delegationSource: 'none' },
    ],
  })
  const client = await mock.addClient({
    organisationNumber: OWN,
    scopes: SCOPES.slice(0, -1),
    delegations: [{ consumer: CUSTOMER, scopes: ['nav:granted', 'nav:own'] }],
  })
  grants = new Grants(mock, clock, client)
  const { jwk: stolen } = await mock.addClient({})
  const kid = client.jwk?.kid
  forger = new Grants(mock, clock, { ...client, jwk: { ...stolen, ...(kid !== undefined && { kid }) } })
  const organisation = { organisationNumber: OWN, scopes: ['nav:a'] }
  const registered = await mock.addClient({ ...organisation, authentication: 'certificate' })
  certified = new Grants(
    mock,
    clock,
    registered,
    await mock.issueCertificate({ organisationNumber: '889640782' }),
  )
})

const now = () => Math.floor(clock.now() / 1000)
const ask =
  (claims: object, header: Record<string, unknown> = {}) =>
  () =>
    grants.assertion(claims, header)
const detail = (members: object) => ask({ authorization_details: [members] })
/** The pair of segments that precedes the signature, with another header. */
async function withHeader(header: object): Promise<string> {
  const [, payload] = (await grants.assertion()).split('.')
  const kid = grants.client.jwk?.kid
  return `${Buffer.from(JSON.stringify({ ...header, kid })).toString('base64url')}.${payload}.AAAA`
}
async function twice(): Promise<string> {
  const assertion = await grants.assertion()
  expect((await grants.use(assertion)).status).toBe(200)
  return assertion
}

type Row = [
  code: string | undefined,
  status: number,
  error: string,
  sentence: string,
  detail: RegExp,
  () => Promise<string>,
]

describe('a refused grant has the shape of Digdir’s refusals, and earns no token', () => {
  const GRANT = [400, 'invalid_grant'] as const
  const REQUEST = [400, 'invalid_request'] as const
  const SCOPE = [400, 'invalid_scope'] as const
  const ALTINN = [400, 'invalid_altinn_customer_configuration'] as const
  const NOT_GRANTED = (scope: string) => `Consumer has not been granted access to the scope ${scope}.`
  const NOT_DELEGATED = (consumer: string, scope: string) =>
    `Consumer ${consumer} has not delegated access to the scope ${scope} to supplier ${OWN}.`
  test.each<Row>([
    ['MP-100', ...GRANT, `${CLIENT} Client not found.`, /client id in `iss`/, ask({ iss: 'unknown' })],
    ['MP-100', ...GRANT, `${CLIENT} Client not found.`, /client id in `iss`/, ask({ iss: undefined })],
    [
      'MP-110',
      ...GRANT,
      `${CLIENT} Invalid JWT claim aud.`,
      /slash/,
      () => ask({ aud: mock.issuer.slice(0, -1) })(),
    ],
    [
      'MP-110',
      ...GRANT,
      `${CLIENT} Invalid JWT claim aud.`,
      /must be/,
      () => ask({ aud: [mock.issuer, 'https://evil.example/'] })(),
    ],
    ['MP-110', ...GRANT, `${CLIENT} Invalid JWT claim aud.`, /must be/, ask({ aud: undefined })],
    [
      'MP-120',
      ...GRANT,
      `${CLIENT} The JWT is signed with an invalid certificate.`,
      /`kid` without `x5c`/,
      ask({}, { x5c: ['AAAA'] }),
    ],
    [
      'MP-122',
      ...GRANT,
      `${CLIENT} Invalid JWT. Invalid organization number for client. Does not match certificate orgno.`,
      /not that of 991825827/,
      () => certified.assertion(),
    ],
    [
      'MP-123',
      ...GRANT,
      `${CLIENT} Invalid JWT header x5c.`,
      /is empty/,
      () => certified.assertion({}, { x5c: [] }),
    ],
    [
      undefined,
      ...GRANT,
      `${CLIENT} Unknown key identifier (kid) for client.`,
      /registered key/,
      ask({}, { kid: 'other' }),
    ],
    [
      undefined,
      ...GRANT,
      `${CLIENT} Invalid JWT. The client requires pre-registered jwk and no key identifier (kid) provided.`,
      /must send its `kid`/,
      ask({}, { kid: undefined }),
    ],
    ['MP-124', ...GRANT, `${CLIENT} Invalid JWT signature.`, /does not match/, () => forger.assertion()],
    ['MP-124', ...GRANT, `${CLIENT} Invalid JWT signature.`, /`alg`/, ask({}, { alg: 'PS256' })],
    ['MP-124', ...GRANT, `${CLIENT} Invalid JWT signature.`, /`alg`/, () => withHeader({ alg: 'none' })],
    ['MP-124', ...GRANT, `${CLIENT} Invalid JWT signature.`, /`alg`/, () => withHeader({ alg: 'HS256' })],
    [
      'MP-124',
      ...GRANT,
      `${CLIENT} Invalid JWT signature.`,
      /no key|No key/,
      () => certified.assertion({}, { x5c: undefined, kid: 'k' }),
    ],
    [
      'MP-130',
      ...GRANT,
      `${CLIENT} JWT is expired.`,
      /has passed/,
      () => ask({ iat: now() - 5, exp: now() })(),
    ],
    ['MP-130', ...GRANT, `${CLIENT} JWT is expired.`, /more than 10 s old/, () => ask({ iat: now() - 11 })()],
    ['MP-130', ...GRANT, `${CLIENT} JWT is expired.`, /more than 120 s/, () => ask({ exp: now() + 121 })()],
    [
      undefined,
      ...GRANT,
      `${CLIENT} Issue time is after now.`,
      /in the future/,
      () => ask({ iat: now() + 11, exp: now() + 40 })(),
    ],
    ['MP-012', ...GRANT, 'Grant is used before.', /The `jti` was used before/, twice],
    [
      undefined,
      ...GRANT,
      `${CLIENT} Issue time is after now.`,
      /`iat` is in the future.* in milliseconds: write seconds/,
      () => ask({ iat: now() * 1000, exp: now() * 1000 + 30_000 })(),
    ],
    [
      'MP-130',
      ...GRANT,
      `${CLIENT} JWT is expired.`,
      /more than 120 s.* in milliseconds: write seconds/,
      () => ask({ exp: now() * 1000 })(),
    ],
    ['MP-011', ...REQUEST, PARAMETER, /`exp` is required/, ask({ exp: undefined })],
    ['MP-011', ...REQUEST, PARAMETER, /`iat` is required/, ask({ iat: undefined })],
    [
      'MP-011',
      ...REQUEST,
      PARAMETER,
      /`iat` must be a number of seconds, without quotes; it is string/,
      () => ask({ iat: String(now()) })(),
    ],
    [
      'MP-011',
      ...REQUEST,
      PARAMETER,
      /`exp` must be a number of seconds, without quotes; it is string/,
      () => ask({ exp: String(now() + 30) })(),
    ],
    ['MP-011', ...REQUEST, PARAMETER, /`exp` must be a number.*it is null/, ask({ exp: null })],
    ['MP-011', ...REQUEST, PARAMETER, /`scope` must be/, ask({ scope: undefined })],
    ['MP-011', ...REQUEST, PARAMETER, /`scope` must be/, ask({ scope: ['nav:a'] })],
    ['MP-011', ...REQUEST, PARAMETER, /without 0192:/, ask({ consumer_org: `0192:${CUSTOMER}` })],
    ['MP-011', ...REQUEST, PARAMETER, /absolute URI/, ask({ resource: 'api' })],
    ['MP-011', ...REQUEST, PARAMETER, /absolute URI/, ask({ resource: [] })],
    ['MP-011', ...REQUEST, PARAMETER, /eleven digits/, ask({ pid: '1' })],
    ['MP-011', ...REQUEST, PARAMETER, /iss_onbehalfof/, ask({ iss_onbehalfof: 'x' })],
    ['MP-011', ...REQUEST, PARAMETER, /`jti` must be a string/, ask({ jti: 7 })],
    ['MP-011', ...REQUEST, PARAMETER, /array of objects/, ask({ authorization_details: {} })],
    ['MP-011', ...REQUEST, PARAMETER, /three base64url parts/, async () => 'abc'],
    [
      undefined,
      ...REQUEST,
      'The combination consumer_org in claim and delegation scope on client is invalid.',
      /owner of the client/,
      ask({ consumer_org: OWN }),
    ],
    [
      'MP-200',
      ...SCOPE,
      'Token request contains invalid scopes for client, nav:x.',
      /not registered/,
      ask({ scope: 'nav:a nav:x' }),
    ],
    [
      'MP-200',
      ...SCOPE,
      'Token request contains invalid scopes for client, nav:MP-121.',
      /not registered/,
      ask({ scope: 'nav:MP-121' }),
    ],
    [
      'MP-200',
      ...SCOPE,
      'Token request contains invalid scopes for client, nav:odd????.',
      /not registered/,
      ask({ scope: 'nav:odd"\\\u0007ø' }),
    ],
    [
      'MP-200',
      ...SCOPE,
      `Token request contains invalid scopes for client, nav:${'x'.repeat(96)}.`,
      /not registered/,
      ask({ scope: `nav:${'x'.repeat(5000)}` }),
    ],
    [
      'MP-201',
      ...SCOPE,
      'Token request contains scopes not allowed for maskinporten.',
      /nav:krr allows clients of type krr/,
      ask({ scope: 'nav:krr' }),
    ],
    [
      'MP-250',
      ...SCOPE,
      NOT_GRANTED('nav:other'),
      /granted the scope to 991825827/,
      ask({ scope: 'nav:other' }),
    ],
    ['MP-250', ...SCOPE, NOT_GRANTED('nav:gone'), /No provider exposes/, ask({ scope: 'nav:gone' })],
    ['MP-250', ...SCOPE, NOT_GRANTED('nav:off'), /No provider exposes/, ask({ scope: 'nav:off' })],
    [
      'MP-250',
      ...SCOPE,
      NOT_GRANTED('nav:granted'),
      /granted the scope to 889640782/,
      ask({ scope: 'nav:granted', consumer_org: '889640782' }),
    ],
    [
      'MP-251',
      403,
      'forbidden',
      NOT_DELEGATED(CUSTOMER, 'nav:own'),
      /no delegation source/,
      ask({ scope: 'nav:own', consumer_org: CUSTOMER }),
    ],
    [
      'MP-251',
      403,
      'forbidden',
      NOT_DELEGATED(CUSTOMER, 'nav:a'),
      /No delegation is registered/,
      ask({ consumer_org: CUSTOMER }),
    ],
    [
      'MP-301',
      ...REQUEST,
      'Unknown authorization details type.',
      /urn:altinn:consent/,
      detail({ type: 'urn:altinn:other' }),
    ],
    [
      'MP-302',
      ...REQUEST,
      'Unknown fields in the authorization details.',
      /no member to, only id, from/,
      detail({ type: 'urn:altinn:consent', to: 'x' }),
    ],
    [
      'MP-303',
      ...ALTINN,
      'Invalid authorization details values.',
      /No consent has this/,
      detail({ type: 'urn:altinn:consent', id: 'x', from: 'y' }),
    ],
  ])('%s: %i %s: %s', async (code, status, error, sentence, detail, make) => {
    const assertion = await make()
    const response = await mock.fetch(`${mock.issuer}token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: GRANT_TYPE, assertion }),
    })
    const text = await response.text()
    const body = JSON.parse(text)
    expect([response.status, response.headers.get('cache-control'), body]).toEqual([
      status,
      'no-store',
      {
        error,
        error_description: expect.any(String),
        ...(code !== undefined && { error_uri: `${mock.issuer}errors/${code}` }),
      },
    ])
    const { error_description: description } = body
    expect(description.slice(0, sentence.length + 1)).toBe(`${sentence} `)
    expect(description.slice(sentence.length + 1)).toMatch(detail)
    expect(description).toMatch(/\. \(trace_id: [0-9a-f]{32}\)$/)
    // RFC 6749 §5.2.
    expect(description).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)
    for (const part of assertion.split('.').filter(({ length }) => length > 12))
      expect(text).not.toContain(part.slice(0, 12))
    const [, traceId] = /trace_id: (\w+)/.exec(description) ?? []
    expect(mock.received.at(-1)).toMatchObject({ status, traceId, ...(code !== undefined && { code }) })
  })
})
