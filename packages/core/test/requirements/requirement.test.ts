import { expect, it } from 'vitest'
import { Consent } from '../../src/claims/consent.js'
import { inOrder } from '../../src/requirements/demands.js'
import { type AccessRequirement, prepareRequirement } from '../../src/requirements/requirement.js'
import { casesOf } from '../cases.js'
import { isNode } from '../is-node.js'
import { withPollutedPrototype } from '../polluted-prototype.js'
import { CONSUMER, claims, NOW, organisation, refusalBy } from './sample-claims.js'

const prepare = (requirement: unknown) => prepareRequirement(requirement as AccessRequirement)

const UNCALLED =
  /^The function itself was passed instead of its result; call it: requireMaskinportenScope\(…\)$/

it.each<[string, unknown, RegExp]>([
  ['an unknown member', { scope: 'nav:a', consumer: [] }, /^An access requirement has no option `consumer`/],
  ['a missing scope', {}, /must name a `scope`/],
  ['undefined', undefined, /is undefined\. Write a scope such as 'nav:x\.read'.*variable is set$/],
  ['null', null, /requirement is null\. Write a scope/],
  ['a list', ['nav:a', 'b'], /is a list\..*\{ scope: \{ allOf: \["nav:a","b"\] \} \}/],
  ['a request', { headers: {} }, UNCALLED],
  ['a context that has a request', { req: {} }, UNCALLED],
  ['the audience unspecified', { scope: 'nav:a', audience: 'unspecified' }, /absolute URI/],
  ['an undefined consumer list', { scope: 'nav:a', consumers: undefined }, /`consumers` is undefined/],
])('prepareRequirement throws for %s, and the message names the mistake', (_title, requirement, message) => {
  expect(() => prepare(requirement)).toThrow(TypeError)
  expect(() => prepare(requirement)).toThrow(message)
})

const bad: Record<string, unknown[]> = {
  delegation: [{}, { supplier: ['810969342'] }],
  'delegation.suppliers': [[], '810969342', ['0192:810969342']],
  'delegation.sources': [[], 'https://www.altinn.no/', ['altinn']],
  systemUser: ['allowed', true],
  consent: [{}, { resource: ['x'] }],
  'consent.resources': [[], [''], ['a b'], [' x']],
  pid: ['01010199999'],
  authorize: [true],
  consumers: [[], '889640782', ['889640782', null]],
  audience: [[], null, ['https://a.no', 1]],
}

it.each(casesOf(bad))(
  'prepareRequirement throws for `%s: %j`, and the message names the member',
  (member, value) => {
    const [outer = '', inner] = member.split('.')
    const rule = { scope: 'nav:a', [outer]: inner === undefined ? value : { [inner]: value } }
    expect(() => prepare(rule)).toThrow(TypeError)
    expect(() => prepare(rule)).toThrow(`\`${member}`)
  },
)

const CONSENT = "`consent` must be 'required' or { resources: [...] }"
const RESOURCES = '`consent.resources` must be an array of resource ids'
const DELEGATION = "`delegation` must be 'allowed', 'forbidden', 'required' or { suppliers, sources }"
const SOURCES = '`delegation.sources` must be an array of absolute URIs'
it.each<[string, unknown[], string]>([
  ['consent', ['allowed', null, []], CONSENT],
  ['consent', [{ resources: 'x' }, { resources: [7] }], RESOURCES],
  ['delegation', ['Forbidden', null, []], DELEGATION],
  ['delegation', [{ sources: 'x' }, { sources: [7] }], SOURCES],
])('the error of prepareRequirement names the valid forms of %s for all of %j', (member, values, message) => {
  for (const value of values) expect(() => prepare({ scope: 'nav:a', [member]: value })).toThrow(message)
})

it.runIf(isNode)(
  'the stack of the error about a deeply nested mistake begins at the line that calls prepareRequirement',
  () => {
    const scope = { allOf: ['nav:a', { anyOf: ['nav:b', { allOf: ['nav:c', { anyOf: ['d'] }] }] }] }
    const stack: unknown = expect.stringMatching(/^TypeError: .*\n.*requirement\.test\.ts/)
    expect(() => prepareRequirement({ scope })).toThrow(expect.objectContaining({ stack }))
  },
)

it('the application’s own error in a requirement keeps its stack', () => {
  const own = new RangeError('own')
  const { stack } = own
  const requirement = {
    get scope(): string {
      throw own
    },
  }
  expect(() => prepareRequirement(requirement)).toThrow(own)
  expect(own.stack).toBe(stack)
})

it('prepareRequirement names the mistake on a runtime without Error.captureStackTrace', () => {
  const { captureStackTrace } = Error
  Reflect.deleteProperty(Error, 'captureStackTrace')
  try {
    expect(() => prepareRequirement('a')).toThrow(/full scope/)
  } finally {
    Object.assign(Error, { captureStackTrace })
  }
})

it('a requirement ignores members of a polluted Object.prototype', async () => {
  const pid = () => '01010199999'
  const pollution = { authorize: () => true, consumers: ['889640782'], delegation: 'required', pid }
  const { rule } = await withPollutedPrototype(pollution, () => prepare({ scope: 'nav:a' }))
  expect(rule?.demands.map(({ name }) => name)).toEqual(['audience', 'scope'])
})

class Rule {
  readonly scope = 'nav:a'
  get consumers() {
    return ['889640782']
  }
}

