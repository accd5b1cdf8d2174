import { type AccessRequirement, createMaskinportenValidator } from '@portvakt/core'
import { authorizationValues } from '@portvakt/core/adapter'
import { decodeJwt } from 'jose'
import { expect, it } from 'vitest'
import { serve } from '../../../../test/contract/conformance/host.js'
import { BAD_TOKENS, type CheckApiOptions, checkApi, createMockMaskinporten } from '../../src/index.js'
import { typeError } from '../type-error.js'

const SCOPE = 'nav:x.read'
const API = 'https://api.example/vedtak'
const mock = await createMockMaskinporten()
const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })

type Handler = (authorization: string | null, url: string) => Response | Promise<Response>

const check = (handler: Handler, more: Partial<CheckApiOptions> = {}) => {
  const fetch: CheckApiOptions['fetch'] = async (url, init) =>
    handler(new Headers(init.headers).get('authorization'), url)
  return checkApi(API, { maskinporten: mock, scope: SCOPE, fetch, ...more } as CheckApiOptions)
}

/** Returns the problems of each failed case, by the name of the case. */
const wrongIn = async (handler: Handler, more?: Partial<CheckApiOptions>) => {
  const failed = (await check(handler, more)).cases.filter(({ passed }) => !passed)
  return new Map(failed.map(({ name, problems }) => [name, problems.join('; ')]))
}

const guardedBy =
  (requirement: AccessRequirement): Handler =>
  async (authorization) => {
    const decision = await validator.decide(authorization, requirement)
    if (decision.allowed) return new Response('ok')
    const { status, headers, body } = decision.denial
    return new Response(body, { status, headers })
  }
const guarded = guardedBy(SCOPE)

const refuse = (status: number, challenge?: string) =>
  new Response('no', { status, ...(challenge && { headers: { 'www-authenticate': challenge } }) })
const INVALID_TOKEN = 'Bearer error="invalid_token"'

const more = { audience: 'https://api.example/', consumer: '991825827' }
it('a guarded API with an audience and consumers passes the cases for audience and consumers', async () => {
  const requirement = { scope: SCOPE, audience: more.audience, consumers: [more.consumer] }
  const report = await check(guardedBy(requirement), more)
  expect(String(report)).toMatch(/All \d+ answers are right/)
  expect(report.cases).toHaveLength(BAD_TOKENS.length + 8)
})

it('an API that checks neither audience nor consumers fails the cases for audience and consumers', async () => {
  const wrong = await wrongIn(guarded, more)
  const special = BAD_TOKENS.filter(({ onlyWith }) => onlyWith).map(({ name }) => name)
  expect([...wrong.keys()].sort()).toEqual(special.sort())
})

it('a guarded API that is served over HTTP passes every case of checkApi', async () => {
  const { port, close } = await serve(async (request, response) => {
    const decision = await validator.decide(authorizationValues(request), SCOPE)
    if (decision.allowed) return void response.end('ok')
    response.writeHead(decision.denial.status, decision.denial.headers).end(decision.denial.body)
  })
  const report = await checkApi(`http://127.0.0.1:${port}/`, { maskinporten: mock, scope: SCOPE })
  await close()
  expect(String(report)).toMatch(/\nAll \d+ answers are right\.$/)
  expect(report.passed).toBe(true)
  const plain = BAD_TOKENS.filter(({ onlyWith }) => onlyWith === undefined).map(({ name }) => name)
  const names = report.cases.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['good-token', ...plain]))
  expect(names).not.toContain('other-consumer')
})

it('an API that answers every request with 401 fails the cases that expect a different answer', async () => {
  const wrong = await wrongIn(() => refuse(401, INVALID_TOKEN))
  expect(wrong.get('good-token')).toContain('does the API trust this mock')
  expect(wrong.get('no-credentials')).toContain('no error code')
  expect(wrong.get('other-scope')).toContain('the status should be 403')
})

it.each([
  [500, 'the API should accept it, but failed: read the log of the API'],
  [503, 'the API should accept it: does the API trust this mock and require this scope?'],
])('checkApi reports the probable cause of status %i for a good token', async (status, problem) => {
  expect((await wrongIn(() => refuse(status))).get('good-token')).toBe(problem)
})

const INSUFFICIENT = 'the challenge should have error="insufficient_scope"'
type Change = (response: Response, authorization: string | null) => Response
const withoutChallenge: Change = ({ status }) => new Response('no', { status })
const with401Challenge: Change = (response) =>
  response.status === 403 ? refuse(403, INVALID_TOKEN) : response
const withToken: Change = (response, authorization) =>
  response.ok ? response : new Response(`bad: ${authorization}`, response)
