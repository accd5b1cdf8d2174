import { STATUS_CODES } from 'node:http'
import { afterEach, expect, it, vi } from 'vitest'
import { MaskinportenError } from '../../src/errors/maskinporten-error.js'
import { type MaskinportenReason, REASONS } from '../../src/errors/reasons/reasons.js'
import { denialOf, denialsFor, withBody } from '../../src/http/denial.js'
import { REASON_NAMES } from '../reasons.js'

const denied = (reason: MaskinportenReason, options?: object) =>
  denialOf(new MaskinportenError(reason), options)
afterEach(() => {
  vi.restoreAllMocks()
})

const BEARER = 'Bearer realm="maskinporten"'

it.each<[number, string | undefined, MaskinportenReason[]]>([
  [401, BEARER, ['no_credentials', 'other_scheme']],
  [400, `${BEARER}, error="invalid_request"`, ['ambiguous_credentials']],
  [401, `${BEARER}, error="invalid_token"`, ['empty_token', 'expired', 'wrong_audience', 'unknown_key']],
  [403, `${BEARER}, error="insufficient_scope", scope="nav:a nav:b"`, ['insufficient_scope']],
  [403, undefined, ['consumer_not_allowed', 'delegation_not_allowed', 'delegation_required']],
  [403, undefined, ['supplier_not_allowed', 'delegation_source_not_allowed', 'system_user_required']],
  [403, undefined, ['consent_required', 'consent_expired', 'pid_required', 'pid_mismatch']],
  [403, undefined, ['not_authorized', 'no_guard']],
  [503, undefined, ['keys_unavailable']],
])('denialOf returns status %i with the challenge %s for %j', (status, challenge, reasons) => {
  for (const reason of reasons) {
    const error = new MaskinportenError(reason, { requiredScopes: ['nav:a', 'nav:b'] })
    const denial = denialOf(error)
    expect(denial.status).toBe(status)
    expect(denial.headers['www-authenticate']).toBe(challenge)
    expect(JSON.parse(denial.body)).toMatchObject({ status, code: error.code, reason })
  }
})

it.each(REASON_NAMES)('the denial body for %s has only fixed texts, no details of the error', (reason) => {
  const { status, body, headers } = denialOf(
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
  for (const given of [headers, denied(reason).headers]) {
    expect(given).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/problem+json' })
  }
})

it('the denial body for the reason `expired` is exactly the body in the README', () => {
  expect(denied('expired').body).toBe(
    '{"title":"Unauthorized","status":401,"detail":"The token has expired. Get a new one.","code":"invalid_token","reason":"expired"}',
  )
})

it('the challenge for `insufficient_scope` has `scope=""` if the error names no required scopes', () => {
  expect(denied('insufficient_scope').headers['www-authenticate']).toMatch(/, scope=""$/)
})

it('a denial has `retry-after`, of one or more whole seconds, only if the error has `retryAfter`', () => {
  const retryAfter = (seconds: number) =>
    denialOf(new MaskinportenError('keys_unavailable', { retryAfter: seconds })).headers['retry-after']
  expect([retryAfter(0), retryAfter(2.1), retryAfter(30)]).toEqual(['1', '3', '30'])
  expect(denied('expired').headers).not.toHaveProperty('retry-after')
})

it.each<[string, object, RegExp]>([
  ['an unknown option', { relm: 'x' }, /denialOf has no option `relm`/],
  ['a realm that is not a string', { realm: ['vedtak'] }, /`realm` must be printable ASCII/],
  ['a realm with quotes', { realm: 'a", error="x' }, /`realm` must be printable ASCII/],
])('denialOf throws for %s', (_title, options, message) => {
  expect(() => denied('no_credentials', options)).toThrow(TypeError)
  expect(() => denied('no_credentials', options)).toThrow(message)
})

it('the challenge of a denial names the configured realm', () => {
  const { headers } = denied('no_credentials', { realm: 'vedtak' })
  expect(headers['www-authenticate']).toBe('Bearer realm="vedtak"')
})

it('denialsFor returns the same denial each time for the same reason', () => {
  const denial = denialsFor('vedtak')
  const [expired, wrong] = [new MaskinportenError('expired'), new MaskinportenError('wrong_issuer')]
  const first = denial(expired)
  expect(first).toEqual(denialOf(expired, { realm: 'vedtak' }))
  expect(denial(wrong)).toEqual(denialOf(wrong, { realm: 'vedtak' }))
  expect(denial(new MaskinportenError('expired'))).toBe(first)
})

it('denialsFor returns a new denial for each refusal with scopes or a time to retry', () => {
  const denial = denialsFor('maskinporten')
  for (const requiredScopes of [['nav:a'], ['nav:b']]) {
    const error = new MaskinportenError('insufficient_scope', { requiredScopes })
    expect(denial(error)).toEqual(denialOf(error))
  }
  for (const retryAfter of [3, 4]) {
    const error = new MaskinportenError('keys_unavailable', { retryAfter })
    expect(denial(error)).toEqual(denialOf(error))
  }
})

it('withBody replaces only the body of a denial', () => {
  const denial = denied('expired')
  const changed = withBody(denial, ({ reason }, request) => ({ feil: reason, request }), 'the request')
  expect(changed).toEqual({ ...denial, body: '{"feil":"expired","request":"the request"}' })
})

const throws = (): never => {
  throw new TypeError('a token')
}
const throwsText = (): never => {
  throw 'a token'
}
const circular: Record<string, unknown> = {}
circular['self'] = circular
const UNUSABLE = 'must return an object to send as JSON, and not a promise'
it.each<[string, () => unknown, string?]>([
  ['throws', throws, 'failed: TypeError'],
  ['throws text', throwsText, 'failed: Error'],
  ['returns nothing', () => undefined],
  ['returns a list', () => [], UNUSABLE],
  ['returns a promise that rejects', async () => throws(), UNUSABLE],
  ['returns a circular object', () => circular, 'failed: TypeError'],
  ['returns an object whose toJSON returns undefined', () => ({ toJSON: () => undefined }), UNUSABLE],
])('withBody keeps the standard body when the function %s, and says so once', (_title, body, problem) => {
  const print = vi.spyOn(console, 'error').mockReturnValue()
  for (const _ of [1, 2])
    expect(withBody(denied('expired'), body as () => object, undefined)).toEqual(denied('expired'))
  const line = `portvakt: \`denialBody\` ${problem}. This line is printed once.`
  expect(print.mock.calls).toEqual(problem ? [[line]] : [])
})

it('withBody keeps the standard body when the function and the console throw', () => {
  vi.spyOn(console, 'error').mockImplementation(throws)
  expect(withBody(denied('expired'), () => throws(), undefined)).toEqual(denied('expired'))
})
