import { describe, expect, it } from 'vitest'
import { Consent } from '../../src/claims/consent.js'
import { type AccessRequirement, prepareRequirement } from '../../src/requirements/requirement.js'
import { reasonOfAsync } from '../refusal.js'
import { CONSUMER, checkPrepared, claims, NOW, organisation } from './sample-claims.js'

const prepare = (requirement: unknown) => prepareRequirement(requirement as AccessRequirement)

const RIGHTS = [{ actions: [], metadata: {}, resources: [{ type: 'urn:altinn:resource', value: 'a' }] }]
/** A delegated token with an audience. It has a consent for the resource `a`. */
const TOKEN = {
  audience: ['https://a.no'],
  supplier: organisation('810969342'),
  delegationSource: 'https://b.no/',
  consents: [
    new Consent(
      { id: 'c', to: CONSUMER, consented: NOW - 100, validTo: NOW + 100, rights: RIGHTS },
      { type: 'person', pid: '05848998356' },
    ),
  ],
}
const OTHER = organisation('991825827')

it('a requirement is read once: later changes by the caller have no effect', async () => {
  const consumers = ['889640782']
  const delegation = { suppliers: ['810969342'] }
  const consent = { resources: ['a'] }
  const requirement = prepare({ scope: 'nav:a', consumers, delegation, consent })
  consumers.push('991825827')
  delegation.suppliers.push('991825827')
  consent.resources.push('b')
  const rule = await requirement.ruleFor(undefined)
  await expect(checkPrepared(rule, claims(TOKEN))).resolves.toBeUndefined()
  for (const [change, reason] of [
    [{ consumer: OTHER }, 'consumer_not_allowed'],
    [{ supplier: OTHER }, 'supplier_not_allowed'],
  ] as const) {
    expect(await reasonOfAsync(checkPrepared(rule, claims({ ...TOKEN, ...change })))).toBe(reason)
  }
})

it('a requirement ignores members of a polluted Object.prototype', () => {
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
  expect(rule?.demands.map(({ name }) => name)).toEqual(['audience', 'scope'])
})

describe('prepareRequirement', () => {
  const CONSUMERS = ['889640782']
  class Rule {
    readonly scope = 'nav:a'
    get consumers() {
      return CONSUMERS
    }
  }
  const inherited = (member: object) => Object.assign(Object.create(member), { scope: 'nav:a' })
  const inScope = (scope: object) => ({ scope })
  const hidden = Object.defineProperty({ scope: 'nav:a' }, 'consumers', { value: CONSUMERS })
  const both = Object.assign(Object.create({ allOf: ['nav:b'] }), { anyOf: ['nav:a'] })
  const delegation = Object.assign(Object.create({ sources: ['https://a.no/'] }), { suppliers: CONSUMERS })
  const consent = Object.create({ resources: ['a'] })

  const rules: [string, unknown, RegExp][] = [
    ['a getter `consumers` of a class', new Rule(), /`consumers`.*Copy its members/],
    ['inherited `consumers`', inherited({ consumers: CONSUMERS }), /`consumers`.*Copy/],
    ['inherited `authorize`', inherited({ authorize: () => false }), /`authorize`.*Copy/],
    ['`consumers` that are not enumerable', hidden, /`consumers`.*Copy/],
    ['inherited `allOf`', inScope(Object.create({ allOf: ['nav:a'] })), /^`scope`: `allOf`.*Copy/],
    ['inherited `allOf` in a list', inScope({ anyOf: [both] }), /^`scope\.anyOf\[0\]`: `allOf`.*Copy/],
    ['inherited `sources`', { scope: 'nav:a', delegation }, /^`delegation`: `sources`.*Copy/],
    ['inherited `resources`', { scope: 'nav:a', consent }, /^`consent`: `resources`.*Copy/],
  ]

  it.each(rules)('prepareRequirement throws for %s and names the member', (_title, rule, message) => {
    expect(() => prepare(rule)).toThrow(TypeError)
    expect(() => prepare(rule)).toThrow(message)
  })

  it.each(rules)('a rule computed from a request is rejected if it has %s', async (_title, rule, message) => {
    await expect(prepare(async () => rule).ruleFor(undefined)).rejects.toThrow(TypeError)
    await expect(prepare(async () => rule).ruleFor(undefined)).rejects.toThrow(message)
  })
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

it.each(['allOf', 'anyOf'])('a list in `%s` is read once: emptying the list has no effect', async (kind) => {
  const { rule } = prepare({ scope: { [kind]: onceOnly(['nav:a', 'nav:b']) } })
  if (!rule) return expect.unreachable('computed from the request')
  expect(rule.scope.names).toEqual(['nav:a', 'nav:b'])
  const none = { ...claims({ scopes: [] }), hasScope: () => false }
  expect(await reasonOfAsync(checkPrepared(rule, none))).toBe('insufficient_scope')
})

it('lists of consumers, suppliers, sources, resources and audiences are read once', async () => {
  const { rule } = prepare({
    scope: 'nav:a',
    audience: onceOnly(['https://a.no']),
    consumers: onceOnly(['889640782']),
    delegation: { suppliers: onceOnly(['810969342']), sources: onceOnly(['https://b.no/']) },
    consent: { resources: onceOnly(['a']) },
  })
  if (!rule) return expect.unreachable('computed from the request')
  for (let time = 0; time < 2; time++) {
    await expect(checkPrepared(rule, claims(TOKEN))).resolves.toBeUndefined()
    for (const [change, reason] of [
      [{ audience: ['https://other.no'] }, 'wrong_audience'],
      [{ consumer: OTHER }, 'consumer_not_allowed'],
      [{ supplier: OTHER }, 'supplier_not_allowed'],
      [{ delegationSource: 'https://other.no/' }, 'delegation_source_not_allowed'],
      [{ consents: [] }, 'consent_required'],
    ] as const) {
      expect(await reasonOfAsync(checkPrepared(rule, claims({ ...TOKEN, ...change })))).toBe(reason)
    }
  }
  const { expected } = rule.demands.find(({ name }) => name === 'consent') ?? expect.unreachable()
  expect(expected(undefined)).toMatch(/, for a$/)
})

it.each(['consumers', 'audience'])('prepareRequirement throws for a list with a hole: %s', (member) => {
  expect(() => prepare({ scope: 'nav:a', [member]: new Array(1) })).toThrow(`\`${member}[0]\` is undefined`)
})
