import { expect, it, test } from 'vitest'
import { cacheKeyOf, checkConsumerOrg, prepareTokenRequest, type TokenRequest } from '../src/token-request.js'

const check = (request: unknown, consumerOrg?: string) =>
  prepareTokenRequest(request as TokenRequest, consumerOrg)

test.each<[unknown, string]>([
  [' nav:b\tnav:a\n nav:b ', 'nav:a nav:b'],
  [['nav:b', 'nav:a', 'nav:b'], 'nav:a nav:b'],
  ['nav:helse/sykepenger/afp.read', 'nav:helse/sykepenger/afp.read'],
  ['nav:a:b', 'nav:a:b'],
])('prepareTokenRequest turns the scopes %j into %j, sorted and without duplicates', (scope, asked) => {
  expect(check({ scope }).scope).toBe(asked)
})

it('prepareTokenRequest keeps given members, and sets absent members to undefined, but `altinn` to false', () => {
  const authorizationDetails = [{ type: 'x' }]
  const request = {
    ...{ scope: 'nav:a', resource: 'https://a.no', pid: '01010199999' },
    ...{ authorizationDetails, altinn: true },
  }
  const checked = { ...request, consumerOrg: '314168267', skipCache: true }
  expect(check({ ...request, skipCache: true }, '314168267')).toStrictEqual(checked)
  const absent = Object.fromEntries(Object.keys(checked).map((name) => [name, undefined]))
  expect(check({ scope: 'nav:a' })).toStrictEqual({ ...absent, scope: 'nav:a', altinn: false })
})

it('a prepared token request is frozen, and does not change when the caller’s object changes', () => {
  const details = [{ type: 'x' }]
  const checked = check({ scope: 'nav:a', authorizationDetails: details })
  details.push({ type: 'y' })
  expect(checked.authorizationDetails).toEqual([{ type: 'x' }])
  expect(Object.isFrozen(checked)).toBe(true)
})

const NO_OBJECT =
  "A token request is an object: write getToken({ scope: 'nav:x.read' }), or fetch({ scope: 'nav:x.read' })(url)"
const ACTING = '`consumerOrg` is not part of a token request: write client.for({ consumerOrg })'
const NO_SCOPE = '`scope` must name at least one scope'
const NO_PID = /^`pid` must be eleven digits$/
const NO_DETAILS = '`authorizationDetails` must be a list of objects'
class Detail {
  readonly type = 'x'
}
const UNKNOWN = 'Its options are scope, resource, pid, authorizationDetails, altinn, skipCache'
test.each<[unknown, string | RegExp]>([
  ['nav:a', NO_OBJECT],
  [new URL('https://a.no/'), NO_OBJECT],
  [new Request('https://a.no/'), NO_OBJECT],
  [{ scope: 'nav:a', consumerOrg: '314168267' }, ACTING],
  [{ scope: 'nav:a', scopes: [] }, `A token request has no option \`scopes\`. ${UNKNOWN}`],
  [{}, NO_SCOPE],
  [{ scope: ' \n' }, NO_SCOPE],
  [{ scope: [['nav:a']] }, /^`scope\[0\]` is not a full scope, prefix:subscope$/],
  [{ scope: ['nav:a nav:b'] }, '`scope`: "nav:a nav:b" is not a full scope'],
  [{ scope: [':a'] }, '`scope`: ":a" is not a full scope'],
  [{ scope: ['nav:'] }, '`scope`: "nav:" is not a full scope'],
  [{ scope: ['nav:å'] }, '`scope`: "nav:å" is not a full scope'],
  [{ scope: ['ånav:a'] }, '`scope`: "ånav:a" is not a full scope'],
  [{ scope: 'nav:a', resource: 'api' }, '`resource` must be an absolute URI'],
  [{ scope: 'nav:a', skipCache: 'true' }, '`skipCache` must be true or false'],
  [{ scope: 'nav:a', altinn: 'true' }, '`altinn` must be true or false'],
  [{ scope: 'nav:a', pid: 12345678901 }, NO_PID],
  [{ scope: 'nav:a', pid: '0101019999' }, NO_PID],
  [{ scope: 'nav:a', pid: '010101999999' }, NO_PID],
  [{ scope: 'nav:a', pid: 'x01010199999' }, NO_PID],
  [{ scope: 'nav:a', authorizationDetails: [new Detail()] }, /^`authorizationDetails\[0\]`.*Copy/],
  [{ scope: 'nav:a', authorizationDetails: {} }, NO_DETAILS],
  [{ scope: 'nav:a', authorizationDetails: [] }, NO_DETAILS],
  [{ scope: 'nav:a', authorizationDetails: [{}, null] }, NO_DETAILS],
])(
  'prepareTokenRequest throws for %j, and the message names the mistake, without the pid',
  (request, message) => {
    expect(() => check(request)).toThrow(TypeError)
    expect(() => check(request)).toThrow(message)
  },
)

