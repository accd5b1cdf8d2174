import { expect, it } from 'vitest'
import { inOrder } from '../../src/requirements/demands.js'
import { type AccessRequirement, prepareRequirement } from '../../src/requirements/requirement.js'
import { casesOf } from '../cases.js'
import { isNode } from '../is-node.js'
import { claims } from './sample-claims.js'

const prepare = (requirement: unknown) => prepareRequirement(requirement as AccessRequirement)

const UNCALLED =
  /^The function itself was passed instead of its result; call it: requireMaskinportenScope\(…\)$/

it.each<[string, unknown, RegExp]>([
  ['an unknown member', { scope: 'nav:a', consumer: ['889640782'] }, /no option `consumer`.*consumers/],
  ['a missing scope', {}, /must name a `scope`/],
  [
    'undefined',
    undefined,
    /requirement is undefined\. Write a scope such as 'nav:x\.read'.*variable is set$/,
  ],
  ['null', null, /requirement is null\. Write a scope/],
  [
    'a list',
    ['nav:a', 'b'],
    /is a list\..*\{ scope: \{ allOf: \["nav:a","b"\] \} \}.*anyOf: \["nav:a","b"\]/,
  ],
  ['an empty list', [], /is a list\..*allOf: \[\.\.\.\]/],
  ['a list in `scope`', { scope: ['nav:a', 'nav:b'] }, /`scope` is a list\..*anyOf: \["nav:a","nav:b"\]/],
  ['a number', 7, /^An access requirement takes an object/],
  ['a request', { headers: {} }, UNCALLED],
  ['a context that has a request', { req: {} }, UNCALLED],
  ['an empty consumer list', { scope: 'nav:a', consumers: [] }, /`consumers` is empty/],
  ['a consumer with its ICD', { scope: 'nav:a', consumers: ['0192:889640782'] }, /nine digits/],
  ['one consumer as a string', { scope: 'nav:a', consumers: '889640782' }, /must be an array/],
  ['an empty audience list', { scope: 'nav:a', audience: [] }, /`audience` is empty/],
  ['an audience that is not a URI', { scope: 'nav:a', audience: 'my-api' }, /absolute URI/],
  ['the audience unspecified', { scope: 'nav:a', audience: 'unspecified' }, /absolute URI/],
  ['a rule that is not a function', { scope: 'nav:a', authorize: true }, /`authorize` must be a function/],
])('prepareRequirement throws for %s, and the message names the mistake', (_title, requirement, message) => {
  expect(() => prepare(requirement)).toThrow(TypeError)
  expect(() => prepare(requirement)).toThrow(message)
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

const bad: Record<string, unknown[]> = {
  delegation: [
    '',
    'Forbidden',
    'none',
    true,
    false,
    null,
    1,
    [],
    ['required'],
    {},
    { supplier: ['810969342'] },
  ],
  'delegation.suppliers': [
    ...['', 0, false, [], '810969342', null, {}],
    ...[['0192:810969342'], ['81096934'], [810969342], ['']],
  ],
  'delegation.sources': ['', 0, false, [], 'https://www.altinn.no/', null, {}, ['altinn'], [''], [7]],
  systemUser: ['allowed', 'forbidden', '', true, false, null, 1, {}],
  consent: ['allowed', '', true, null, 1, [], {}, { resource: ['x'] }],
  'consent.resources': ['', 0, false, [], 'x', null, {}, [''], ['a b'], [' x'], [7]],
  pid: ['01010199999', true, null, {}, []],
  authorize: ['', true, null, {}],
  consumers: [null, true, {}, '', [889640782], ['889640782', null]],
  audience: [null, true, {}, '', ['https://a.no', 1]],
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

const RESOURCES = '`consent.resources` must be an array of resource ids'
const SOURCES = '`delegation.sources` must be an array of absolute URIs'
it.each<[string, unknown[], string]>([
  ['consent', ['', 'allowed', true, 1, null, []], "`consent` must be 'required' or { resources: [...] }"],
  ['consent', [{ resources: 'x' }, { resources: [7] }], RESOURCES],
  [
    'delegation',
    ['', 'Forbidden', true, 1, null, []],
    "`delegation` must be 'allowed', 'forbidden', 'required' or { suppliers, sources }",
  ],
  ['delegation', [{ sources: 'x' }, { sources: [7] }], SOURCES],
])('the error of prepareRequirement names the valid forms of %s for all of %j', (member, values, message) => {
  for (const value of values) expect(() => prepare({ scope: 'nav:a', [member]: value })).toThrow(message)
})

it.each([
  ...['audience', 'consumers', 'delegation', 'systemUser', 'consent', 'pid', 'authorize'],
  ...['delegation.suppliers', 'delegation.sources'],
])('prepareRequirement throws for an undefined %s', (name) => {
  const [outer = '', inner] = name.split('.')
  const rule = { scope: 'nav:a', [outer]: inner === undefined ? undefined : { [inner]: undefined } }
  expect(() => prepare(rule)).toThrow(inner === undefined ? `\`${outer}\` is undefined` : 'is undefined')
})

it('prepareRequirement returns the frozen demands of a requirement in a fixed order', () => {
  const { rule } = prepare({
    authorize: () => true,
    pid: () => undefined,
    consent: 'required',
    systemUser: 'required',
    delegation: 'forbidden',
    consumers: ['889640782'],
    audience: 'https://a.no',
    scope: 'nav:a',
  })
  const demands = rule?.demands ?? []
  const order = 'audience scope consumers delegation systemUser consent pid authorize'
  expect(demands.map(({ name }) => name).join(' ')).toBe(order)
  expect([rule, demands, ...demands].every(Object.isFrozen)).toBe(true)
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

it.each([{}, { delegation: 'allowed' }])(
  'a requirement with a scope has only the demands `audience` and `scope` (other members: %j)',
  (members) => {
    const { rule } = prepare({ scope: 'nav:a', ...members })
    expect(rule?.demands.map(({ name }) => name)).toEqual(['audience', 'scope'])
  },
)

it('a requirement can be computed from the request, and is then checked like a static requirement', async () => {
  const byPath = prepareRequirement(async (request: { path: string }) => `nav:${request.path}`)
  expect((await byPath.ruleFor({ path: 'a' })).scope.advertised).toEqual(['nav:a'])
  await expect(byPath.ruleFor({ path: 'a b' })).rejects.toThrow(TypeError)
  for (const nothing of [undefined, null, '']) {
    const none = prepareRequirement(async () => nothing as never)
    await expect(none.ruleFor(undefined)).rejects.toThrow(TypeError)
  }
})

it('a requirement has one rule for all requests, unless the rule is computed from the request', async () => {
  const fixed = prepareRequirement({ scope: 'nav:a', consent: { resources: ['ske-inntekt', 'b'] } })
  expect(fixed.rule?.scope.names).toEqual(['nav:a'])
  const consent = fixed.rule?.demands.find(({ name }) => name === 'consent')
  expect(consent?.expected(undefined)).toMatch(/ske-inntekt and b$/)
  expect(await fixed.ruleFor(undefined)).toBe(fixed.rule)
  expect(prepareRequirement(() => 'nav:a').rule).toBeUndefined()
})

it('prepareRequirement returns a prepared requirement unchanged', () => {
  const once = prepareRequirement('nav:a')
  expect(prepareRequirement(once)).toBe(once)
})
