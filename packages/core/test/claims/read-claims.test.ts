import { inspect } from 'node:util'
import { describe, expect, it, test } from 'vitest'
import { checkIssuer, checkTime, rejectEarly } from '../../src/claims/check-claims.js'
import type { IssuerRule } from '../../src/claims/foreign-token.js'
import { readClaims } from '../../src/claims/read-claims.js'
import type { VerifiedToken } from '../../src/claims/verified-token.js'
import type { JsonObject } from '../../src/platform/json.js'
import { everyMember } from '../every-member.js'
import { reasonOf } from '../refusal.js'

const NOW = 1_699_993_000
const plain = {
  scope: 'digitalpostinnbygger:send nav:b',
  iss: 'https://test.maskinporten.no/',
  client_amr: 'virksomhetssertifikat',
  token_type: 'Bearer',
  exp: NOW + 120,
  iat: NOW,
  client_id: 'MOVE_IP_991825827',
  jti: 'I4tXwDLC1572',
  consumer: { authority: 'iso6523-actorid-upis', ID: '0192:991825827' },
}

/** Claims as they are parsed; `undefined` takes one out. */
function claims(changes: Record<string, unknown> = {}): JsonObject {
  return JSON.parse(JSON.stringify({ ...plain, ...changes }))
}

const read = (changes?: Record<string, unknown>) => readClaims(claims(changes)).token

function refusalOf(changes: Record<string, unknown>): unknown {
  try {
    return read(changes)
  } catch (error) {
    return error
  }
}

describe('a token is read', () => {
  it('in its usual form', () => {
    expect(everyMember(read())).toEqual({
      issuer: 'https://test.maskinporten.no/',
      scopes: ['digitalpostinnbygger:send', 'nav:b'],
      consumer: { authority: 'iso6523-actorid-upis', id: '0192:991825827', organisationNumber: '991825827' },
      clientId: 'MOVE_IP_991825827',
      clientAuthentication: 'virksomhetssertifikat',
      audience: [],
      authorizationDetails: [],
      systemUsers: [],
      consents: [],
      tokenId: 'I4tXwDLC1572',
      issuedAt: NOW,
      expiresAt: NOW + 120,
      claims: plain,
    })
  })

  it('without a member for a claim that it lacks', () => {
    const token = read({ client_id: undefined, client_amr: undefined, jti: undefined })
    for (const name of ['supplier', 'delegationSource', 'clientId', 'clientAuthentication', 'pid', 'tokenId'])
      expect(Object.keys(token)).not.toContain(name)
  })

  it('with empty lists if it lacks authorization_details', () => {
    expect([read().authorizationDetails, read().systemUsers, read().consents]).toEqual([[], [], []])
  })

  it('with its supplier, when it is delegated', () => {
    const token = read({
      supplier: { authority: 'iso6523-actorid-upis', ID: '0192:810969342' },
      delegation_source: 'https://tt02.altinn.no/',
    })
    expect(token.supplier?.organisationNumber).toBe('810969342')
    expect(token.delegationSource).toBe('https://tt02.altinn.no/')
  })

  test.each<[string, unknown, string[]]>([
    ['a string', 'https://api.example.no', ['https://api.example.no']],
    ['a list', ['https://a.no', 'https://b.no'], ['https://a.no', 'https://b.no']],
    ['the legacy unspecified', 'unspecified', []],
    ['an empty list', [], []],
  ])('with its audience: %s', (_title, aud, audience) => {
    expect(read({ aud }).audience).toEqual(audience)
  })

  it('with scopes split on the space character alone', () => {
    expect(read({ scope: ' a:b\tc  d\u00a0e\n ' }).scopes).toEqual(['a:b\tc', 'd\u00a0e\n'])
    expect(read({ scope: '' }).scopes).toEqual([])
  })
})

