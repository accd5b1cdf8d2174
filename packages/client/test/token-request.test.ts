import { describe, expect, it, test } from 'vitest'
import { cacheKeyOf, checkConsumerOrg, prepareTokenRequest, type TokenRequest } from '../src/token-request.js'

const check = (request: unknown, consumerOrg?: string) =>
  prepareTokenRequest(request as TokenRequest, consumerOrg)

describe('a token request', () => {
  test.each<[unknown, string]>([
    ['nav:a', 'nav:a'],
    ['nav:b nav:a', 'nav:a nav:b'],
    [' nav:b\tnav:a\n nav:b ', 'nav:a nav:b'],
    [['nav:b', 'nav:a', 'nav:b'], 'nav:a nav:b'],
    ['nav:helse/sykepenger/afp.read', 'nav:helse/sykepenger/afp.read'],
    ['nav:a:b', 'nav:a:b'],
  ])('a request of %j has its scopes in order, each once', (scope, asked) => {
    expect(check({ scope }).scope).toBe(asked)
  })

  it('the other members are as given, and undefined if absent', () => {
    const details = [{ type: 'x' }]
    const request = {
      scope: 'nav:a',
      resource: 'https://a.no',
      pid: '01010199999',
      authorizationDetails: details,
    }
    expect(check({ ...request, skipCache: true }, '314168267')).toStrictEqual({
      ...request,
      consumerOrg: '314168267',
      skipCache: true,
    })
    expect(check({ scope: 'nav:a' })).toStrictEqual({
      scope: 'nav:a',
      resource: undefined,
      pid: undefined,
      authorizationDetails: undefined,
      consumerOrg: undefined,
      skipCache: undefined,
    })
  })

  it('a later change of the given object has no effect', () => {
    const details = [{ type: 'x' }]
    const checked = check({ scope: 'nav:a', authorizationDetails: details })
    details.push({ type: 'y' })
    expect(checked.authorizationDetails).toEqual([{ type: 'x' }])
    expect(Object.isFrozen(checked)).toBe(true)
  })

  test.each<[unknown, string]>([
    [undefined, 'A token request takes an object of options'],
    [null, 'A token request takes an object of options'],
    ['nav:a', 'A token request takes an object of options'],
    [
      { scope: 'nav:a', scopes: [] },
      'no option `scopes`. Its options are scope, resource, pid, authorizationDetails, skipCache',
    ],
    [{ scope: 'nav:a', pid: undefined }, '`pid` is undefined: give it a value, or leave it out'],
    [{}, '`scope` must name at least one scope'],
    [{ scope: ' \n' }, '`scope` must name at least one scope'],
    [{ scope: [] }, '`scope` must name at least one scope'],
    [{ scope: 7 }, '`scope` must name at least one scope'],
    [{ scope: { 0: 'nav:a' } }, '`scope` must name at least one scope'],
    [{ scope: ['nav:a', 7] }, '`scope`: 7 is not a full scope, prefix:subscope'],
    [{ scope: [['nav:a']] }, '`scope`: ["nav:a"] is not a full scope, prefix:subscope'],
    [{ scope: ['nav:a nav:b'] }, '`scope`: "nav:a nav:b" is not a full scope'],
    [{ scope: ['afp.read'] }, '`scope`: "afp.read" is not a full scope'],
    [{ scope: [':a'] }, '`scope`: ":a" is not a full scope'],
    [{ scope: ['nav:'] }, '`scope`: "nav:" is not a full scope'],
    [{ scope: ['nav:å'] }, '`scope`: "nav:å" is not a full scope'],
    [{ scope: ['ånav:a'] }, '`scope`: "ånav:a" is not a full scope'],
    [{ scope: 'nav:a', resource: 'api' }, '`resource` must be an absolute URI'],
    [{ scope: 'nav:a', resource: ['https://a.no'] }, '`resource` must be an absolute URI'],
    [{ scope: ['nav:a', undefined] }, '`scope[1]` is undefined'],
    [{ scope: 'nav:a', authorizationDetails: new Array(1) }, '`authorizationDetails[0]` is undefined'],
    [{ scope: 'nav:a', skipCache: 'true' }, '`skipCache` must be true or false'],
    [{ scope: 'nav:a', pid: 12345678901 }, '`pid` must be eleven digits'],
    [{ scope: 'nav:a', pid: ['01010199999'] }, '`pid` must be eleven digits'],
    [{ scope: 'nav:a', resource: 'https://a.no\n' }, '`resource` must be an absolute URI'],
    [{ scope: 'nav:a', pid: '0101019999' }, '`pid` must be eleven digits'],
    [{ scope: 'nav:a', pid: '010101999999' }, '`pid` must be eleven digits'],
    [{ scope: 'nav:a', pid: 'x01010199999' }, '`pid` must be eleven digits'],
    [{ scope: 'nav:a', authorizationDetails: {} }, '`authorizationDetails` must be a list of objects'],
    [{ scope: 'nav:a', authorizationDetails: [] }, '`authorizationDetails` must be a list of objects'],
    [
      { scope: 'nav:a', authorizationDetails: [{}, null] },
      '`authorizationDetails` must be a list of objects',
    ],
    [{ scope: 'nav:a', authorizationDetails: ['x'] }, '`authorizationDetails` must be a list of objects'],
  ])('%j throws and names the mistake', (request, message) => {
    expect(() => check(request)).toThrow(TypeError)
    expect(() => check(request)).toThrow(message)
  })

  class Customer {
    readonly type = 'urn:altinn:systemuser'
    get externalRef() {
      return 'ref'
    }
  }
  const detailed = (detail: object) => ({ scope: 'nav:a', authorizationDetails: [detail] })

  test.each<[string, object, RegExp]>([
    [
      'an inherited pid',
      Object.assign(Object.create({ pid: '01010199999' }), { scope: 'nav:a' }),
      /`pid`.*Copy/,
    ],
    [
      'a hidden resource',
      Object.defineProperty({ scope: 'nav:a' }, 'resource', { value: 'https://a.no' }),
      /`resource`.*Copy/,
    ],
    [
      'a list in place of a detail',
      detailed([{ type: 'x' }]),
      /`authorizationDetails` must be a list of objects/,
    ],
    ['a detail of a class', detailed(new Customer()), /^`authorizationDetails\[0\]`.*Copy/],
    [
      'an object of a class in a detail',
      detailed({ type: 'x', org: new Customer() }),
      /^`authorizationDetails\[0\]\.org`.*Copy/,
    ],
    [
      'a detail that is undefined',
      detailed({ type: 'x', externalRef: undefined }),
      /\[0\]\.externalRef` must be JSON/,
    ],
  ])('with %s throws, as the token would be for something else', (_title, request, message) => {
    expect(() => check(request)).toThrow(TypeError)
    expect(() => check(request)).toThrow(message)
  })

  it('reads each scope once', () => {
    let reads = 0
    const scope = Object.defineProperty([], 0, {
      get: () => (reads++ === 0 ? 'nav:a' : 'nav:b'),
      enumerable: true,
    })
    expect(check({ scope }).scope).toBe('nav:a')
  })

  it('no error repeats a pid', () => {
    expect(() => check({ scope: 'nav:a', pid: '0101019999999' })).toThrow(/^`pid` must be eleven digits$/)
  })
})

describe('the organisation that a request is on behalf of', () => {
  it('is nine digits', () => {
    expect(checkConsumerOrg('314168267')).toBe('314168267')
  })

  test.each(['0192:314168267', '31416826', '3141682670', 'x314168267', 314168267, undefined])(
    'is not %j',
    (value) => {
      const mistake = '`consumerOrg` must be an organisation number: nine digits, without "0192:"'
      expect(() => checkConsumerOrg(value)).toThrow(new TypeError(mistake))
    },
  )
})

describe('the key under which a token is kept', () => {
  const requests = () => [
    check({ scope: 'nav:a' }),
    check({ scope: 'nav:b' }),
    check({ scope: 'nav:a', resource: 'https://a.no' }),
    check({ scope: 'nav:a', pid: '01010199999' }),
    check({ scope: 'nav:a', authorizationDetails: [{ type: 'x' }] }),
    check({ scope: 'nav:a' }, '314168267'),
  ]

  it('requests for different tokens have different keys', () => {
    expect(new Set(requests().map(cacheKeyOf)).size).toBe(requests().length)
  })

  it('is the same for the same request', () => {
    expect(cacheKeyOf(check({ scope: ['nav:b', 'nav:a'] }))).toBe(cacheKeyOf(check({ scope: 'nav:a nav:b' })))
  })
})