it.each<[string, unknown, RegExp]>([
  ['a getter `consumers` of a class', new Rule(), /`consumers`.*Copy its members/],
  ['inherited `allOf`', { scope: Object.create({ allOf: ['nav:a'] }) }, /^`scope`: `allOf`.*Copy/],
  [
    'inherited `sources`',
    { scope: 'nav:a', delegation: Object.create({ sources: [] }) },
    /^`delegation`: .*Copy/,
  ],
  [
    'inherited `resources`',
    { scope: 'nav:a', consent: Object.create({ resources: [] }) },
    /^`consent`: .*Copy/,
  ],
])('prepareRequirement throws for %s and names the member', (_title, rule, message) => {
  expect(() => prepare(rule)).toThrow(message)
})

/** A list whose entries can be read only once. */
function onceOnly(entries: readonly string[]): readonly string[] {
  const read = new Set<string | symbol>()
  return new Proxy([...entries], {
    get(target, name, receiver) {
      const isFirst = !read.has(name)
      read.add(name)
      if (isFirst) return Reflect.get(target, name, receiver)
      return name === 'length' ? 0 : undefined
    },
  })
}

/** Returns the rule of a requirement that no function computes from the request. */
const ruleOf = (requirement: object) => prepare(requirement).rule ?? expect.unreachable('no rule')

it.each(['allOf', 'anyOf'])('a list in `%s` is read once: emptying the list has no effect', async (kind) => {
  const rule = ruleOf({ scope: { [kind]: onceOnly(['nav:a', 'nav:b']) } })
  expect(rule.scope.names).toEqual(['nav:a', 'nav:b'])
  const none = { ...claims({ scopes: [] }), hasScope: () => false }
  expect((await refusalBy(rule, none))?.reason).toBe('insufficient_scope')
})

it('lists of consumers, suppliers, sources, resources and audiences are read once', async () => {
  const rule = ruleOf({
    scope: 'nav:a',
    audience: onceOnly(['https://a.no']),
    consumers: onceOnly(['889640782']),
    delegation: { suppliers: onceOnly(['810969342']), sources: onceOnly(['https://b.no/']) },
    consent: { resources: onceOnly(['a']) },
  })
  const rights = [{ actions: [], metadata: {}, resources: [{ type: 'urn:altinn:resource', value: 'a' }] }]
  const consent = { id: 'c', to: CONSUMER, consented: NOW - 100, validTo: NOW + 100, rights }
  const token = {
    audience: ['https://a.no'],
    supplier: organisation('810969342'),
    delegationSource: 'https://b.no/',
    consents: [new Consent(consent, { type: 'person', pid: '05848998356' })],
  }
  const other = organisation('991825827')
  for (const [change, reason] of [
    [{}, undefined],
    [{ audience: ['https://other.no'] }, 'wrong_audience'],
    [{ consumer: other }, 'consumer_not_allowed'],
    [{ supplier: other }, 'supplier_not_allowed'],
    [{ delegationSource: 'https://other.no/' }, 'delegation_source_not_allowed'],
    [{ consents: [] }, 'consent_required'],
  ] as const) {
    expect((await refusalBy(rule, claims({ ...token, ...change })))?.reason).toBe(reason)
  }
})

it('prepareRequirement returns the frozen demands of a requirement in a fixed order', () => {
  const rule = ruleOf({
    authorize: () => true,
    pid: () => undefined,
    consent: 'required',
    systemUser: 'required',
    delegation: 'forbidden',
    consumers: ['889640782'],
    audience: 'https://a.no',
    scope: 'nav:a',
  })
  const order = 'audience scope consumers delegation systemUser consent pid authorize'
  expect(rule.demands.map(({ name }) => name).join(' ')).toBe(order)
  expect([rule, rule.demands, ...rule.demands].every(Object.isFrozen)).toBe(true)
})

it.each([1, 2, 3, 4, 5])(
  'demands are checked in order, up to the first that refuses the token; number of demands: %i',
  async (count) => {
    const names = Array.from({ length: count }, (_, index) => index)
    const context = { request: undefined, now: 0, audience: undefined, trace: {} }
    for (const asynchronous of names) {
      for (const refusing of names) {
        const calls: number[] = []
        const work = (index: number) => {
          calls.push(index)
          if (index === refusing) throw new Error('refused')
        }
        const check = inOrder(
          names.map((index) => ({
            check: index === asynchronous ? async () => work(index) : () => work(index) as undefined,
            expected: () => undefined,
          })),
        )
        await expect((async () => check(claims(), context))()).rejects.toThrow('refused')
        expect(calls).toEqual(names.slice(0, refusing + 1))
      }
    }
  },
)

it('`delegation: allowed` adds no demand to those of every requirement: `audience` and `scope`', () => {
  const { demands } = ruleOf({ scope: 'nav:a', delegation: 'allowed' })
  expect(demands.map(({ name }) => name)).toEqual(['audience', 'scope'])
})

it('a requirement can be computed from the request, and is then checked like a static requirement', async () => {
  const byPath = prepareRequirement(async (request: { path: string }) => `nav:${request.path}`)
  expect((await byPath.ruleFor({ path: 'a' })).scope.advertised).toEqual(['nav:a'])
  await expect(byPath.ruleFor({ path: 'a b' })).rejects.toThrow(TypeError)
  const nothing = prepareRequirement(async () => undefined as never)
  await expect(nothing.ruleFor(undefined)).rejects.toThrow(TypeError)
})

it('a requirement has one rule for all requests, unless the rule is computed from the request', async () => {
  const fixed = prepareRequirement('nav:a')
  expect(fixed.rule?.scope.names).toEqual(['nav:a'])
  expect(await fixed.ruleFor(undefined)).toBe(fixed.rule)
  expect(prepareRequirement(() => 'nav:a').rule).toBeUndefined()
})

it('prepareRequirement returns a prepared requirement unchanged', () => {
  const once = prepareRequirement('nav:a')
  expect(prepareRequirement(once)).toBe(once)
})
