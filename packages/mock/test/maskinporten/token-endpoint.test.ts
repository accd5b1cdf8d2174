import { expect, it } from 'vitest'
import { createMockMaskinporten, createTestClock } from '../../src/index.js'
import { type Answer, GRANT_TYPE, Grants } from './grants.js'

const OWN = '991825827'
const CUSTOMER = '910076787'
const clock = createTestClock()
const now = clock.now() / 1000

const mock = await createMockMaskinporten({
  clock,
  scopes: [
    { name: 'nav:a' },
    { name: 'nav:short', maxAge: 30 },
    { name: 'nav:granted', consumers: [OWN, CUSTOMER] },
    { name: 'nav:anykind', allowedIntegrations: [] },
  ],
})
const scopes = ['nav:a', 'nav:short', 'nav:granted', 'nav:anykind']
const delegations = [{ consumer: CUSTOMER, scopes: ['nav:granted'] }]
const client = await mock.addClient({ organisationNumber: OWN, scopes, delegations })
const grants = new Grants(mock, clock, client)

/** Sends the token requests of the client in the mock’s own variables. */
const { MASKINPORTEN_CLIENT_ID: clientId = '', MASKINPORTEN_CLIENT_JWK: jwk = '' } = mock.env
const ofDefaultClient = new Grants(mock, clock, { clientId, jwk: JSON.parse(jwk) })

it('the mock’s token endpoint answers a valid grant with exactly Maskinporten’s members', async () => {
  const { status, headers, body } = await grants.ask()
  expect([status, headers.get('cache-control')]).toEqual([200, 'no-store'])
  const access_token = expect.any(String)
  expect(body).toEqual({ access_token, token_type: 'Bearer', expires_in: 120, scope: 'nav:a' })
})

const RESOURCES = ['https://a.no/', 'https://b.no/']
const PERSON = { pid: '01010199999' }
const CONSUMER = { consumer: { ID: `0192:${OWN}` } }
const DELEGATED = {
  consumer: { ID: `0192:${CUSTOMER}` },
  supplier: { ID: `0192:${OWN}` },
  delegation_source: 'https://tt02.altinn.no/',
}
/** Every claim whose meaning Digdir documents, and `sub` and `nbf`, which Maskinporten accepts. */
const DOCUMENTED = {
  ...{ sub: client.clientId, nbf: now, resource: 'https://a.no/', ...PERSON },
  ...{ consumer_org: CUSTOMER, scope: 'nav:granted' },
}
it.each<[string, object, object]>([
  ['the client, its organisation and scope', {}, { client_id: client.clientId, scope: 'nav:a', ...CONSUMER }],
  ['a list of resources', { resource: RESOURCES }, { aud: RESOURCES }],
  ['the shortest lifetime of its scopes', { scope: 'nav:a nav:short' }, { iat: now, exp: now + 30 }],
  ['a scope that is open to every integration type', { scope: 'nav:anykind' }, { scope: 'nav:anykind' }],
  ['the content of every documented claim', DOCUMENTED, { aud: 'https://a.no/', ...PERSON, ...DELEGATED }],
])('the mock’s token endpoint issues a token with %s', async (_title, asked, claims) => {
  const earned = await grants.earned(asked)
  expect(earned).toMatchObject(claims)
  expect(earned).not.toHaveProperty('sub')
})

it.each(['RS256', 'RS384', 'RS512'])('the mock’s token endpoint accepts an assertion in %s', async (alg) => {
  await grants.earned({}, { alg })
})

it('the mock’s token endpoint ignores the case and the charset of the content type', async () => {
  const body = new URLSearchParams({ grant_type: GRANT_TYPE, assertion: await grants.assertion() })
  const type = 'Application/X-WWW-Form-Urlencoded; charset=UTF-8'
  expect((await grants.post(body.toString(), { 'content-type': type })).status).toBe(200)
})

it('the token endpoint refuses a delegation until addDelegation registers the delegation', async () => {
  const consumer = '313367002'
  await grants.refused('MP-251', /No delegation/, { consumer_org: consumer })
  mock.addDelegation({ consumer, supplier: OWN, scopes: ['nav:a'] })
  const claims = await grants.earned({ consumer_org: consumer })
  expect(claims).toMatchObject({ consumer: { ID: `0192:${consumer}` } })
})

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const twice = (assertion: string) =>
  grants.post(`grant_type=${GRANT_TYPE}&assertion=${assertion}&assertion=x`, FORM)
it.each<[string, RegExp, (assertion: string) => Promise<Answer>]>([
  ['JSON', /x-www-form-urlencoded/, () => grants.post('{}', { 'content-type': 'application/json' })],
  ['another grant type', /grant_type/, (assertion) => grants.post({ grant_type: 'password', assertion })],
  ['no assertion', /`assertion` is missing/, () => grants.post({ grant_type: GRANT_TYPE })],
  ['two assertions', /same parameter twice/, twice],
  ['an assertion with a line break', /no line breaks/, (given) => grants.use(given.replace('.', '\n.'))],
])('the mock’s token endpoint answers MP-011 to a request with %s', async (_title, description, send) => {
  const { status, body } = await send(await grants.assertion())
  expect(status).toBe(400)
  expect(body).toEqual({
    error: 'invalid_request',
    error_description: expect.stringMatching(description),
    error_uri: `${mock.issuer}errors/MP-011`,
  })
})

it.each<[string, number, object]>([
  ['that was used before and has no jti', 200, { jti: undefined, exp: now + 77 }],
  ['that was refused before', 400, { scope: 'nav:x' }],
])('the mock’s token endpoint answers MP-012 to an assertion %s', async (_title, status, claims) => {
  const assertion = await grants.assertion(claims)
  expect((await grants.use(assertion)).status).toBe(status)
  grants.refusedAnswer(await grants.use(assertion), 'MP-012', /used before/)
})

it('the mock’s token endpoint accepts a jti that a forged assertion or another client has used', async () => {
  const { jwk: other } = await mock.addClient({})
  const forger = new Grants(mock, clock, { ...client, jwk: { ...other, kid: client.jwk?.kid ?? '' } })
  await forger.refused('MP-124', /signature/, { jti: 'the-same' })
  await grants.earned({ jti: 'the-same' })
  await ofDefaultClient.earned({ jti: 'the-same' })
})