describe('a token is refused', () => {
  test.each(['iss', 'iat', 'exp', 'scope', 'consumer'])('without %s', (name) => {
    expect(refusalOf({ [name]: undefined })).toMatchObject({ reason: 'missing_claim', claim: name })
    expect(refusalOf({ [name]: undefined })).toBe(refusalOf({ [name]: undefined }))
  })

  test.each<[string, unknown]>([
    ['iss', ['https://test.maskinporten.no/']],
    ['iss', 1],
    ['iat', '1'],
    ['iat', null],
    ['exp', '9999999999'],
    ['exp', true],
    ['exp', [1]],
    ['nbf', '0'],
    ['nbf', null],
    ['scope', ['nav:a']],
    ['scope', null],
    ['scope', 7],
    ['consumer', '0192:991825827'],
    ['consumer', null],
    ['consumer', []],
    ['consumer', {}],
    ['consumer', { authority: 'iso6523-actorid-upis' }],
    ['consumer', { authority: 1, ID: '0192:991825827' }],
    ['consumer', { Authority: 'iso6523-actorid-upis', ID: '0192:991825827' }],
    ['supplier', '0192:991825827'],
    ['supplier', null],
    ['delegation_source', {}],
    ['client_id', 1],
    ['client_amr', null],
    ['jti', 1],
    ['sub', 1],
    ['sub', null],
    ['sub', ['x']],
    ['aud', 1],
    ['aud', null],
    ['aud', [['https://a.no']]],
    ['pid', 1010199999],
    ['pid', 10101999990],
    ['pid', '0101019999'],
    ['pid', '010101999999'],
    ['pid', '01010199999x'],
    ['pid', 'x01010199999'],
    ['authorization_details', {}],
    ['authorization_details', ['x']],
    ['authorization_details', [null]],
    ['authorization_details', null],
    ['authorization_details', [{}]],
    ['authorization_details', [{ type: 7 }]],
  ])('when %s is %j', (name, value) => {
    expect(refusalOf({ [name]: value })).toMatchObject({ reason: 'malformed_claims', claim: name })
  })

  test.each([
    ...['iss', 'iat', 'exp', 'nbf', 'scope', 'consumer', 'aud', 'authorization_details', 'sub', 'supplier'],
    ...['delegation_source', 'client_id', 'client_amr', 'pid', 'jti'],
  ])('when %s is null, which is not the same as absent', (claim) => {
    expect(refusalOf({ [claim]: null })).toMatchObject({ reason: 'malformed_claims', claim })
  })

  it('when exp is so large that it is read as infinity', () => {
    const parsed = JSON.parse(JSON.stringify(plain).replace(String(NOW + 120), '1e400'))
    expect(parsed.exp).toBe(Number.POSITIVE_INFINITY)
    expect(reasonOf(() => readClaims(parsed))).toBe('malformed_claims')
  })

  it('when it is bound to a key (`cnf`)', () => {
    expect(reasonOf(() => read({ cnf: { jkt: 'x' } }))).toBe('sender_constrained')
    expect(reasonOf(() => read({ cnf: null }))).toBe('sender_constrained')
  })

  it('when a claim is only inherited', () => {
    const { iss: _iss, ...rest } = plain
    expect(reasonOf(() => readClaims(Object.assign(Object.create({ iss: plain.iss }), rest)))).toBe(
      'missing_claim',
    )
  })
})

describe('a token of a general mock', () => {
  const mock = { iss: 'http://localhost:8080/default', client_amr: undefined }

  it.each([
    ['consumer', { ...mock, consumer: undefined }],
    ['scope', { ...mock, scope: ['nav:a'] }],
  ])('is refused as such, with the name of the claim: %s', (claim, changes) => {
    expect(refusalOf(changes)).toMatchObject({ reason: 'general_mock_token', claim })
  })

  it('is not recognised if the token is complete, from https, or has client_amr', () => {
    expect(read(mock).issuer).toBe(mock.iss)
    for (const changes of [{ client_amr: undefined }, { iss: mock.iss }])
      expect(refusalOf({ ...changes, consumer: undefined })).toMatchObject({ reason: 'missing_claim' })
  })
})

