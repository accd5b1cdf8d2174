import { expect, it } from 'vitest'
import { createMockMaskinporten, createTestClock } from '../../src/index.js'
import { Grants } from './grants.js'

const OWN = '991825827'
const CUSTOMER = '910076787'
const SCOPES = ['a', 'granted', 'other', 'gone', 'krr', 'off', 'own'].map((name) => `nav:${name}`)
const clock = createTestClock()

const mock = await createMockMaskinporten({
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
const delegations = [{ consumer: CUSTOMER, scopes: ['nav:granted', 'nav:own'] }]
const client = await mock.addClient({ organisationNumber: OWN, scopes: SCOPES, delegations })
const grants = new Grants(mock, clock, client)

const { jwk: stolen } = await mock.addClient({})
/** Signs with another client's key. */
const forger = new Grants(mock, clock, { ...client, jwk: { ...stolen, kid: client.jwk?.kid ?? '' } })

const registered = await mock.addClient({
  organisationNumber: OWN,
  scopes: ['nav:a'],
  authentication: 'certificate',
})
const certificate = await mock.issueCertificate({ organisationNumber: '889640782' })
/** Sends another organisation's certificate. */
const certified = new Grants(mock, clock, registered, certificate)

const CLIENT = 'Invalid assertion. Client authentication failed.'
/**
 * Digdir’s error and first sentence by code. A key without MP names a refusal for which Digdir documents no
 * code.
 */
const DIGDIR: Readonly<Record<string, readonly [error: string, sentence: string]>> = {
  'MP-011': ['invalid_request', 'Invalid assertion. Invalid parameter value.'],
  'MP-012': ['invalid_grant', 'Grant is used before.'],
  'MP-100': ['invalid_grant', `${CLIENT} Client not found.`],
  'MP-110': ['invalid_grant', `${CLIENT} Invalid JWT claim aud.`],
  'MP-120': ['invalid_grant', `${CLIENT} The JWT is signed with an invalid certificate.`],
  'MP-122': [
    'invalid_grant',
    `${CLIENT} Invalid JWT. Invalid organization number for client. Does not match certificate orgno.`,
  ],
  'MP-123': ['invalid_grant', `${CLIENT} Invalid JWT header x5c.`],
  'MP-124': ['invalid_grant', `${CLIENT} Invalid JWT signature.`],
  'MP-130': ['invalid_grant', `${CLIENT} JWT is expired.`],
  'MP-200': ['invalid_scope', 'Token request contains invalid scopes for client, {}.'],
  'MP-201': ['invalid_scope', 'Token request contains scopes not allowed for maskinporten.'],
  'MP-250': ['invalid_scope', 'Consumer has not been granted access to the scope {}.'],
  'MP-251': [
    'forbidden',
    `Consumer ${CUSTOMER} has not delegated access to the scope {} to supplier ${OWN}.`,
  ],
  'MP-301': ['invalid_request', 'Unknown authorization details type.'],
  'MP-302': ['invalid_request', 'Unknown fields in the authorization details.'],
  'MP-303': ['invalid_altinn_customer_configuration', 'Invalid authorization details values.'],
  'unknown key': ['invalid_grant', `${CLIENT} Unknown key identifier (kid) for client.`],
  'no key': [
    'invalid_grant',
    `${CLIENT} Invalid JWT. The client requires pre-registered jwk and no key identifier (kid) provided.`,
  ],
  future: ['invalid_grant', `${CLIENT} Issue time is after now.`],
  own: [
    'invalid_request',
    'The combination consumer_org in claim and delegation scope on client is invalid.',
  ],
}

const now = Math.floor(clock.now() / 1000)
/** An assertion, or changes to the claims of one. */
type Given = object | (() => Promise<string>)
const head = (header: Record<string, unknown>) => () => grants.assertion({}, header)
const detail = (members: object) => ({ authorization_details: [members] })
const consent = (members: object) => detail({ type: 'urn:altinn:consent', ...members })
const asCertified = (header?: Record<string, unknown>) => () => certified.assertion({}, header)
/** Makes an assertion with an invalid signature, and a header that jose refuses to sign. */
const unsigned = (members: object) => async () => {
  const [, payload] = (await grants.assertion()).split('.')
  const header = JSON.stringify({ alg: 'RS256', kid: client.jwk?.kid, ...members })
  return `${Buffer.from(header).toString('base64url')}.${payload}.AAAA`
}
async function used(): Promise<string> {
  const assertion = await grants.assertion()
  expect((await grants.use(assertion)).status).toBe(200)
  return assertion
}

const QUOTED = /`iat` must be a number of seconds, without quotes; it is string/
const UNREGISTERED = /not registered/
const GRANTED = { scope: 'nav:granted', consumer_org: '889640782' }
const OWN_SCOPE = { scope: 'nav:own', consumer_org: CUSTOMER }
const LONG = `nav:${'x'.repeat(4996)}`
const MILLISECONDS = /(more than 120 s|`iat` is in the future).* in milliseconds: write seconds/
type Row = [title: string, key: string, detail: RegExp, given: Given, scope?: string]
const ROWS: Row[] = [
  ['of an unknown client', 'MP-100', /client id in `iss`/, { iss: 'unknown' }],
  ['without iss', 'MP-100', /client id in `iss`/, { iss: undefined }],
  ['whose aud lacks the trailing slash', 'MP-110', /slash/, { aud: mock.issuer.slice(0, -1) }],
  ['for two audiences', 'MP-110', /must be/, { aud: [mock.issuer, 'https://evil.no/'] }],
  ['without aud', 'MP-110', /must be/, { aud: undefined }],
  ['with x5c and a registered key', 'MP-120', /`kid` without `x5c`/, head({ x5c: ['AAAA'] })],
  ['with another organisation’s certificate', 'MP-122', /not that of 991825827/, asCertified()],
  ['with an empty x5c', 'MP-123', /is empty/, asCertified({ x5c: [] })],
  ['with an unknown kid', 'unknown key', /registered key/, head({ kid: 'other' })],
  ['without kid', 'no key', /must send its `kid`/, head({ kid: undefined })],
  ['with x5c instead of kid', 'no key', /must send its `kid`/, head({ kid: undefined, x5c: ['AAAA'] })],
  ['with a forged signature', 'MP-124', /does not match/, () => forger.assertion()],
  ['with alg none', 'MP-124', /`alg`/, unsigned({ alg: 'none' })],
  ['with alg HS256', 'MP-124', /`alg`/, unsigned({ alg: 'HS256' })],
  ['with an extension in crit', 'MP-124', /`crit` is not supported/, unsigned({ crit: ['x'], x: 1 })],
  ['with an empty crit', 'MP-124', /`crit` is not supported/, unsigned({ crit: [] })],
  ['with b64', 'MP-124', /`b64` is not supported/, unsigned({ b64: false })],
  ['without a key', 'MP-124', /send its certificates as `x5c`/, asCertified({ x5c: undefined, kid: 'k' })],
  ['that has expired', 'MP-130', /has passed/, { iat: now - 5, exp: now }],
  ['11 s old', 'MP-130', /more than 10 s old/, { iat: now - 11 }],
  ['valid for 121 s', 'MP-130', /more than 120 s/, { exp: now + 121 }],
  ['whose exp is in milliseconds', 'MP-130', MILLISECONDS, { exp: now * 1000 }],
  ['issued 11 s in the future', 'future', /in the future/, { iat: now + 11, exp: now + 40 }],
  ['whose iat is in milliseconds', 'future', MILLISECONDS, { iat: now * 1000, exp: now * 1000 }],
  ['that begins 11 s in the future', 'future', /`nbf` is in the future/, { nbf: now + 11 }],
  ['that was used before', 'MP-012', /The `jti` was used before/, used],
  ['without exp', 'MP-011', /`exp` is required/, { exp: undefined }],
  ['without iat', 'MP-011', /`iat` is required/, { iat: undefined }],
  ['whose iat is a string', 'MP-011', QUOTED, { iat: String(now) }],
  ['whose nbf is null', 'MP-011', /`nbf` must be a number.*it is null/, { nbf: null }],
  ['without scope', 'MP-011', /`scope` must be/, { scope: undefined }],
  ['whose scope is a list', 'MP-011', /`scope` must be/, { scope: ['nav:a'] }],
  ['whose consumer_org begins with 0192:', 'MP-011', /without 0192:/, { consumer_org: `0192:${CUSTOMER}` }],
  ['whose resource is a name', 'MP-011', /absolute URI/, { resource: 'api' }],
  ['whose resources contain a blank', 'MP-011', /absolute URI/, { resource: ['https://a.no/a b'] }],
  ['whose resource is an empty list', 'MP-011', /absolute URI/, { resource: [] }],
  ['whose pid is one digit', 'MP-011', /eleven digits/, { pid: '1' }],
  ['with iss_onbehalfof', 'MP-011', /iss_onbehalfof/, { iss_onbehalfof: 'x' }],
  ['whose jti is a number', 'MP-011', /`jti` must be a string/, { jti: 7 }],
  ['whose sub is a number', 'MP-011', /`sub` must be a string/, { sub: 7 }],
  ['whose details are an object', 'MP-011', /array of objects/, { authorization_details: {} }],
  ['whose details are a list of strings', 'MP-011', /array of objects/, { authorization_details: ['x'] }],
  ['that is not three parts', 'MP-011', /three base64url parts/, async () => 'abc'],
  ...['consumer_orgno', 'Scope', 'toString', '__proto__'].map((name): Row => {
    const claims = JSON.parse(`{"${name}":{"x":1}}`)
    return [`with the claim ${name}`, 'MP-011', new RegExp(`The claim ${name} is not one of`), claims]
  }),
  ['on behalf of its own organisation', 'own', /owner of the client/, { consumer_org: OWN }],
  ['for a scope that the client lacks', 'MP-200', UNREGISTERED, { scope: 'nav:a nav:x' }, 'nav:x'],
  ['for a scope whose name contains a code', 'MP-200', UNREGISTERED, { scope: 'nav:MP-121' }, 'nav:MP-121'],
  ['for a scope with odd characters', 'MP-200', UNREGISTERED, { scope: 'nav:odd"\\\u0007ø' }, 'nav:odd????'],
  ['for a scope of 5000 characters', 'MP-200', UNREGISTERED, { scope: LONG }, LONG.slice(0, 100)],
  ['for a scope of another type', 'MP-201', /nav:krr allows clients of type krr/, { scope: 'nav:krr' }],
  ['for an ungranted scope', 'MP-250', /granted the scope to 991825827/, { scope: 'nav:other' }, 'nav:other'],
  ['for an unknown scope', 'MP-250', /No provider exposes/, { scope: 'nav:gone' }, 'nav:gone'],
  ['for a disabled scope', 'MP-250', /No provider exposes/, { scope: 'nav:off' }, 'nav:off'],
  ['for a consumer without a grant', 'MP-250', /scope to 889640782/, GRANTED, 'nav:granted'],
  ['for a scope without delegation', 'MP-251', /no delegation source/, OWN_SCOPE, 'nav:own'],
  ['with no delegation', 'MP-251', /No delegation is registered/, { consumer_org: CUSTOMER }, 'nav:a'],
  ['with details of another type', 'MP-301', /systemuser or urn:altinn:consent/, detail({ type: 'urn:x' })],
  ['with an unknown member of a consent', 'MP-302', /no member to, only id, from/, consent({ to: 'x' })],
  ['with an unknown consent', 'MP-303', /No consent has this `id`/, consent({ id: 'x', from: 'y' })],
]

it.each<Row>(ROWS)(
  'the mock’s token endpoint refuses an assertion %s, and answers with Digdir’s error (%s)',
  async (_, key, detail, given, scope = '') => {
    const assertion: string = await (typeof given === 'function' ? given() : grants.assertion(given))
    const { status, headers, body, text, description } = await grants.use(assertion)
    const [error = '', sentence = ''] = DIGDIR[key] ?? []
    const documented = key.startsWith('MP-')
    expect([status, headers.get('cache-control')]).toEqual([error === 'forbidden' ? 403 : 400, 'no-store'])
    const error_uri = documented ? `${mock.issuer}errors/${key}` : undefined
    expect(body).toEqual({ error, error_description: expect.any(String), error_uri })
    const first = `${sentence.replace('{}', scope)} `
    expect(description.slice(0, first.length)).toBe(first)
    expect(description.slice(first.length)).toMatch(detail)
    expect(description).toMatch(/\. \(trace_id: [0-9a-f]{32}\)$/)
    // The characters that RFC 6749 §5.2 allows.
    expect(description).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)
    for (const part of assertion.split('.').filter(({ length }) => length > 12))
      expect(text).not.toContain(part.slice(0, 12))
    const [, traceId] = /trace_id: (\w+)/.exec(description) ?? []
    const logged = mock.received.at(-1)
    expect(logged).toMatchObject({ status, traceId, ...(documented && { code: key }) })
  },
)
