import { expect, it } from 'vitest'
import { checkIssuer, checkTime, rejectEarly } from '../../src/claims/check-claims.js'
import type { IssuerRule } from '../../src/claims/foreign-token.js'
import { readClaims } from '../../src/claims/read-claims.js'
import type { JsonObject } from '../../src/platform/json.js'
import { reasonOf } from '../refusal.js'
import { claims, NOW } from './plain-claims.js'

const rules = { clockTolerance: 10, maxTokenLifetime: 86_400 }
const timeAt = (now: number, changes?: Record<string, unknown>) => () =>
  checkTime(readClaims(claims(changes)), rules, now)

it('checkTime accepts a token until exp plus the tolerance (RFC 7519 §4.1.4)', () => {
  expect(timeAt(NOW + 129.999)).not.toThrow()
  expect(reasonOf(timeAt(NOW + 130))).toBe('expired')
})

it('checkTime accepts a token if the time is nbf minus the tolerance or later', () => {
  expect(timeAt(NOW, { nbf: NOW + 10 })).not.toThrow()
  expect(reasonOf(timeAt(NOW, { nbf: NOW + 10.001 }))).toBe('not_yet_valid')
})

it('checkTime accepts a token if the time is iat minus the tolerance or later', () => {
  expect(timeAt(NOW - 10)).not.toThrow()
  expect(reasonOf(timeAt(NOW - 10.001))).toBe('issued_in_future')
})

it('checkTime accepts a lifetime up to the limit', () => {
  expect(timeAt(NOW, { exp: NOW + 86_400 })).not.toThrow()
  expect(reasonOf(timeAt(NOW, { exp: NOW + 86_401 }))).toBe('lifetime_too_long')
})

it.each<[string, string, number, object]>([
  ['an exp in milliseconds', 'time_in_milliseconds', NOW, { exp: NOW * 1000 + 120_000 }],
  ['an iat in milliseconds', 'time_in_milliseconds', NOW, { iat: NOW * 1000 }],
  ['a time of 5e11', 'time_in_milliseconds', NOW, { nbf: 5e11 }],
  ['a time just below 5e11, read as seconds', 'not_yet_valid', NOW, { nbf: 5e11 - 1 }],
  ['a time of less than 1e13', 'time_in_milliseconds', NOW, { nbf: 1e13 - 1 }],
  ['a time of 1e13, read as seconds', 'not_yet_valid', NOW, { nbf: 1e13 }],
  ['any token when the clock returns NaN', 'expired', Number.NaN, {}],
  ['an exp at the epoch', 'expired', NOW, { exp: 0 }],
])('checkTime refuses %s: %s', (_title, reason, now, changes) => {
  expect(reasonOf(timeAt(now, { ...changes }))).toBe(reason)
})

const PROD = 'https://maskinporten.no/'
const prod: IssuerRule = { issuer: () => PROD, mayHaveIssued: (iss) => iss === PROD }
const checkIss = (iss: string, issuer: IssuerRule) => () =>
  checkIssuer(readClaims(claims({ iss })), { issuer })

it('checkIssuer compares the issuer exactly', () => {
  expect(checkIss(PROD, prod)).not.toThrow()
  for (const other of ['https://maskinporten.no', 'https://Maskinporten.no/', 'https://maskinporten.no/x'])
    expect(reasonOf(checkIss(other, prod))).toBe('wrong_issuer')
})

it('checkIssuer refuses every issuer until metadata has named the issuer', () => {
  expect(reasonOf(checkIss(PROD, { ...prod, issuer: () => undefined }))).toBe('wrong_issuer')
})

it('rejectEarly refuses a token whose unverified issuer or times already rule it out', () => {
  const reject = (unverified: JsonObject) => () => rejectEarly(unverified, prod, rules, NOW)
  expect(reject({ iss: PROD })).not.toThrow()
  expect(reasonOf(reject({ iss: 'https://test.maskinporten.no/' }))).toBe('wrong_environment')
  expect(reasonOf(reject({}))).toBe('wrong_issuer')
  expect(reject({ iss: PROD, exp: NOW - 9.999 })).not.toThrow()
  expect(reasonOf(reject({ iss: PROD, exp: NOW - 10 }))).toBe('expired')
  for (const [claim, reason] of [
    ['nbf', 'not_yet_valid'],
    ['iat', 'issued_in_future'],
  ] as const) {
    expect(reject({ iss: PROD, [claim]: NOW + 10 })).not.toThrow()
    expect(reasonOf(reject({ iss: PROD, [claim]: NOW + 10.001 }))).toBe(reason)
    expect(reasonOf(reject({ iss: PROD, [claim]: NOW * 1000 }))).toBe('time_in_milliseconds')
    expect(reject({ iss: PROD, [claim]: 'tomorrow' })).not.toThrow()
  }
})
