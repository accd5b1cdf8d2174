import { createMockMaskinporten } from '@portvakt/mock'
import { afterEach, beforeEach, expect, it, type MockInstance, vi } from 'vitest'
import type { DecisionEvent } from '../../src/decision/event.js'
import { refusalLine, refusalPrinter } from '../../src/decision/refusal-line.js'
import { REASONS } from '../../src/errors/reasons/reasons.js'
import { createMaskinportenValidator } from '../../src/validator.js'

const READ = 'nav:x.read'
const PID = '01010199999'
const EVENT: DecisionEvent = {
  allowed: false,
  verified: false,
  code: 'missing_token',
  reason: 'no_credentials',
  hint: { cause: 'Cause.', fix: 'Fix.' },
  duration: 0,
}

let printed: MockInstance<typeof console.error>
beforeEach(() => {
  printed = vi.spyOn(console, 'error').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

it.each(['PORTVAKT', 'http, portvakt', '*'])('NODE_DEBUG=%j prints refusals', (value) => {
  vi.stubEnv('NODE_DEBUG', value)
  refusalPrinter()?.(EVENT, undefined)
  expect(printed.mock.calls).toEqual([['portvakt: refused: no_credentials. Cause. Fix.']])
})

it.each([undefined, 'http', 'portvakt2'])('NODE_DEBUG=%j prints nothing', (value) => {
  vi.stubEnv('NODE_DEBUG', value)
  expect(refusalPrinter()).toBeUndefined()
})

it.each([undefined, {}])('refusals are not printed on a runtime whose `process` is %j', (process) => {
  vi.stubGlobal('process', process)
  expect(refusalPrinter()).toBeUndefined()
})

it('NODE_DEBUG is read when a validator is created, and each refusal prints one line', async () => {
  const mock = await createMockMaskinporten()
  const options = { issuer: mock.issuer, fetch: mock.fetch }
  const silent = createMaskinportenValidator(options)
  vi.stubEnv('NODE_DEBUG', 'portvakt')
  const validator = createMaskinportenValidator(options)
  const authorization = `Bearer ${await mock.issueToken({ scope: 'nav:other nav:another' })}`
  const request = { method: 'GET', url: '/vedtak?fnr=1' }
  await silent.decide(authorization, READ, { request })
  expect(await validator.decide(authorization, 'nav:other', { request })).toMatchObject({ allowed: true })
  expect(printed).not.toHaveBeenCalled()
  await validator.decide(authorization, READ, { request })
  const { cause, fix } = REASONS.insufficient_scope.hint
  expect(printed.mock.calls).toEqual([
    [
      'portvakt: refused GET /vedtak: insufficient_scope (required: nav:x.read; token has: nav:other nav:another; ' +
        `consumer: 0192:314330897). ${cause} ${fix}`,
    ],
  ])
})

it('with NODE_DEBUG, a throwing console does not change the decision, and `onDecision` is still called', async () => {
  vi.stubEnv('NODE_DEBUG', 'portvakt')
  printed.mockImplementation(() => {
    throw new Error('closed')
  })
  const onDecision = vi.fn(() => {
    throw new Error('logger')
  })
  const validator = createMaskinportenValidator({ environment: 'test', onDecision })
  expect(await validator.decide(undefined, READ)).toMatchObject({ denial: { status: 401 } })
  expect(onDecision).toHaveBeenCalledOnce()
  expect(printed).toHaveBeenCalledWith(expect.stringContaining('no_credentials'))
})

const lineOf = (request: unknown, event: Partial<DecisionEvent> = {}) =>
  refusalLine({ ...EVENT, ...event }, request)
const pathIn = (url: string) =>
  /^portvakt: refused GET (.*): no_cred/.exec(lineOf({ method: 'GET', url }))?.[1]

const routed = { method: 'GET', originalUrl: '/mounted/read?x=1', url: '/read?x=1' }
it.each<[string, object, string]>([
  ['of Express, Fastify and connect', routed, 'GET /mounted/read'],
  ['of Koa’s context', { ...routed, req: { method: 'GET', url: '/read' } }, 'GET /mounted/read'],
  ['of Hono’s context', { req: { method: 'POST', url: 'http://localhost/a/b?x' } }, 'POST /a/b'],
  ['of the web', new Request('https://api.example.no:8443/a?x#y', { method: 'PUT' }), 'PUT /a'],
  ['of Node', { method: 'OPTIONS', url: '*' }, 'OPTIONS *'],
  [
    'in an event whose own URL is an object',
    { method: 'GET', url: new URL('http://h/x'), req: { method: 'GET', url: 'http://h/x' } },
    'GET /x',
  ],
])('refusalLine reads the method and path of a request %s', (_title, request, expected) => {
  expect(lineOf(request)).toMatch(`portvakt: refused ${expected}: no_credentials`)
})

const failing = {
  get method(): never {
    throw new Error('no request')
  },
}
it.each<[string, unknown]>([
  ['is undefined', undefined],
  ['is null', null],
  ['has no URL', { method: 'GET' }],
  ['has a method that is not a string', { method: 1, url: '/' }],
  ['is a function', Object.assign(() => undefined, { method: 'GET', url: '/' })],
  ['throws', failing],
  ['has a URL that is an object', { method: 'GET', url: { replace: () => '/other' } }],
])('refusalLine omits method and path when the request %s', (_title, request) => {
  expect(lineOf(request)).toBe('portvakt: refused: no_credentials. Cause. Fix.')
})

/** `{}` in base64url, padded with white space. */
const EMPTY = Buffer.from('{}'.padEnd(15)).toString('base64url')

it.each<[string, string, string]>([
  ['the query', '/a?access_token=x', '/a'],
  ['a query whose question mark is escaped', '/a%3faccess_token=x', '/a'],
  ['the fragment', '/a#x', '/a'],
  ['the parameters', '/a;jsessionid=x/b', '/a'],
  ['credentials of an absolute target', 'http://u:secret@localhost/a?x', '/a'],
  ['the origin of a scheme with a digit', 's3://bucket/a', '/a'],
  ['nothing of an origin inside the path', '/a/http://x/b', '/a/http://x/b'],
  ['an escape below three levels', '/p/%25252541', '/p/�'],
  ['escapes that are not UTF-8', '/p/%ff', '/p/�'],
  ['nothing of the first 300 characters', `/${'a'.repeat(299)}`, `/${'a'.repeat(299)}`],
  ['a JWT with an empty header', `/a/${EMPTY}.e30.c2ln/b`, '/a/***/b'],
  ['a JWT', '/a/eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln/b', '/a/***/b'],
  ['a person’s number', `/person/${PID}/b`, '/person/***/b'],
  ['a person’s number with an escaped separator', '/person/010101%2099999', '/person/***'],
  ['a person’s number with a control character', '/p/010101%0a99999', '/p/***'],
  ['a person’s number with an escaped percent sign', '/p/010101%2599999', '/p/***'],
  ['a person’s number with escapes that are not UTF-8', '/p/010101%ff%fe99999', '/p/***'],
  ['a person’s number whose escapes are escaped', '/p/%2530%2531010199999', '/p/0%***'],
  ['a query whose escaped question mark is escaped', '/p%253Fpid=x', '/p'],
  ['a JWT whose header begins with a line break', '/a/ewogImFsZyI6IjEiCn0.e30.c2ln/b', '/a/***/b'],
  ['a person’s number with escaped digits', '/person/%30%31010199999', '/person/***'],
  ['line breaks and other controls', '/a%0d%0aportvakt%1b[2J\u{9b}\u{2028}', '/a��portvakt�[2J��'],
  ['all characters after the first 300', `/${'a'.repeat(400)}`, `/${'a'.repeat(299)}…`],
])('from a path, refusalLine removes %s', (_title, url, expected) => {
  expect(pathIn(url)).toBe(expected)
})

it('refusalLine prints a whole path, decoded, if nothing in the path must be removed', () => {
  for (const path of ['/', '/vedtak/42', '/org/889640782/2026-11-29', '/a b', '/example.tar.gz', '/50%'])
    expect(pathIn(path)).toBe(path)
  expect(pathIn('/a%C3%A6')).toBe('/aæ')
  expect(pathIn('')).toBe('/')
})

it('refusalLine prints the members of an event, on one line and without a person’s number', () => {
  const authority = 'iso6523-actorid-upis'
  const organisation = { authority, id: '0192:889640782', organisationNumber: '889640782' }
  const line = lineOf(undefined, {
    claim: 'consumer',
    keyProblem: 'wrong_modulus',
    scopes: [`nav:${PID}`, 'nav:a\nportvakt: refused'],
    consumer: organisation,
    supplier: { ...organisation, id: '0192:991825827' },
  })
  expect(line).toBe(
    'portvakt: refused: no_credentials (claim: consumer; key problem: wrong_modulus; token has: nav:*** ' +
      'nav:a�portvakt: refused; consumer: 0192:889640782; supplier: 0192:991825827). Cause. Fix.',
  )
  expect(lineOf(undefined, { scopes: [] })).toContain('(token has: none)')
})