describe('time', () => {
  const rules = { clockTolerance: 10, maxTokenLifetime: 86_400 }
  const check = (now: number, changes?: Record<string, unknown>) => () =>
    checkTime(readClaims(claims(changes)), rules, now)

  it('ends exactly at exp plus the tolerance (RFC 7519 §4.1.4)', () => {
    expect(check(NOW + 129.999)).not.toThrow()
    expect(reasonOf(check(NOW + 130))).toBe('expired')
  })

  it('begins exactly at nbf minus the tolerance', () => {
    expect(check(NOW, { nbf: NOW + 10 })).not.toThrow()
    expect(reasonOf(check(NOW, { nbf: NOW + 10.001 }))).toBe('not_yet_valid')
  })

  it('refuses a token from the future', () => {
    expect(check(NOW - 10)).not.toThrow()
    expect(reasonOf(check(NOW - 10.001))).toBe('issued_in_future')
  })

  it('refuses a lifetime that is longer than the limit', () => {
    expect(check(NOW, { exp: NOW + 86_400 })).not.toThrow()
    expect(reasonOf(check(NOW, { exp: NOW + 86_401 }))).toBe('lifetime_too_long')
    expect(reasonOf(check(NOW, { exp: 1e300 }))).toBe('lifetime_too_long')
    expect(reasonOf(check(NOW, { iat: -1e300 }))).toBe('lifetime_too_long')
  })

  it.each([
    ['iat and exp', { iat: NOW * 1000, exp: NOW * 1000 + 120_000 }],
    ['exp alone', { exp: NOW * 1000 + 120_000 }],
    ['nbf alone', { nbf: NOW * 1000 }],
    ['iat alone', { iat: NOW * 1000 }],
  ])('is refused as `time_in_milliseconds`: %s', (_title, changes) => {
    expect(reasonOf(check(NOW, changes))).toBe('time_in_milliseconds')
  })

  it('is not taken for milliseconds if this machine’s clock is in 1970', () => {
    expect(reasonOf(check(0))).toBe('issued_in_future')
    expect(reasonOf(check(NOW, { exp: 253_402_300_800 }))).toBe('lifetime_too_long')
  })

  it('refuses every token if the clock returns NaN', () => {
    expect(reasonOf(check(Number.NaN))).toBe('expired')
  })

  it('refuses dates before the epoch as expired', () => {
    expect(reasonOf(check(NOW, { exp: -1 }))).toBe('expired')
    expect(reasonOf(check(NOW, { exp: 0 }))).toBe('expired')
  })
})

describe('the issuer', () => {
  const rule = (issuer: string): IssuerRule => ({
    issuer: () => issuer,
    mayHaveIssued: (iss) => iss === issuer,
  })
  const prod = rule('https://maskinporten.no/')

  const check = (iss: string, accepted: IssuerRule) => () =>
    checkIssuer(readClaims(claims({ iss })), { issuer: accepted })

  it('is compared exactly', () => {
    expect(check('https://maskinporten.no/', prod)).not.toThrow()
    for (const other of [
      'https://maskinporten.no',
      'https://Maskinporten.no/',
      'http://maskinporten.no/',
      'https://maskinporten.no:443/',
      'https://user@maskinporten.no/',
      'https://maskinporten.no/x',
      'https://rnaskinporten.no/',
      '',
    ]) {
      expect(reasonOf(check(other, prod))).toBe('wrong_issuer')
    }
  })

  it('is refused until metadata has pinned it', () => {
    const unpinned = { issuer: () => undefined, mayHaveIssued: () => true }
    expect(reasonOf(check('https://maskinporten.no/', unpinned))).toBe('wrong_issuer')
  })

  it('can refuse a token before verification, but never accept one', () => {
    const rules = { clockTolerance: 10, maxTokenLifetime: 86_400 }
    const refuse = (unverified: JsonObject) => () => rejectEarly(unverified, prod, rules, NOW)
    expect(refuse({ iss: 'https://maskinporten.no/' })).not.toThrow()
    expect(reasonOf(refuse({ iss: 'https://test.maskinporten.no/' }))).toBe('wrong_environment')
    expect(reasonOf(refuse({}))).toBe('wrong_issuer')
    expect(refuse({ iss: 'https://maskinporten.no/', exp: NOW - 9.999 })).not.toThrow()
    expect(reasonOf(refuse({ iss: 'https://maskinporten.no/', exp: NOW - 10 }))).toBe('expired')
    for (const [claim, reason] of [
      ['nbf', 'not_yet_valid'],
      ['iat', 'issued_in_future'],
    ] as const) {
      expect(refuse({ iss: 'https://maskinporten.no/', [claim]: NOW + 10 })).not.toThrow()
      expect(reasonOf(refuse({ iss: 'https://maskinporten.no/', [claim]: NOW + 10.001 }))).toBe(reason)
      expect(reasonOf(refuse({ iss: 'https://maskinporten.no/', [claim]: NOW * 1000 }))).toBe(
        'time_in_milliseconds',
      )
      expect(refuse({ iss: 'https://maskinporten.no/', [claim]: 'tomorrow' })).not.toThrow()
    }
  })
})

