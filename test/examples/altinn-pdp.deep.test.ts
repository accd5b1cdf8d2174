import { createMaskinportenClient, type Fetch } from '@portvakt/client'
import { createMaskinportenValidator } from '@portvakt/core'
import { createMockMaskinporten, type IssueTokenOptions } from '@portvakt/mock'
import { beforeEach, describe, expect, it, test } from 'vitest'
import { createApp } from '../../examples/altinn-pdp/src/app.js'
import { createPdp, type PdpOptions } from '../../examples/altinn-pdp/src/pdp.js'
import { isPermitted, PdpUnavailable } from '../../examples/altinn-pdp/src/pdp-answer.js'
import { createPretendPdp, decision, permit } from '../../examples/altinn-pdp/src/pretend-pdp.js'
import { send, serve } from '../contract/conformance/host.js'

const SCOPE = 'portvakt:regnskap.read'
const PDP_SCOPE = 'altinn:authorization/authorize'
const PLATFORM = 'https://platform.tt02.altinn.no'
const PDP = `${PLATFORM}/authorization/api/v1/authorize`
const EXCHANGE = '/authentication/api/v1/exchange/maskinporten'
const RESOURCE = 'portvakt-regnskap'
const KEY = 'subscription-key-of-the-api'
const [VENDOR, AGENT, CUSTOMER] = ['991825827', '310385980', '314168267']
const SYSTEM_USER = 'ebe4a681-0000-4000-8000-000000000000'

const mock = await createMockMaskinporten({
  scopes: [{ name: SCOPE }, { name: PDP_SCOPE }, { name: 'altinn:other' }],
})
mock.addSystemUser({ vendor: VENDOR, customer: AGENT, id: SYSTEM_USER })
const keysAt = `${PLATFORM}/authentication/api/v1/openid/.well-known/openid-configuration/jwks`
const altinn = createPretendPdp(RESOURCE, KEY, await (await mock.fetch(keysAt)).json(), mock.fetch)

/** The bodies of the requests to the PDP. */
let asked: unknown[] = []
/** If set, answers requests to the PDP in place of `altinn`. */
let answer: Fetch | undefined

/** Creates a client that gets tokens for the PDP. */
async function createPdpClient(fetch: Fetch) {
  const { clientId, jwk = {} } = await mock.addClient({ scopes: [PDP_SCOPE] })
  return createMaskinportenClient({ environment: 'test', clientId, key: { jwk }, fetch })
}
const client = await createPdpClient((input, init) => {
  if (input !== PDP) return mock.fetch(input, init)
  asked.push(JSON.parse(new TextDecoder().decode(init?.body as Uint8Array)))
  return (answer ?? altinn.fetch)(input, init)
})
// This call caches the client's token for the PDP, so that later calls wait only for the PDP.
await client.getToken({ scope: PDP_SCOPE, altinn: true })
const options: PdpOptions = { client, platform: PLATFORM, subscriptionKey: KEY, resource: RESOURCE }

altinn.rights.push({ systemUser: SYSTEM_USER, action: 'read', organisationNumber: CUSTOMER })
beforeEach(() => {
  asked = []
  answer = undefined
})

const DETAIL = {
  type: 'urn:altinn:systemuser',
  systemuser_org: { authority: 'iso6523-actorid-upis', ID: `0192:${AGENT}` },
  systemuser_id: [SYSTEM_USER],
  system_id: 'x',
}

/** Calls the API with a token of an agent's system user. The call is about `organisation`. */
async function call(organisation = CUSTOMER, token: IssueTokenOptions = {}, other: Partial<PdpOptions> = {}) {
  const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
  const running = await serve(createApp(createPdp({ ...options, ...other }), { validator }))
  const content = { scope: SCOPE, consumer: VENDOR, authorizationDetails: [DETAIL], ...token }
  const authorization = `Bearer ${await mock.issueToken(content)}`
  const sent = send(running.port, 'GET', `/regnskap/${organisation}`, [['Authorization', authorization]])
  return sent.finally(running.close)
}

const reasonIn = (body: string): unknown => JSON.parse(body).reason

describe('a call of a system user', () => {
  it('a request gets 200 if the PDP permits its system user to read data of the organisation in the path', async () => {
    expect(await call()).toMatchObject({ status: 200, body: `{"regnskapOf":"${CUSTOMER}"}` })
    const attribute = (AttributeId: string, Value: string) => ({ AttributeId, Value })
    const resource = [
      attribute('urn:altinn:resource', RESOURCE),
      attribute('urn:altinn:organization:identifier-no', CUSTOMER),
    ]
    const Request = {
      ReturnPolicyIdList: false,
      AccessSubject: [{ Attribute: [attribute('urn:altinn:systemuser:uuid', SYSTEM_USER)] }],
      Action: [{ Attribute: [attribute('urn:oasis:names:tc:xacml:1.0:action:action-id', 'read')] }],
      Resource: [{ Attribute: resource }],
    }
    expect(asked).toEqual([{ Request }])
  })

  it('a request about the agent that owns the system user is refused if the PDP does not permit the request', async () => {
    const refused = await call(AGENT)
    expect([refused.status, reasonIn(refused.body)]).toEqual([403, 'not_authorized'])
    expect(asked).toHaveLength(1)
  })

  test.each<[string, string, IssueTokenOptions, string]>([
    ['with a prefix before the organisation number', `0192:${CUSTOMER}`, {}, 'not_authorized'],
    ['without a system user', CUSTOMER, { authorizationDetails: [] }, 'system_user_required'],
    ['with two system users', CUSTOMER, { authorizationDetails: [DETAIL, DETAIL] }, 'not_authorized'],
    ['without the scope', CUSTOMER, { scope: 'portvakt:other' }, 'insufficient_scope'],
  ])('a request %s is refused without a question to the PDP', async (_title, about, token, reason) => {
    const refused = await call(about, token)
    expect([refused.status, reasonIn(refused.body), asked]).toEqual([403, reason, []])
  })
})