const NO_PREFIX = 'authorizedparties.resourceowner'
const SECRET = 'c2VjcmV0LXNlY3JldC1zZWNyZXQ'
const JWT = `eyJhbGciOiJSUzI1NiJ9.${SECRET}.${SECRET}`
test.each<[string, unknown, string]>([
  ['a JWT after a scope', `nav:a ${JWT}`, '`scope[1]`'],
  ['the beginning of a JWT', 'eyJhbGciOiJSUzI1', '`scope[0]`'],
  ['an opaque token of 24 characters', SECRET.slice(0, 24), '`scope[0]`'],
  ['a national identity number', '01010199999', '`scope[0]`'],
  ['a text of 65 characters', ['nav:a', 'x '.repeat(32).concat('x')], '`scope[1]`'],
  ['a text of 64 characters', ['nav:a', 'x '.repeat(32)], `\`scope\`: "${'x '.repeat(32)}"`],
  ['a scope and a line break', ['nav:a\n'], '`scope`: "nav:a\\n"'],
  ['a long name without its prefix', NO_PREFIX, `\`scope\`: "${NO_PREFIX}"`],
])(
  'the error for a scope that is %s quotes the scope only if it cannot be a secret',
  (_title, scope, name) => {
    const mistake = `${name} is not a full scope, prefix:subscope`
    expect(() => check({ scope })).toThrow(new TypeError(mistake))
  },
)

it('each scope is read only once, so that a getter cannot return another scope after the check', () => {
  let reads = 0
  const scope = Object.defineProperty([], 0, {
    get: () => (reads++ === 0 ? 'nav:a' : 'nav:b'),
    enumerable: true,
  })
  expect(check({ scope }).scope).toBe('nav:a')
})

it('checkConsumerOrg returns an organisation number of nine digits unchanged', () => {
  expect(checkConsumerOrg('314168267')).toBe('314168267')
})

test.each(['0192:314168267', 314168267])('checkConsumerOrg throws for %j', (value) => {
  const mistake = '`consumerOrg` must be an organisation number: nine digits, without "0192:"'
  expect(() => checkConsumerOrg(value)).toThrow(new TypeError(mistake))
})

const requests = [
  check({ scope: 'nav:a' }),
  check({ scope: 'nav:b' }),
  check({ scope: 'nav:a', resource: 'https://a.no' }),
  check({ scope: 'nav:a', pid: '01010199999' }),
  check({ scope: 'nav:a', authorizationDetails: [{ type: 'x' }] }),
  check({ scope: 'nav:a' }, '314168267'),
  check({ scope: 'nav:a', altinn: true }),
]

it('token requests for different tokens have different cache keys', () => {
  expect(new Set(requests.map(cacheKeyOf)).size).toBe(requests.length)
})

it('token requests for the same token have the same cache key', () => {
  expect(cacheKeyOf(check({ scope: 'nav:a', altinn: false }))).toBe(cacheKeyOf(check({ scope: 'nav:a' })))
  expect(cacheKeyOf(check({ scope: ['nav:b', 'nav:a'] }))).toBe(cacheKeyOf(check({ scope: 'nav:a nav:b' })))
})