it.each<[string, Change, string, string]>([
  ['sends no challenge', withoutChallenge, 'expired', 'the answer should have a Bearer challenge'],
  ['sends 403 with a 401’s challenge', with401Challenge, 'other-scope', INSUFFICIENT],
  ['repeats the token in its answer', withToken, 'expired', 'the answer repeats a part of the token'],
])('an API that %s fails checkApi', async (_title, change, name, problem) => {
  const wrong = await wrongIn(async (authorization, url) =>
    change(await guarded(authorization, url), authorization),
  )
  expect(wrong.get(name)).toBe(problem)
})

it('an API that accepts a token in the query fails only the case `token-in-query`', async () => {
  const wrong = await wrongIn((authorization, url) => {
    const inQuery = new URL(url).searchParams.get('access_token')
    return guarded(inQuery === null ? authorization : `Bearer ${inQuery}`, url)
  })
  expect([...wrong.keys()]).toEqual(['token-in-query'])
})

it('an API that is late or cannot be reached fails checkApi, and the report says why', async () => {
  const late = Object.assign(new Error(), { name: 'TimeoutError' })
  expect((await wrongIn(() => Promise.reject(late))).get('expired')).toBe('it did not answer in time')
  const cause = Object.assign(new Error('Bearer eyJ'), { code: 'ECONNRESET' })
  for (const [error, problem] of [
    [new TypeError('fetch failed'), 'it cannot be reached'],
    [new TypeError('fetch failed', { cause }), 'it cannot be reached (ECONNRESET)'],
  ] as const) {
    const { cases } = await check(() => Promise.reject(error))
    expect(cases[0]).toMatchObject({ status: undefined, problems: [problem] })
  }
})

it('the report of checkApi names each wrong answer of an API that allows every request, and no token', async () => {
  const sent: string[] = []
  const report = await check((authorization) => {
    sent.push(authorization ?? '')
    return new Response('ok')
  })
  expect(`${report}`).toMatch(/^✗ expired \(a token that has expired\): 200; the status should be 401/m)
  expect(`${report}`).toMatch(/^✗ no-credentials \(nothing\): 200; the status should be 401/m)
  expect(`${report}`).toMatch(/^✓ good-token: 200$/m)
  expect(`${report}`).toMatch(/\d+ of \d+ answers are wrong\.$/)
  const signatures = sent.map((value) => value.split('.')[2] ?? '').filter((part) => part.length > 12)
  for (const signature of signatures) expect(JSON.stringify(report)).not.toContain(signature.slice(0, 12))
})

it('checkApi sends requests with the given method, headers, body and token content', async () => {
  const requests: RequestInit[] = []
  const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
  await checkApi(API, {
    maskinporten: mock,
    scope: SCOPE,
    ...request,
    // 1.001 * 1000 is not a whole number, which `AbortSignal.timeout` requires.
    timeout: 1.001,
    token: { supplier: '991825827' },
    fetch: async (_url, init) => {
      requests.push(init)
      return new Response()
    },
  })
  const [first] = requests
  expect(first).toMatchObject({ method: 'POST', body: '{}', redirect: 'manual' })
  const headers = new Headers(first?.headers)
  expect(headers.get('content-type')).toBe('application/json')
  expect(decodeJwt(headers.get('authorization')?.slice(7) ?? '')).toHaveProperty('supplier')
})

it.each<[string, string, object, RegExp]>([
  ['a missing mock', API, { maskinporten: {} }, /`maskinporten` must be the mock/],
  ['an empty scope', API, { scope: [] }, /`scope` must be/],
  ['a relative address', 'vedtak', {}, /`url` must be/],
  ['an unknown option', API, { scopes: SCOPE }, /no option `scopes`/],
  ['a time limit of 0 s', API, { timeout: 0 }, /^`timeout` must be a number from 0\.001 to 600 seconds$/],
  ['a time limit in milliseconds', API, { timeout: 5000 }, /^`timeout` must be a number from .* seconds$/],
  ['an address of ftp', 'ftp://api.example/', {}, /^`url` must be an http: or https: address/],
  ['a user name in the address', 'https://a:hemmelig@api.example/', {}, /^`url` must be .* without a user/],
  ['a method with a space', API, { method: 'GET /' }, /^`method` must be a method that can be sent/],
  ['a header with a line break', API, { headers: { x: 'hemmelig\nz' } }, /^`headers` (?!.*hemmelig)/],
  ['an Authorization header', API, { headers: { Authorization: 'x' } }, /^`headers` must not have Auth/],
  ['a body for GET', API, { body: '{}' }, /^`body` cannot be sent with GET: set `method`$/],
  ['an undefined audience', API, { audience: undefined }, /`audience` is undefined/],
])('checkApi refuses %s', async (_title, url, more, message) => {
  const options = { maskinporten: mock, scope: SCOPE, ...more } as CheckApiOptions
  await expect(checkApi(url, options)).rejects.toThrow(typeError(message))
})
