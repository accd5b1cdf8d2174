import { createMockMaskinporten, type MockMaskinporten } from '@portvakt/mock'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  foreignTokenReason,
  foreignTokenRefusal,
  type IssuerRule,
  isNaisName,
} from '../../src/claims/foreign-token.js'
import type { DecisionEvent } from '../../src/decision/event.js'
import { type MaskinportenReason, REASONS } from '../../src/errors/reasons/reasons.js'
import type { JsonObject } from '../../src/platform/json.js'
import { createMaskinportenValidator } from '../../src/validator.js'

const PROD = 'https://maskinporten.no/'
const TEST = 'https://test.maskinporten.no/'
const ruleOf = (issuer: string): IssuerRule => ({
  issuer: () => issuer,
  mayHaveIssued: (claimed) => claimed === issuer,
})

const MOCK = 'http://127.0.0.1:1/'
const ALTINN_TEST = 'https://platform.tt02.altinn.no/authentication/api/v1/openid/'

it.each<[string, string, JsonObject, MaskinportenReason]>([
  ['a test token in production', PROD, { iss: TEST }, 'wrong_environment'],
  ['a production token in test', TEST, { iss: PROD }, 'wrong_environment'],
  ['a test token at a mock', MOCK, { iss: TEST }, 'wrong_issuer'],
  ['ver1', PROD, { iss: 'https://ver1.maskinporten.no/' }, 'phased_out_environment'],
  ['ver2', TEST, { iss: 'https://ver2.maskinporten.no/' }, 'phased_out_environment'],
  ['ID-porten', PROD, { iss: 'https://idporten.no' }, 'idporten_token'],
  ['ID-porten’s test environment', TEST, { iss: 'https://test.idporten.no' }, 'idporten_token'],
  [
    'a former host of ID-porten',
    PROD,
    { iss: 'https://oidc.difi.no/idporten-oidc-provider/' },
    'idporten_token',
  ],
  ['a former test host of ID-porten', TEST, { iss: 'https://oidc-ver2.difi.no/idporten/' }, 'idporten_token'],
  ['ID-porten in capitals, with a port', PROD, { iss: 'HTTPS://IDPORTEN.NO:443' }, 'idporten_token'],
  ['Skyporten', PROD, { iss: 'https://sky.maskinporten.no' }, 'skyporten_token'],
  ['Skyporten’s test environment', TEST, { iss: 'https://test.sky.maskinporten.no' }, 'skyporten_token'],
  ['Altinn', PROD, { iss: 'https://platform.altinn.no/authentication/api/v1/openid/' }, 'altinn_token'],
  ['Altinn’s test environment', TEST, { iss: ALTINN_TEST }, 'altinn_token'],
  ['Altinn’s domain without a subdomain', PROD, { iss: 'https://altinn.no/' }, 'altinn_token'],
  ['a client’s grant', TEST, { iss: 'fc9a8287-client', aud: TEST }, 'client_assertion'],
  ['a grant with several audiences', TEST, { iss: 'x', aud: ['https://a.no', TEST] }, 'client_assertion'],
  ['a grant for another environment', TEST, { iss: 'x', aud: PROD }, 'client_assertion'],
  ['a grant for a mock', MOCK, { iss: 'x', aud: MOCK }, 'client_assertion'],
  ['a grant without an issuer', TEST, { aud: TEST }, 'client_assertion'],
  ...[
    ...['https://evil.example/', 'https://idporten.no.evil.example', 'https://notidporten.no'],
    ...['https://notsky.maskinporten.no/', 'https://sky.maskinporten.no.evil.example/'],
    ...['https://notoidc.difi.no/', 'https://oidc-ver3.difi.no/', 'https://oidc.difi.no.evil.example/'],
    ...['https://notaltinn.no/', 'https://altinn.no.evil.example/', 'http://idporten.no'],
    ...['https://evil.example/.idporten.no', 'https://evil.example@idporten.no'],
  ].map((iss): [string, string, JsonObject, MaskinportenReason] => [iss, PROD, { iss }, 'wrong_issuer']),
  ['a host too long for DNS', PROD, { iss: `https://${'a.'.repeat(127)}idporten.no` }, 'wrong_issuer'],
  ['a list that holds ID-porten', PROD, { iss: ['https://idporten.no'] }, 'wrong_issuer'],
  ['another issuer’s token for an API', PROD, { iss: 'x', aud: 'https://api.example.no' }, 'wrong_issuer'],
  ['our issuer without its slash', PROD, { iss: 'https://maskinporten.no' }, 'wrong_issuer'],
  ['ID-porten after other text', PROD, { iss: 'x https://idporten.no' }, 'wrong_issuer'],
  ['a missing issuer', PROD, {}, 'wrong_issuer'],
  ['an issuer that is not a string', PROD, { iss: [PROD], aud: 7 }, 'wrong_issuer'],
  ['an inherited issuer', PROD, Object.create({ iss: TEST }), 'wrong_issuer'],
])('foreignTokenReason returns the reason for %s', (_title, issuer, claims, reason) => {
  expect(foreignTokenReason(claims, ruleOf(issuer))).toBe(reason)
})

