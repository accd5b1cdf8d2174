import { describe, expect, it, test } from 'vitest'
import type { PreparedDelegation } from '../../src/requirements/delegation.js'
import { type AccessRequirement, prepareRequirement } from '../../src/requirements/requirement.js'

const prepare = (requirement: unknown) => prepareRequirement(requirement as AccessRequirement)

describe('a mistake in a requirement throws at construction, naming the member', () => {
  test.each<[string, unknown, RegExp]>([
    ['an unknown member', { scope: 'nav:a', consumer: ['889640782'] }, /no option `consumer`.*consumers/],
    ['no scope', {}, /must name a `scope`/],
    [
      'undefined',
      undefined,
      /requirement is undefined\. Write a scope such as 'nav:x\.read'.*variable is set$/,
    ],
    ['null', null, /requirement is null\. Write a scope/],
    [
      'a list',
      ['nav:a', 'nav:b'],
      /is a list\..*\{ scope: \{ allOf: \["nav:a","nav:b"\] \} \}.*anyOf: \["nav:a","nav:b"\]/,
    ],
    ['an empty list', [], /is a list\..*allOf: \[\.\.\.\]/],
    ['a list in `scope`', { scope: ['nav:a', 'nav:b'] }, /`scope` is a list\..*anyOf: \["nav:a","nav:b"\]/],
    ['a number', 7, /takes an object/],
    ['an empty consumer list', { scope: 'nav:a', consumers: [] }, /`consumers` is empty/],
    ['a consumer with its ICD', { scope: 'nav:a', consumers: ['0192:889640782'] }, /nine digits/],
    ['one consumer as a string', { scope: 'nav:a', consumers: '889640782' }, /must be an array/],
    ['an empty audience list', { scope: 'nav:a', audience: [] }, /`audience` is empty/],
    ['an audience that is no URI', { scope: 'nav:a', audience: 'my-api' }, /absolute URI/],
    ['the audience unspecified', { scope: 'nav:a', audience: 'unspecified' }, /absolute URI/],
    ['a rule that is no function', { scope: 'nav:a', authorize: true }, /`authorize` must be a function/],
  ])('%s', (_title, requirement, message) => {
    expect(() => prepare(requirement)).toThrow(TypeError)
    expect(() => prepare(requirement)).toThrow(message)
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
      '',
      0,
      false,
      [],
      '810969342',
      null,
      {},
      ['0192:810969342'],
      ['81096934'],
      [810969342],
      [''],
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
  const cases = Object.entries(bad).flatMap(([member, values]) =>
    values.map((value) => [member, value] as const),
  )

  test.each(cases)('%s: %j', (member, value) => {
    const [outer = '', inner] = member.split('.')
    const rule = { scope: 'nav:a', [outer]: inner === undefined ? value : { [inner]: value } }
    expect(() => prepare(rule)).toThrow(TypeError)
    expect(() => prepare(rule)).toThrow(`\`${member}`)
  })

  test.each<[string, unknown[], string]>([
    ['consent', bad['consent']?.slice(0, -2) ?? [], "`consent` must be 'required' or { resources: [...] }"],
    [
      'delegation',
      bad['delegation']?.slice(0, -2) ?? [],
      "`delegation` must be 'allowed', 'forbidden', 'required' or { suppliers, sources }",
    ],
    [
      'consent',
      [{ resources: 'x' }, { resources: [7] }],
      '`consent.resources` must be an array of resource ids',
    ],
    [
      'delegation',
      [{ sources: 'x' }, { sources: [7] }],
      '`delegation.sources` must be an array of absolute URIs',
    ],
  ])('a %s that is none, saying what it may be: %j', (member, values, message) => {
    expect(values).not.toHaveLength(0)
    for (const value of values) expect(() => prepare({ scope: 'nav:a', [member]: value })).toThrow(message)
  })

  test.each(['audience', 'consumers', 'delegation', 'systemUser', 'consent', 'pid', 'authorize'])(
    'an undefined %s',
    (member) => {
      expect(() => prepare({ scope: 'nav:a', [member]: undefined })).toThrow(`\`${member}\` is undefined`)
    },
  )

  test.each(['suppliers', 'sources'])('an undefined delegation.%s', (member) => {
    expect(() => prepare({ scope: 'nav:a', delegation: { [member]: undefined } })).toThrow('is undefined')
  })
})

it('is read once: what the caller changes afterwards changes nothing', async () => {
  const consumers = ['889640782']
  const delegation = { suppliers: ['810969342'] }
  const consent = { resources: ['a'] }
  const requirement = prepare({ scope: 'nav:a', consumers, delegation, consent })
  consumers.push('991825827')
  delegation.suppliers.push('991825827')
  consent.resources.push('b')
  const rule = await requirement.ruleFor(undefined)
  expect([...(rule.consumers ?? [])]).toEqual(['889640782'])
  expect(rule).toMatchObject({ consumers: { size: 1 }, consent: { resources: ['a'] } })
  const { delegation: prepared } = rule
  expect(typeof prepared === 'object' && [...(prepared.suppliers ?? [])]).toEqual(['810969342'])
})

it('takes no member from a polluted Object.prototype', () => {
  const pollution = {
    authorize: () => true,
    consumers: ['889640782'],
    delegation: 'required',
    pid: () => '01010199999',
  }
  for (const [name, value] of Object.entries(pollution)) {
    Object.defineProperty(Object.prototype, name, { value, configurable: true })
  }
  const { rule } = prepare({ scope: 'nav:a' })
  for (const name of Object.keys(pollution)) Reflect.deleteProperty(Object.prototype, name)
  expect([rule?.authorize, rule?.consumers, rule?.delegation, rule?.pid]).toEqual(Array(4).fill(undefined))
})

describe('a member that would be lost by copying throws and is named', () => {
  const CONSUMERS = ['889640782']
  class Rule {
    readonly scope = 'nav:a'
    get consumers() {
      return CONSUMERS
    }
  }
  const inherited = (member: object) => Object.assign(Object.create(member), { scope: 'nav:a' })
  const inScope = (scope: object) => ({ scope })

  const rules: [string, unknown, RegExp][] = [
    ['`consumers` as a getter of a class', new Rule(), /`consumers`.*Copy the members meant/],
    ['inherited `consumers`', inherited({ consumers: CONSUMERS }), /`consumers`.*Copy/],
    ['inherited `authorize`', inherited({ authorize: () => false }), /`authorize`.*Copy/],
    [
      '`consumers` that are not enumerable',
      Object.defineProperty({ scope: 'nav:a' }, 'consumers', { value: CONSUMERS }),
      /`consumers`.*Copy/,
    ],
    ['inherited `allOf`', inScope(Object.create({ allOf: ['nav:a'] })), /^`scope`: `allOf`.*Copy/],
    [
      '`allOf` that is inherited beside `anyOf`',
      inScope({ anyOf: [Object.assign(Object.create({ allOf: ['nav:b'] }), { anyOf: ['nav:a'] })] }),
      /^`scope\.anyOf\[0\]`: `allOf`.*Copy/,
    ],
    [
      'inherited `sources` of a delegation',
      {
        scope: 'nav:a',
        delegation: Object.assign(Object.create({ sources: ['https://a.no/'] }), { suppliers: CONSUMERS }),
      },
      /^`delegation`: `sources`.*Copy/,
    ],
    [
      'inherited `resources` of a consent',
      { scope: 'nav:a', consent: Object.create({ resources: ['a'] }) },
      /^`consent`: `resources`.*Copy/,
    ],
  ]

  test.each(rules)('%s', (_title, rule, message) => {
    expect(() => prepare(rule)).toThrow(TypeError)
    expect(() => prepare(rule)).toThrow(message)
  })

  test.each(rules)('%s, in the result of a requirement function', async (_title, rule, message) => {
    await expect(prepare(async () => rule).ruleFor(undefined)).rejects.toThrow(TypeError)
    await expect(prepare(async () => rule).ruleFor(undefined)).rejects.toThrow(message)
  })
})

describe('a list is read once', () => {
  /** A list whose every later reading gives nothing. */
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

  test.each(['allOf', 'anyOf'])('of %s, so that an emptied list allows no caller', (kind) => {
    const { rule } = prepare({ scope: { [kind]: onceOnly(['nav:a', 'nav:b']) } })
    expect(rule?.scope.names).toEqual(['nav:a', 'nav:b'])
    expect(rule?.scope.allows(() => false)).toBe(false)
  })

  it('of consumers, suppliers, sources, resources and audiences', () => {
    const { rule } = prepare({
      scope: 'nav:a',
      audience: onceOnly(['https://a.no']),
      consumers: onceOnly(['889640782']),
      delegation: { suppliers: onceOnly(['810969342']), sources: onceOnly(['https://b.no']) },
      consent: { resources: onceOnly(['a']) },
    })
    const { suppliers, sources } = (rule?.delegation ?? {}) as Exclude<PreparedDelegation, string | undefined>
    expect([rule?.audience, rule?.consent?.resources]).toEqual([['https://a.no'], ['a']])
    expect([rule?.consumers, suppliers, sources].map((names) => [...(names ?? [])])).toEqual([
      ['889640782'],
      ['810969342'],
      ['https://b.no'],
    ])
  })

  test.each(['consumers', 'audience'])('with a hole, %s throws', (member) => {
    expect(() => prepare({ scope: 'nav:a', [member]: new Array(1) })).toThrow(`\`${member}[0]\` is undefined`)
  })
})

it('can be computed from the request, and is then checked like a static one', async () => {
  const byPath = prepareRequirement(async (request: { path: string }) => `nav:${request.path}`)
  expect((await byPath.ruleFor({ path: 'a' })).scope.advertised).toEqual(['nav:a'])
  await expect(byPath.ruleFor({ path: 'a b' })).rejects.toThrow(TypeError)
})

it('is the same rule for every request, unless it is computed from the request', async () => {
  const fixed = prepareRequirement({ scope: 'nav:a', consent: { resources: ['ske-inntekt', 'b'] } })
  expect(fixed.rule?.scope.names).toEqual(['nav:a'])
  expect(fixed.rule?.consent?.resources).toEqual(['ske-inntekt', 'b'])
  expect(await fixed.ruleFor(undefined)).toBe(fixed.rule)
  expect(prepareRequirement(() => 'nav:a').rule).toBeUndefined()
})

it('is not prepared twice', () => {
  const once = prepareRequirement('nav:a')
  expect(prepareRequirement(once)).toBe(once)
})