describe('a call without a decision of the PDP', () => {
  test.each<[string, Fetch]>([
    ['an answer 500', async () => new Response('oops', { status: 500 })],
    ['a redirect', async () => new Response(null, { status: 307, headers: { location: PDP } })],
    ['a page', async () => new Response('<html>')],
    ['a failed connection', () => Promise.reject(new TypeError('fetch failed'))],
    ['the decision Indeterminate', async () => Response.json(decision('Indeterminate', 'syntax-error'))],
  ])('a request gets 503, Retry-After and no secret if the PDP call ends in %s', async (_title, fetch) => {
    answer = fetch
    const { status, headers, body } = await call()
    expect([status, headers['retry-after']]).toEqual([503, '5'])
    expect(body).not.toMatch(/eyJ|subscription-key/)
  })

  it('a request gets 503 when the PDP does not answer within the timeout', async () => {
    answer = (_input, init) =>
      new Promise((_resolve, reject) =>
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)),
      )
    expect(await call(CUSTOMER, {}, { timeout: 50 })).toMatchObject({ status: 503 })
    expect(asked).toHaveLength(1)
  })

  it('a request gets 503 when Altinn does not know the subscription key', async () => {
    expect(await call(CUSTOMER, {}, { subscriptionKey: 'x' })).toMatchObject({ status: 503 })
  })

  it('a request gets 503 when Altinn refuses the token exchange', async () => {
    const end = mock.addFault(EXCHANGE, { status: 401 })
    const withoutToken = { client: await createPdpClient(mock.fetch) }
    expect(await call(CUSTOMER, {}, withoutToken)).toMatchObject({ status: 503 })
    end()
  })
})

describe('the answer of the PDP', () => {
  const inPascalCase = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inPascalCase)
    if (typeof value !== 'object' || value === null) return value
    const upper = (name: string) => name.charAt(0).toUpperCase() + name.slice(1)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [upper(name), inPascalCase(one)]))
  }
  const ORG = 'urn:altinn:minimum-authenticationlevel-org'
  const obliging = (...attributeAssignment: object[]) => decision('Permit', 'ok', [{ attributeAssignment }])

  test.each<[string, object, boolean]>([
    ['Permit without obligations', decision('Permit'), true],
    ['Permit at level 3', permit('3'), true],
    ['Permit at level 4', permit('4'), false],
    ['Permit at a level that is not a digit', permit(' '), false],
    ['Permit at level 4 for service owners', permit('4', ORG), true],
    ['Permit with another obligation', permit('3', 'urn:altinn:other'), false],
    ['Permit with an obligation without content', obliging(), false],
    ['Permit with one unmet obligation', obliging({ category: ORG, value: '4' }, { category: 'x' }), false],
    ['Deny', decision('Deny'), false],
    ['NotApplicable', decision('NotApplicable'), false],
  ])('isPermitted reads %s in camel case and in Pascal case', (_title, body, permitted) => {
    expect([isPermitted(body), isPermitted(inPascalCase(body))]).toEqual([permitted, permitted])
  })

  const [result] = (decision('Permit') as { readonly response: readonly object[] }).response
  test.each<[string, unknown, string | RegExp]>([
    ['an unknown resource', decision('Indeterminate', 'processing-error'), /does not know the resource/],
    ['Indeterminate without a status', { response: [{ decision: 'Indeterminate' }] }, /is failing/],
    ['two results', { response: [result, result] }, /several answers/],
    ['no result', { response: [] }, /no decision/],
    ['null', null, /no decision/],
    ['a result without a list', { response: result }, /no decision/],
    ['a decision in lower case', decision('permit'), /no decision/],
    ['obligations that are not a list', { response: [{ ...result, obligations: {} }] }, /malformed/],
  ])('isPermitted throws for %s, and the cause says why', (_title, body, reason) => {
    const message = 'Altinn cannot decide about this request now'
    const cause = expect.objectContaining({ message: expect.stringMatching(reason) })
    expect(() => isPermitted(body)).toThrow(PdpUnavailable)
    expect(() => isPermitted(body)).toThrow(expect.objectContaining({ message, cause }))
  })
})

it.each([
  [{ resource: 'R' }, '`resource` must be an id of the Resource Registry'],
  [{ subscriptionKey: '' }, '`subscriptionKey` is missing'],
])('createPdp throws for %j', (other, message) => {
  expect(() => createPdp({ ...options, ...other })).toThrow(new TypeError(message))
})
