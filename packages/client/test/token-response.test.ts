import { describe, expect, it, test } from 'vitest'
import { MaskinportenClientError } from '../src/client-error.js'
import type { Answer } from '../src/exchange.js'
import { hintFor, KNOWN_REFUSALS } from '../src/known-refusals.js'
import { readTokenResponse } from '../src/token-response.js'

const issued = { access_token: 'opaque', token_type: 'Bearer', expires_in: 120, scope: 'nav:a nav:b' }
const read = (status: number, body: unknown, retryAfter?: number) =>
  readTokenResponse({ status, body, retryAfter } satisfies Answer, 'https://test.maskinporten.no/')

const WRONG_ENDPOINT =
  'check that the address is that of the token endpoint, and whether a proxy answers in its place'

function refusalOf(status: number, body: unknown, retryAfter?: number): MaskinportenClientError {
  try {
    read(status, body, retryAfter)
  } catch (error) {
    if (error instanceof MaskinportenClientError) return error
    throw error
  }
  return expect.unreachable('nothing was refused')
}

describe('a token', () => {
  it('is read as its source gave it', () => {
    expect(read(200, issued)).toEqual({ accessToken: 'opaque', expiresIn: 120, scope: 'nav:a nav:b' })
  })

  test.each<[string, object, object]>([
    ['its type in any case (RFC 6749 §5.1)', { token_type: 'bEARER' }, {}],
    ['no scope', { scope: undefined }, { scope: undefined }],
    ['a scope that is not text left out', { scope: ['nav:a'] }, { scope: undefined }],
    ['a life of a fraction of a second', { expires_in: 0.5 }, { expiresIn: 0.5 }],
    [
      'a token with every character that there is (RFC 6750 §2.1)',
      { access_token: 'azAZ09-._~+/==' },
      { accessToken: 'azAZ09-._~+/==' },
    ],
    ['a life of a week', { expires_in: 604_800 }, { expiresIn: 604_800 }],
  ])('may have %s', (_title, members, read_) => {
    expect(read(200, { ...issued, ...members })).toMatchObject(read_)
  })

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'opaque'],
    ['no token', { ...issued, access_token: undefined }],
    ['an empty token', { ...issued, access_token: '' }],
    ['a token that is not text', { ...issued, access_token: 7 }],
    ['a token with a line break', { ...issued, access_token: 'opaque\n' }],
    ['a token with a space', { ...issued, access_token: 'opa que' }],
    ['a token with a letter that is not ASCII', { ...issued, access_token: 'opåque' }],
    ['a token of padding alone', { ...issued, access_token: '==' }],
    ['a token with padding inside', { ...issued, access_token: 'a=b' }],
    ['no type', { ...issued, token_type: undefined }],
    ['another type', { ...issued, token_type: 'DPoP' }],
    ['a type that is not text', { ...issued, token_type: ['Bearer'] }],
    ['no lifetime', { ...issued, expires_in: undefined }],
    ['a lifetime that is a text', { ...issued, expires_in: '120' }],
    ['a lifetime of nothing', { ...issued, expires_in: 0 }],
    ['a lifetime of more than a week', { ...issued, expires_in: 604_801 }],
    ['a lifetime that is no number', { ...issued, expires_in: Number.NaN }],
  ])('an answer with %s is not a token', (_title, body) => {
    expect(refusalOf(200, body)).toMatchObject({
      code: 'unexpected_answer',
      status: 200,
      retryable: false,
      hint: { cause: 'the answer is not a bearer token with a lifetime', fix: WRONG_ENDPOINT },
    })
  })
})

describe('an answer without a token', () => {
  test.each([429, 500, 503, 599])('status %i is a retryable outage', (status) => {
    const refusal = refusalOf(status, { error: 'invalid_grant' }, 7)
    expect(refusal).toMatchObject({ code: 'unavailable', status, retryable: true, retryAfter: 7 })
    expect(refusal.hint).toEqual({ cause: 'it is overloaded or failing', fix: 'try again later' })
    expect(refusalOf(status, undefined).retryAfter).toBeUndefined()
  })

  test.each<[number, unknown]>([
    [400, undefined],
    [400, 'invalid_grant'],
    [404, {}],
    [400, { error: 7 }],
    [201, { error: 'invalid_grant' }],
    [302, { error: 'invalid_grant' }],
    [399, { error: 'invalid_grant' }],
  ])('with %i and %j is unexpected', (status, body) => {
    expect(refusalOf(status, body)).toMatchObject({
      code: 'unexpected_answer',
      status,
      retryable: false,
      hint: { cause: 'the answer is not a token response', fix: WRONG_ENDPOINT },
    })
  })

  it('an answer with an error is a refusal, with Maskinporten’s code and a hint', () => {
    const body = { error: 'invalid_scope', error_uri: 'https://test.maskinporten.no/errors/MP-200' }
    expect(refusalOf(400, body)).toMatchObject({
      code: 'request_rejected',
      status: 400,
      error: 'invalid_scope',
      maskinportenCode: 'MP-200',
      retryable: false,
      hint: hintFor('MP-200'),
    })
  })

  test.each(['Invalid', 'invalid grant', '', 'x'.repeat(41), 'a\nb', '<b>', 'x1'])(
    'leaves out a malformed `error`: %j',
    (error) => {
      const refusal = refusalOf(400, { error })
      expect(refusal.code).toBe('request_rejected')
      expect(refusal.error).toBeUndefined()
      expect(refusal.maskinportenCode).toBeUndefined()
    },
  )

  it('repeats one of 40 letters', () => {
    expect(refusalOf(400, { error: 'x'.repeat(40) }).error).toBe('x'.repeat(40))
  })
})

describe('the code of Maskinporten', () => {
  const KNOWN = [
    ...['MP-011', 'MP-012', 'MP-100', 'MP-110', 'MP-120', 'MP-121', 'MP-122', 'MP-123', 'MP-124', 'MP-130'],
    ...['MP-200', 'MP-201', 'MP-250', 'MP-251', 'MP-301', 'MP-302', 'MP-303'],
  ]
  const GENERAL = {
    cause: 'Maskinporten rejected the token request',
    fix: 'check client, key, scope and environment',
  }

  it('the hints cover exactly the codes of Digdir’s page', () => {
    expect(KNOWN_REFUSALS.flatMap(({ code }) => code ?? [])).toEqual(KNOWN)
  })

  test.each(KNOWN)('%s has a hint of its own', (code) => {
    const others = KNOWN.filter((other) => other !== code).map(hintFor)
    expect([...others, GENERAL]).not.toContainEqual(hintFor(code))
    expect(Object.values(hintFor(code)).join(': ').length).toBeGreaterThan(30)
  })

  test.each([undefined, 'MP-999'])('%s has the general hint', (code) => {
    expect(hintFor(code)).toEqual(GENERAL)
  })
})
