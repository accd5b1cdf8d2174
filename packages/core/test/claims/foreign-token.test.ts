import { expect, it } from 'vitest'
import {
  foreignTokenReason,
  foreignTokenRefusal,
  type IssuerRule,
  isNaisName,
} from '../../src/claims/foreign-token.js'
import type { MaskinportenReason } from '../../src/errors/reasons/reasons.js'
import type { JsonObject } from '../../src/platform/json.js'

const PROD = 'https://maskinporten.no/'
const TEST = 'https://test.maskinporten.no/'
const rule = (...accepted: string[]): IssuerRule => ({
  issuer: () => (accepted.length === 1 ? accepted[0] : undefined),
  mayHaveIssued: (issuer) => accepted.some((one) => one === issuer),
})

const MOCK = 'http://127.0.0.1:1/'
const ALTINN_TEST = 'https://platform.tt02.altinn.no/authentication/api/v1/openid/'

it.each<[string, string, JsonObject, MaskinportenReason]>([
  ['a test token in production', PROD, { iss: TEST }, 'wrong_environment'],
  ['a test token at a mock', MOCK, { iss: TEST }, 'wrong_issuer'],
  ['ver1', PROD, { iss: 'https://ver1.maskinporten.no/' }, 'phased_out_environment'],
  ['ver2', TEST, { iss: 'https://ver2.maskinporten.no/' }, 'phased_out_environment'],
  ['ID-porten', PROD, { iss: 'https://idporten.no' }, 'idporten_token'],
  ['ID-porten’s test environment', TEST, { iss: 'https://test.idporten.no' }, 'idporten_token'],
  ['a former host of ID-porten', PROD, { iss: 'https://oidc.difi.no/idporten/' }, 'idporten_token'],
  ['a former test host of ID-porten', TEST, { iss: 'https://oidc-ver2.difi.no/idporten/' }, 'idporten_token'],
  ['ID-porten in capitals, with a port', PROD, { iss: 'HTTPS://IDPORTEN.NO:443' }, 'idporten_token'],
  ['Skyporten’s test environment', TEST, { iss: 'https://test.sky.maskinporten.no' }, 'skyporten_token'],
  ['Altinn’s test environment', TEST, { iss: ALTINN_TEST }, 'altinn_token'],
  ['Altinn’s domain without a subdomain', PROD, { iss: 'https://altinn.no/' }, 'altinn_token'],
  ['a client’s grant', TEST, { iss: 'fc9a8287-client', aud: TEST }, 'client_assertion'],
  ['a grant with several audiences', TEST, { iss: 'x', aud: ['https://a.no', TEST] }, 'client_assertion'],
  ['a grant for a mock', MOCK, { iss: 'x', aud: MOCK }, 'client_assertion'],
  ['a grant without an issuer', TEST, { aud: TEST }, 'client_assertion'],
  ...[
    ...['https://idporten.no.evil.example', 'https://notidporten.no', 'http://idporten.no'],
    ...['https://oidc-ver3.difi.no/', 'x https://idporten.no'],
    ...['https://evil.example/.idporten.no', 'https://evil.example@idporten.no'],
  ].map((iss): [string, string, JsonObject, MaskinportenReason] => [iss, PROD, { iss }, 'wrong_issuer']),
  ['a host too long for DNS', PROD, { iss: `https://${'a.'.repeat(127)}idporten.no` }, 'wrong_issuer'],
  ['a list that holds ID-porten', PROD, { iss: ['https://idporten.no'] }, 'wrong_issuer'],
  ['another issuer’s token for an API', PROD, { iss: 'x', aud: 'https://api.example.no' }, 'wrong_issuer'],
  ['an inherited issuer', PROD, Object.create({ iss: TEST }), 'wrong_issuer'],
])('foreignTokenReason returns the reason for %s', (_title, issuer, claims, reason) => {
  expect(foreignTokenReason(claims, rule(issuer))).toBe(reason)
})

it.each<[string, string, boolean]>([
  ['nav:helse/sykepenger/afp.read', 'sykepenger/afp.read', true],
  ['nav:arbeid:some.read', 'some.read', true],
  ['arbeid:some.read', 'nav:arbeid:some.read', true],
  ['a:some.read', 'nav:xa:some.read', false],
  ['a:some.read', ':a:some.reads', false],
  ['a:some.read', ':a:some.read', true],
  ['nav:arbeid:some.read', 'me.read', false],
  ['nav:arbeid:some.read', 'nav:arbeid:some.read', false],
  ['nav:arbeid:some.read', '', false],
])(
  'isNaisName with %s among the required scopes and %s among the token’s scopes returns %s',
  (full, scope, isName) => {
    expect(isNaisName(['nav:first', scope, 'nav:last'], ['nav:other', full])).toBe(isName)
  },
)

it.each([
  ['https://issuer.example/', 'https://issuer.example', true],
  ['https://issuer.example', 'https://issuer.example/', true],
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

it.each<[string, string[], JsonObject]>([
  ['for a client’s grant', ['https://issuer.example/'], { iss: 'https://issuer.example', aud: TEST }],
  ['for an issuer that is not a string', ['https://issuer.example/'], { iss: 7 }],
  [
    'before metadata pins one of two accepted issuers',
    ['https://issuer.example/', 'https://issuer.example'],
    { iss: 'https://issuer.example' },
  ],
])('foreignTokenRefusal does not report a missing slash %s', (_title, accepted, claims) => {
  expect(foreignTokenRefusal(claims, rule(...accepted)).onlySlashDiffers).toBe(false)
})