it.each<[string, string, boolean]>([
  ['nav:helse/sykepenger/afp.read', 'sykepenger/afp.read', true],
  ['nav:arbeid:some.read', 'some.read', true],
  ['nav:arbeid:some.read', 'arbeid:some.read', true],
  ['arbeid:some.read', 'nav:arbeid:some.read', true],
  ['a:some.read', 'nav:x/a:some.read', true],
  ['a:some.read', 'nav:xa:some.read', false],
  ['a:some.read', ':a:some.reads', false],
  ['a:some.read', ':a:some.read', true],
  ['nav:arbeid:some.read', 'me.read', false],
  ['nav:arbeid:some.read', 'nav:arbeid:some', false],
  ['nav:arbeid:some.read', 'nav:arbeid:some.read', false],
  ['nav:arbeid:some.read', '', false],
])('isNaisName with the required scope %s and the token’s scope %s returns %s', (full, scope, isName) => {
  expect(isNaisName([scope], ['nav:other', full])).toBe(isName)
})

it('isNaisName returns true if any scope of the token is the nais.yaml name of a required scope', () => {
  const scopes = ['nav:other', 'sykepenger/afp.read', 'nav:another']
  expect(isNaisName(scopes, ['nav:helse/sykepenger/afp.read'])).toBe(true)
})

describe('the decision on a foreign token', () => {
  const READ = 'nav:helse/sykepenger/afp.read'
  let mock: MockMaskinporten
  let stranger: MockMaskinporten
  beforeAll(async () => {
    mock = await createMockMaskinporten()
    stranger = await createMockMaskinporten({ issuer: 'https://elsewhere.example/' })
  })

  /** Returns the decision and its event. */
  async function decided(token: string) {
    const events: DecisionEvent[] = []
    const validator = createMaskinportenValidator({
      issuer: mock.issuer,
      jwks: mock.jwks(),
      onDecision: (event) => events.push(event),
    })
    const decision = await validator.decide(`Bearer ${token}`, READ)
    return { decision, event: events[0] }
  }

  it.each<[MaskinportenReason, object]>([
    ['wrong_environment', { issuer: PROD }],
    ['phased_out_environment', { issuer: 'https://ver2.maskinporten.no/' }],
    ['idporten_token', { issuer: 'https://test.idporten.no' }],
    ['skyporten_token', { issuer: 'https://test.sky.maskinporten.no' }],
    ['altinn_token', { issuer: ALTINN_TEST }],
    ['client_assertion', { issuer: 'a-client', audience: TEST }],
    ['client_assertion', { header: { kid: undefined, x5c: ['MIIB'] } }],
    ['wrong_issuer', {}],
  ])(
    'a token refused as %s gets 401 with a fixed text, and the event has the hint of this reason',
    async (reason, token) => {
      const { decision, event } = await decided(await stranger.issueToken({ scope: READ, ...token }))
      const headers = { 'www-authenticate': 'Bearer realm="maskinporten", error="invalid_token"' }
      expect(decision).toMatchObject({ allowed: false, denial: { status: 401, reason, headers } })
      expect(event).toMatchObject({ reason, hint: REASONS[reason].hint })
      expect(event).not.toHaveProperty('consumer')
      expect(JSON.stringify([decision, event])).not.toMatch(/a-client|tt02|314330897|MIIB/)
    },
  )

  it('the claims of a foreign token never make a validator accept the token', async () => {
    for (const claims of [{}, { aud: mock.issuer }, { iss: mock.issuer }]) {
      const { decision } = await decided(await stranger.issueToken({ scope: READ, claims }))
      expect(decision.allowed).toBe(false)
    }
  })

  it('a token with the nais.yaml name of a scope gets the same denial as a token without the scope', async () => {
    const { decision, event } = await decided(await mock.issueToken({ scope: 'sykepenger/afp.read' }))
    const challenge = `Bearer realm="maskinporten", error="insufficient_scope", scope="${READ}"`
    expect(decision).toMatchObject({ denial: { status: 403, headers: { 'www-authenticate': challenge } } })
    expect(event).toMatchObject({ reason: 'nais_scope_name', hint: REASONS.nais_scope_name.hint })
  })

  it('an expired client assertion is refused as `expired`, because its times are checked first', async () => {
    const grant = await stranger.issueToken({ issuer: 'a-client', audience: TEST, expiresIn: -60 })
    expect((await decided(grant)).event?.reason).toBe('expired')
  })
})