function copyOf(value: object): object {
  const copy: Record<string, unknown> = {}
  for (const name in value) copy[name] = Reflect.get(value, name)
  return copy
}

describe('a verified token', () => {
  it('holds the number of the person that it is restricted to', () => {
    expect(read({ pid: '01010199999' }).pid).toBe('01010199999')
  })

  const consent = {
    type: 'urn:altinn:consent',
    id: 'c',
    from: 'urn:altinn:person:identifier-no:05848998356',
    to: plain.consumer,
    consented: '2025-11-14T10:48:55Z',
    validTo: '2028-01-01T14:30:00Z',
    consentRights: [],
  }
  const token = () =>
    read({
      pid: '01010199999',
      authorization_details: [{ type: 'x', from: '05848998356' }, consent],
    })

  it.each<[string, (value: VerifiedToken) => unknown]>([
    ['JSON.stringify', (value) => JSON.stringify(value)],
    ['util.inspect', (value) => inspect(value, { depth: 9 })],
    [
      'util.inspect that calls getters',
      (value) => inspect(value, { depth: 9, showHidden: true, getters: true }),
    ],
    ['a spread', (value) => JSON.stringify({ ...value })],
    ['Object.assign', (value) => JSON.stringify(Object.assign({}, value))],
    ['structuredClone', (value) => inspect(structuredClone(value), { depth: 9, showHidden: true })],
    ['for … in', (value) => copyOf(value)],
    ['own keys, symbols included', (value) => Reflect.ownKeys(value).map((key) => Reflect.get(value, key))],
  ])('shows neither personal data, consents nor other claims to %s', (_title, show) => {
    const shown = show(token())
    const text = typeof shown === 'string' ? shown : JSON.stringify(shown)
    expect(text).toContain('991825827')
    expect(text).not.toMatch(/01010199999|05848998356|consented|authorization_details|token_type/)
  })

  it('cannot be changed by a handler, at any depth', () => {
    const walk = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return
      expect(Object.isFrozen(value)).toBe(true)
      Object.values(value).forEach(walk)
    }
    const { authorizationDetails, consents, claims: all } = token()
    for (const value of [token(), authorizationDetails, consents, consents[0]?.from, all]) walk(value)
    expect(() => Object.assign(token(), { pid: '05848998356' })).toThrow(TypeError)
  })
})

it('a polluted Object.prototype supplies neither system users nor consents nor details', () => {
  const names = ['systemUsers', 'consents', 'authorizationDetails']
  for (const name of names)
    Object.defineProperty(Object.prototype, name, { value: [{}], configurable: true, writable: true })
  const { systemUsers, consents, authorizationDetails } = read()
  for (const name of names) Reflect.deleteProperty(Object.prototype, name)
  expect([systemUsers, consents, authorizationDetails]).toEqual([[], [], []])
})
