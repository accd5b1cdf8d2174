import { createMockMaskinporten, type MockMaskinporten } from '@portvakt/mock'
import { beforeAll, describe, expect, it, test } from 'vitest'
import {
  type IssuerRule,
  isNaisName,
  reasonForForeigner,
  refusalOfForeigner,
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

describe('a token from another issuer is refused with the reason that its claims show', () => {
  test.each<[string, string, JsonObject, MaskinportenReason]>([
    ['a test token in production', PROD, { iss: TEST }, 'wrong_environment'],
    ['a production token in test', TEST, { iss: PROD }, 'wrong_environment'],
    ['a test token at a mock', 'http://127.0.0.1:1/', { iss: TEST }, 'wrong_issuer'],
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
    ['Skyporten', PROD, { iss: 'https://sky.maskinporten.no' }, 'skyporten_token'],
    ['Skyporten’s test environment', TEST, { iss: 'https://test.sky.maskinporten.no' }, 'skyporten_token'],
    ['Altinn', PROD, { iss: 'https://platform.altinn.no/authentication/api/v1/openid/' }, 'altinn_token'],
    [
      'Altinn’s test environment',
      TEST,
      { iss: 'https://platform.tt02.altinn.no/authentication/api/v1/openid/' },
      'altinn_token',
    ],
    ['a client’s grant', TEST, { iss: 'fc9a8287-client', aud: TEST }, 'client_assertion'],
    ['a grant with several audiences', TEST, { iss: 'x', aud: ['https://a.no', TEST] }, 'client_assertion'],
    ['a grant for another environment', TEST, { iss: 'x', aud: PROD }, 'client_assertion'],
    [
      'a grant for a mock',
      'http://127.0.0.1:1/',
      { iss: 'x', aud: 'http://127.0.0.1:1/' },
      'client_assertion',
    ],
    ['a grant without an issuer', TEST, { aud: TEST }, 'client_assertion'],
    ['another issuer', PROD, { iss: 'https://evil.example/' }, 'wrong_issuer'],
    ['a host that begins like ID-porten', PROD, { iss: 'https://idporten.no.evil.example' }, 'wrong_issuer'],
    ['a host that only ends like ID-porten', PROD, { iss: 'https://notidporten.no' }, 'wrong_issuer'],
    [
      'a former test host of ID-porten',
      TEST,
      { iss: 'https://oidc-ver2.difi.no/idporten/' },
      'idporten_token',
    ],
    ['Altinn by its bare name', PROD, { iss: 'https://altinn.no/' }, 'altinn_token'],
    ...[
      'notsky.maskinporten.no',
      'sky.maskinporten.no.evil.example',
      'notoidc.difi.no',
      'oidc-ver3.difi.no',
      'oidc.difi.no.evil.example',
      'notaltinn.no',
      'altinn.no.evil.example',
    ].map((host): [string, string, JsonObject, MaskinportenReason] => [
      `a host that resembles a known one: ${host}`,
      PROD,
      { iss: `https://${host}/` },
      'wrong_issuer',
    ]),
    ['ID-porten in capitals, with a port', PROD, { iss: 'HTTPS://IDPORTEN.NO:443' }, 'idporten_token'],
    ['ID-porten over http', PROD, { iss: 'http://idporten.no' }, 'wrong_issuer'],
    ['ID-porten in the path', PROD, { iss: 'https://evil.example/.idporten.no' }, 'wrong_issuer'],
    ['ID-porten after a user name', PROD, { iss: 'https://evil.example@idporten.no' }, 'wrong_issuer'],
    [
      'a host that is longer than DNS allows',
      PROD,
      { iss: `https://${'a.'.repeat(127)}idporten.no` },
      'wrong_issuer',
    ],
    ['a list that holds ID-porten', PROD, { iss: ['https://idporten.no'] }, 'wrong_issuer'],
    ['another issuer’s token for an API', PROD, { iss: 'x', aud: 'https://api.example.no' }, 'wrong_issuer'],
    ['our issuer without its slash', PROD, { iss: 'https://maskinporten.no' }, 'wrong_issuer'],
    ['a missing issuer', PROD, {}, 'wrong_issuer'],
    ['an issuer that is not a string', PROD, { iss: [PROD], aud: 7 }, 'wrong_issuer'],
    ['an issuer by inheritance', PROD, Object.create({ iss: TEST }), 'wrong_issuer'],
  ])('%s', (_title, issuer, claims, reason) => {
    expect(reasonForForeigner(claims, ruleOf(issuer))).toBe(reason)
  })
})

describe('a name from nais.yaml in place of a full scope', () => {
  test.each<[string, string, boolean]>([
    ['nav:helse/sykepenger/afp.read', 'sykepenger/afp.read', true],
    ['nav:arbeid:some.read', 'some.read', true],
    ['nav:arbeid:some.read', 'arbeid:some.read', true],
    ['arbeid:some.read', 'nav:arbeid:some.read', true],
    ['a:some.read', 'nav:x/a:some.read', true],
    ['a:some.read', 'nav:xa:some.read', false],
    ['a:some.read', ':a:some.reads', false],
    ['nav:arbeid:some.read', 'me.read', false],
    ['nav:arbeid:some.read', 'nav:arbeid:some', false],
    ['nav:arbeid:some.read', 'nav:arbeid:some.read', false],
    ['nav:arbeid:some.read', '', false],
  ])('required %s, in the token %s: %s', (required, scope, expected) => {
    expect(isNaisName([scope], ['nav:other', required])).toBe(expected)
  })
})

it('isNaisName finds a name from nais.yaml among other scopes', () => {
  const scopes = ['nav:other', 'sykepenger/afp.read', 'nav:another']
  expect(isNaisName(scopes, ['nav:helse/sykepenger/afp.read'])).toBe(true)
})

describe('a validator', () => {
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

  test.each<[MaskinportenReason, object]>([
    ['wrong_environment', { issuer: PROD }],
    ['phased_out_environment', { issuer: 'https://ver2.maskinporten.no/' }],
    ['idporten_token', { issuer: 'https://test.idporten.no' }],
    ['skyporten_token', { issuer: 'https://test.sky.maskinporten.no' }],
    ['altinn_token', { issuer: 'https://platform.tt02.altinn.no/authentication/api/v1/openid/' }],
    ['client_assertion', { issuer: 'a-client', audience: TEST }],
    ['client_assertion', { header: { kid: undefined, x5c: ['MIIB'] } }],
    ['wrong_issuer', {}],
  ])('%s is 401 with a fixed text, and the event says what to do', async (reason, token) => {
    const { decision, event } = await decided(await stranger.issueToken({ scope: READ, ...token }))
    expect(decision).toMatchObject({
      allowed: false,
      denial: {
        status: 401,
        reason,
        headers: { 'www-authenticate': 'Bearer realm="maskinporten", error="invalid_token"' },
      },
    })
    expect(event).toMatchObject({ reason, hint: REASONS[reason].hint })
    expect(event).not.toHaveProperty('consumer')
    expect(JSON.stringify([decision, event])).not.toMatch(/a-client|tt02|314330897|MIIB/)
  })

  it('never accepts a token because of a claim that names another reason', async () => {
    for (const claims of [{}, { aud: mock.issuer }, { iss: mock.issuer }]) {
      const { decision } = await decided(await stranger.issueToken({ scope: READ, claims }))
      expect(decision.allowed).toBe(false)
    }
  })

  it('answers a name from nais.yaml like any other missing scope', async () => {
    const { decision, event } = await decided(await mock.issueToken({ scope: 'sykepenger/afp.read' }))
    expect(decision).toMatchObject({
      denial: {
        status: 403,
        headers: {
          'www-authenticate': `Bearer realm="maskinporten", error="insufficient_scope", scope="${READ}"`,
        },
      },
    })
    expect(event).toMatchObject({ reason: 'nais_scope_name', hint: REASONS.nais_scope_name.hint })
  })

  it('refuses an expired grant as expired, because times are checked first', async () => {
    const grant = await stranger.issueToken({ issuer: 'a-client', audience: TEST, expiresIn: -60 })
    expect((await decided(grant)).event?.reason).toBe('expired')
  })
})

describe('an issuer that differs only in its trailing slash', () => {
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
  ])('is reported as such: accepted %s, token %s', (accepted, iss, onlySlashDiffers) => {
    const refusal = refusalOfForeigner({ iss }, rule(accepted))
    expect(refusal).toMatchObject({ reason: 'wrong_issuer', onlySlashDiffers })
    expect(refusalOfForeigner({ iss }, rule(accepted))).toBe(refusal)
  })

  it('is not reported while metadata has not pinned one of two accepted issuers', () => {
    const both = rule('https://issuer.example/', 'https://issuer.example')
    expect(refusalOfForeigner({ iss: 'https://issuer.example' }, both).onlySlashDiffers).toBe(false)
  })

  it('is in the hint of the event and of the explanation', async () => {
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
})
