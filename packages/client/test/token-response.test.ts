import { expect, test } from 'vitest'
import { readTokenResponse } from '../src/token-response.js'
import { ISSUER, refusalOf } from './kit.js'

const ISSUED = { access_token: 'opaque', token_type: 'Bearer', expires_in: 120, scope: 'nav:a nav:b' }

const WRONG_ENDPOINT =
  'check that the address is that of the token endpoint, and whether a proxy answers in its place'

test.each<[string, object, object]>([
  ['a token, a lifetime and scopes', {}, { accessToken: 'opaque', expiresIn: 120, scope: 'nav:a nav:b' }],
  ['a type in any case (RFC 6749 §5.1)', { token_type: 'bEARER' }, {}],
  ['no scope', { scope: undefined }, { scope: undefined }],
  ['a scope that is not a string, which is ignored', { scope: ['nav:a'] }, { scope: undefined }],
  ['a lifetime of half a second', { expires_in: 0.5 }, { expiresIn: 0.5 }],
  ['a lifetime of a week', { expires_in: 604_800 }, { expiresIn: 604_800 }],
  [
    'a token with every allowed character (RFC 6750 §2.1)',
    { access_token: 'azAZ09-._~+/==' },
    { accessToken: 'azAZ09-._~+/==' },
  ],
])('a token response with %s is accepted', (_title, members, token) => {
  const body = { ...ISSUED, ...members }
  expect(readTokenResponse({ status: 200, body, retryAfter: undefined }, ISSUER)).toMatchObject(token)
})

test.each<[string, unknown]>([
  ['no body', undefined],
  ['null', null],
  ['a token that is a number', { ...ISSUED, access_token: 7 }],
  ['an empty token', { ...ISSUED, access_token: '' }],
  ['a token with a line break', { ...ISSUED, access_token: 'opaque\n' }],
  ['a token with a letter outside ASCII', { ...ISSUED, access_token: 'opåque' }],
  ['a token that is only padding', { ...ISSUED, access_token: '==' }],
  ['a token with padding inside', { ...ISSUED, access_token: 'a=b' }],
  ['a type other than Bearer', { ...ISSUED, token_type: 'DPoP' }],
  ['a type that is a list', { ...ISSUED, token_type: ['Bearer'] }],
  ['a lifetime that is a string', { ...ISSUED, expires_in: '120' }],
  ['a lifetime of 0', { ...ISSUED, expires_in: 0 }],
  ['a lifetime of more than a week', { ...ISSUED, expires_in: 604_801 }],
  ['a lifetime that is NaN', { ...ISSUED, expires_in: Number.NaN }],
])('an answer of 200 with %s is reported as unexpected', (_title, body) => {
  expect(refusalOf({ status: 200, body })).toMatchObject({
    ...{ code: 'unexpected_answer', status: 200, retryable: false },
    hint: { cause: 'the answer is not a bearer token with a lifetime', fix: WRONG_ENDPOINT },
  })
})

test.each([429, 500, 503, 599])('status %i is reported as a retryable outage', (status) => {
  const refusal = refusalOf({ status, body: { error: 'invalid_grant' }, retryAfter: 7 })
  expect(refusal).toMatchObject({ code: 'unavailable', status, retryable: true, retryAfter: 7 })
  expect(refusal.hint).toEqual({ cause: 'it is overloaded or failing', fix: 'try again later' })
  expect(refusalOf({ status }).retryAfter).toBeUndefined()
})

test.each<[number, unknown]>([
  [400, undefined],
  [400, 'invalid_grant'],
  [400, { error: 7 }],
  [201, { error: 'invalid_grant' }],
  [399, { error: 'invalid_grant' }],
])('status %i with the body %j is reported as unexpected', (status, body) => {
  expect(refusalOf({ status, body })).toMatchObject({
    ...{ code: 'unexpected_answer', status, retryable: false },
    hint: { cause: 'the answer is not a token response', fix: WRONG_ENDPOINT },
  })
})
