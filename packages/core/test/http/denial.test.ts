import { STATUS_CODES } from 'node:http'
import { describe, expect, it, test } from 'vitest'
import { MaskinportenError } from '../../src/errors/maskinporten-error.js'
import { type MaskinportenReason, REASONS } from '../../src/errors/reasons/reasons.js'
import { denialOf, denialsFor, withBody } from '../../src/http/denial.js'
import { REASON_NAMES } from '../reasons.js'

describe('the answer table', () => {
  test.each<[MaskinportenReason, number, string | undefined]>([
    ['no_credentials', 401, 'Bearer realm="maskinporten"'],
    ['other_scheme', 401, 'Bearer realm="maskinporten"'],
    ['ambiguous_credentials', 400, 'Bearer realm="maskinporten", error="invalid_request"'],
    ['empty_token', 401, 'Bearer realm="maskinporten", error="invalid_token"'],
    ['expired', 401, 'Bearer realm="maskinporten", error="invalid_token"'],
    ['wrong_audience', 401, 'Bearer realm="maskinporten", error="invalid_token"'],
    ['unknown_key', 401, 'Bearer realm="maskinporten", error="invalid_token"'],
    [
      'insufficient_scope',
      403,
      'Bearer realm="maskinporten", error="insufficient_scope", scope="nav:a nav:b"',
    ],
    ['consumer_not_allowed', 403, undefined],
    ['delegation_not_allowed', 403, undefined],
    ['delegation_required', 403, undefined],
    ['supplier_not_allowed', 403, undefined],
    ['delegation_source_not_allowed', 403, undefined],
    ['system_user_required', 403, undefined],
    ['consent_required', 403, undefined],
    ['consent_expired', 403, undefined],
    ['pid_required', 403, undefined],
    ['pid_mismatch', 403, undefined],
    ['not_authorized', 403, undefined],
    ['no_guard', 403, undefined],
    ['keys_unavailable', 503, undefined],
  ])('%s is %i', (reason, status, challenge) => {
    const error = new MaskinportenError(reason, { requiredScopes: ['nav:a', 'nav:b'] })
    const denial = denialOf(error)
    expect(denial.status).toBe(status)
    expect(denial.headers['www-authenticate']).toBe(challenge)
    expect(denial.headers['cache-control']).toBe('no-store')
    expect(denial.headers['content-type']).toBe('application/problem+json')
    expect(JSON.parse(denial.body)).toMatchObject({ status, code: error.code, reason })
  })
})

test.each(REASON_NAMES)('the body has the text of its reason and nothing from the error: %s', (reason) => {
  const { status, body } = denialOf(
    new MaskinportenError(reason, {
      claim: 'scope',
      keyProblem: 'not_rsa',
      onlySlashDiffers: true,
      requiredScopes: ['nav:a'],
      retryAfter: 7,
      cause: new Error('ECONNREFUSED'),
    }),
  )
  const { code, detail } = REASONS[reason]
  expect(JSON.parse(body)).toEqual({ title: STATUS_CODES[status], status, detail, code, reason })
})

it('the body of `expired` is exactly the one in the README', () => {
  expect(denialOf(new MaskinportenError('expired')).body).toBe(
    '{"title":"Unauthorized","status":401,"detail":"The token has expired. Get a new one.","code":"invalid_token","reason":"expired"}',
  )
})

test.each(REASON_NAMES)('every denial has `cache-control: no-store`: %s', (reason) => {
  expect(denialOf(new MaskinportenError(reason)).headers['cache-control']).toBe('no-store')
})

it('the challenge names only scopes that the route requires', () => {
  const { headers } = denialOf(new MaskinportenError('insufficient_scope'))
  expect(headers['www-authenticate']).toBe(
    'Bearer realm="maskinporten", error="insufficient_scope", scope=""',
  )
})

it('a denial without a time to retry does not have `retry-after`', () => {
  expect(denialOf(new MaskinportenError('expired')).headers).not.toHaveProperty('retry-after')
})

it('`retry-after` is in whole seconds, at least one', () => {
  const retryAfter = (seconds: number) =>
    denialOf(new MaskinportenError('keys_unavailable', { retryAfter: seconds })).headers['retry-after']
  expect([retryAfter(0), retryAfter(2.1), retryAfter(30)]).toEqual(['1', '3', '30'])
})

test.each<[string, object, RegExp]>([
  ['an unknown option', { relm: 'x' }, /denialOf has no option `relm`/],
  ['a realm with quotes', { realm: 'a", error="x' }, /`realm` must be printable ASCII/],
  ['an inherited realm', Object.create({ realm: 'x' }), /`realm`.*Copy its members into a plain object/],
])('denialOf throws for %s', (_title, options, message) => {
  expect(() => denialOf(new MaskinportenError('no_credentials'), options)).toThrow(TypeError)
  expect(() => denialOf(new MaskinportenError('no_credentials'), options)).toThrow(message)
})

it('the challenge names the configured realm', () => {
  const denial = denialOf(new MaskinportenError('no_credentials'), { realm: 'vedtak' })
  expect(denial.headers['www-authenticate']).toBe('Bearer realm="vedtak"')
})

describe('the denials of one validator', () => {
  it('are made once for each reason', () => {
    const answerTo = denialsFor('vedtak')
    const [expired, wrong] = [new MaskinportenError('expired'), new MaskinportenError('wrong_issuer')]
    const first = answerTo(expired)
    expect(first).toEqual(denialOf(expired, { realm: 'vedtak' }))
    expect(answerTo(new MaskinportenError('expired'))).toBe(first)
    expect(answerTo(wrong)).toEqual(denialOf(wrong, { realm: 'vedtak' }))
    expect(answerTo(expired)).toBe(first)
  })

  it('are made for each refusal that carries scopes or a time to retry', () => {
    const answerTo = denialsFor('maskinporten')
    for (const scope of ['nav:a', 'nav:b']) {
      const { headers } = answerTo(new MaskinportenError('insufficient_scope', { requiredScopes: [scope] }))
      expect(headers['www-authenticate']).toContain(`scope="${scope}"`)
    }
    for (const retryAfter of [3, 4]) {
      const { headers } = answerTo(new MaskinportenError('keys_unavailable', { retryAfter }))
      expect(headers['retry-after']).toBe(String(retryAfter))
    }
  })
})

describe('the body of the application', () => {
  const denied = () => denialOf(new MaskinportenError('expired'))

  it('replaces the body and nothing else', () => {
    const denial = denied()
    const changed = withBody(denial, ({ reason }, request) => ({ feil: reason, request }), 'the request')
    expect(changed).toEqual({ ...denial, body: '{"feil":"expired","request":"the request"}' })
  })

  const circular: Record<string, unknown> = {}
  circular['self'] = circular
  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('no body')
      },
    ],
    ['returns nothing', () => undefined],
    ['returns a string', () => 'denied'],
    ['returns a list', () => []],
    ['returns a promise', async () => ({})],
    ['returns a circular object', () => circular],
    ['returns an object whose toJSON returns undefined', () => ({ toJSON: () => undefined })],
  ])('is not used when the function %s', (_title, body) => {
    expect(withBody(denied(), body as () => object, undefined)).toEqual(denied())
  })
})
