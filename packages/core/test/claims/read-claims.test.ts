import { expect, it } from 'vitest'
import { readClaims } from '../../src/claims/read-claims.js'
import type { VerifiedToken } from '../../src/claims/verified-token.js'
import { casesOf } from '../cases.js'
import { isDeeplyFrozen } from '../deeply-frozen.js'
import { withPollutedPrototype } from '../polluted-prototype.js'
import { reasonOf } from '../refusal.js'
import { SAMPLE_TOKENS } from '../sample-tokens.js'
import { claims, NOW, read } from './plain-claims.js'

/** A copy with the values of the accessors of a token and its consents. `toEqual` compares own members only. */
function everyMember(token: VerifiedToken) {
  const { pid, authorizationDetails, claims } = token
  const consents = token.consents.map((consent) => ({ ...consent, from: consent.from }))
  return { ...token, ...(pid !== undefined && { pid }), authorizationDetails, consents, claims }
}

function refusalOf(changes: Record<string, unknown>): unknown {
  try {
    return read(changes)
  } catch (error) {
    return error
  }
}

it.each(SAMPLE_TOKENS)(
  'readClaims reads each member of a sample token, and a handler cannot change them at any depth: $title',
  ({ claims, expected }) => {
    const { token } = readClaims(JSON.parse(JSON.stringify(claims)))
    expect(everyMember(token)).toEqual({ ...expected, claims })
    const { authorizationDetails, consents } = token
    for (const value of [token, token.claims, authorizationDetails, consents, consents[0]?.from])
      expect(isDeeplyFrozen(value)).toBe(true)
    expect(() => Object.assign(token, { pid: '05848998356' })).toThrow(TypeError)
  },
)

it('the member of an absent claim is undefined, and a token as JSON omits it', () => {
  const token = read({ client_id: undefined, client_amr: undefined, jti: undefined })
  for (const name of ['supplier', 'delegationSource', 'clientId', 'clientAuthentication', 'pid', 'tokenId']) {
    expect(Reflect.get(token, name)).toBeUndefined()
    expect(JSON.stringify(token)).not.toContain(name)
  }
})

it('readClaims splits scopes only on the space character', () => {
  expect(read({ scope: ' a:b\tc  d\u00a0e\n ' }).scopes).toEqual(['a:b\tc', 'd\u00a0e\n'])
  expect(read({ scope: '' }).scopes).toEqual([])
})

it('`hasScope` returns true for exactly the scopes of the token, at every call', () => {
  for (const scopes of [
    ['nav:a', 'nav:c', 'nav:b', 'nav:c', 'nav:a'],
    ['nav:c', 'nav:a', 'nav:b', 'nav:c'],
  ]) {
    const { hasScope } = readClaims(claims({ scope: 'nav:a nav:b' }))
    expect(scopes.map(hasScope)).toEqual(scopes.map((scope) => scope !== 'nav:c'))
  }
})

it.each(['iss', 'iat', 'exp', 'scope', 'consumer'])('readClaims refuses a token without %s', (name) => {
  expect(refusalOf({ [name]: undefined })).toMatchObject({ reason: 'missing_claim', claim: name })
  expect(refusalOf({ [name]: undefined })).toBe(refusalOf({ [name]: undefined }))
})

it('readClaims refuses a token with a required claim that is only inherited', () => {
  const { iss, ...rest } = claims()
  const inherited = Object.assign(Object.create({ iss }), rest)
  expect(reasonOf(() => readClaims(inherited))).toBe('missing_claim')
})

const MALFORMED: Record<string, unknown[]> = {
  iss: [null, ['https://test.maskinporten.no/'], 1],
  iat: [null, '1'],
  exp: [null, '9999999999', true, [1]],
  nbf: [null, '0'],
  scope: [null, ['nav:a'], 7],
  consumer: [null, '0192:991825827'],
  supplier: [null],
  delegation_source: [null],
  client_id: [null],
  client_amr: [null],
  jti: [null],
  sub: [null, 1],
  aud: [null, [['https://a.no']]],
  pid: [null, 10101999990, '0101019999', '010101999999', 'x01010199999'],
  authorization_details: [null, {}],
}
it.each(casesOf(MALFORMED))('readClaims refuses a token whose %s is %j', (name, value) => {
  expect(refusalOf({ [name]: value })).toMatchObject({ reason: 'malformed_claims', claim: name })
})

it('readClaims refuses an exp that is parsed as infinity', () => {
  const parsed = JSON.parse(JSON.stringify(claims()).replace(String(NOW + 120), '1e400'))
  expect(parsed.exp).toBe(Number.POSITIVE_INFINITY)
  expect(reasonOf(() => readClaims(parsed))).toBe('malformed_claims')
})

it('readClaims refuses a token that is bound to a key (`cnf`)', () => {
  expect(reasonOf(() => read({ cnf: { jkt: 'x' } }))).toBe('sender_constrained')
  expect(reasonOf(() => read({ cnf: null }))).toBe('sender_constrained')
})

const mock = { iss: 'http://localhost:8080/default', client_amr: undefined }

it.each([
  ['consumer', { ...mock, consumer: undefined }],
  ['scope', { ...mock, scope: ['nav:a'] }],
])(
  'readClaims refuses a token of a general mock as `general_mock_token`, and names the claim `%s`',
  (claim, changes) => {
    expect(refusalOf(changes)).toMatchObject({ reason: 'general_mock_token', claim })
  },
)

it('only an incomplete token with an http issuer and no client_amr is refused as `general_mock_token`', () => {
  expect(read(mock).issuer).toBe(mock.iss)
  for (const changes of [{ client_amr: undefined }, { iss: mock.iss }])
    expect(refusalOf({ ...changes, consumer: undefined })).toMatchObject({ reason: 'missing_claim' })
})

it('readClaims ignores a polluted Object.prototype', async () => {
  const pollution = { systemUsers: [{}], consents: [{}], authorizationDetails: [{}] }
  const { token } = await withPollutedPrototype(pollution, () => readClaims(claims()), { writable: true })
  expect([token.systemUsers, token.consents, token.authorizationDetails]).toEqual([[], [], []])
})