const rule = (...accepted: string[]): IssuerRule => ({
  issuer: () => (accepted.length === 1 ? accepted[0] : undefined),
  mayHaveIssued: (issuer) => accepted.some((one) => one === issuer),
})

it.each([
  ['https://issuer.example/', 'https://issuer.example', true],
  ['https://issuer.example', 'https://issuer.example/', true],
  ['https://issuer.example/', 'https://issuer.example//', true],
  ['https://issuer.example/', 'https://other.example', false],
  ['https://issuer.example/', 'https://Issuer.example', false],
  ['https://issuer.example/', '', false],
])(
  'for the accepted issuer %s and the token’s issuer %s, foreignTokenRefusal has `onlySlashDiffers: %s`',
  (accepted, iss, onlySlashDiffers) => {
    const refusal = foreignTokenRefusal({ iss }, rule(accepted))
    expect(refusal).toMatchObject({ reason: 'wrong_issuer', onlySlashDiffers })
    expect(foreignTokenRefusal({ iss }, rule(accepted))).toBe(refusal)
  },
)

it.each<[string, JsonObject]>([
  ['a client’s grant', { iss: 'https://issuer.example', aud: TEST }],
  ['an issuer that is not a string', { iss: 7 }],
])('foreignTokenRefusal does not report a missing slash for %s', (_title, claims) => {
  expect(foreignTokenRefusal(claims, rule('https://issuer.example/')).onlySlashDiffers).toBe(false)
})

it('foreignTokenRefusal does not report a missing slash before metadata pins one of two accepted issuers', () => {
  const both = rule('https://issuer.example/', 'https://issuer.example')
  expect(foreignTokenRefusal({ iss: 'https://issuer.example' }, both).onlySlashDiffers).toBe(false)
})

it('if only the issuer’s final slash is wrong, event and explanation have a hint about that slash', async () => {
  const mock = await createMockMaskinporten({ issuer: 'https://issuer.example/' })
  const events: DecisionEvent[] = []
  const validator = createMaskinportenValidator({
    issuer: 'https://issuer.example',
    jwks: mock.jwks(),
    onDecision: (event) => events.push(event),
  })
  const token = await mock.issueToken({ scope: 'nav:x.read' })
  await validator.decide(`Bearer ${token}`, 'nav:x.read')
  expect(events[0]?.hint?.cause).toMatch(/differ only in the slash/)
  expect(String(await validator.explain(token, 'nav:x.read'))).toMatch(/differ only in the slash/)
})
