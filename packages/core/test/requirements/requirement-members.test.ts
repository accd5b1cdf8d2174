import { expect, it } from 'vitest'
import { Consent } from '../../src/claims/consent.js'
import { type AccessRequirement, prepareRequirement } from '../../src/requirements/requirement.js'
import { withPollutedPrototype } from '../polluted-prototype.js'
import { CONSUMER, claims, NOW, organisation, refusalBy } from './sample-claims.js'

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

it('a requirement ignores members of a polluted Object.prototype', async () => {
  const pid = () => '01010199999'
  const pollution = { authorize: () => true, consumers: ['889640782'], delegation: 'required', pid }
  const { rule } = await withPollutedPrototype(pollution, () => prepare({ scope: 'nav:a' }))
  expect(rule?.demands.map(({ name }) => name)).toEqual(['audience', 'scope'])
})

const CONSUMERS = ['889640782']
class Rule {
  readonly scope = 'nav:a'
  get consumers() {
    return CONSUMERS
  }
}
const inherited = (member: object, own: object = { scope: 'nav:a' }) =>
  Object.assign(Object.create(member), own)
const hidden = Object.defineProperty({ scope: 'nav:a' }, 'consumers', { value: CONSUMERS })
const both = inherited({ allOf: ['nav:b'] }, { anyOf: ['nav:a'] })
const delegation = inherited({ sources: ['https://a.no/'] }, { suppliers: CONSUMERS })
const consent = inherited({ resources: ['a'] }, {})

it.each<[string, unknown, RegExp]>([
  ['a getter `consumers` of a class', new Rule(), /`consumers`.*Copy its members/],
  ['inherited `consumers`', inherited({ consumers: CONSUMERS }), /`consumers`.*Copy/],
  ['inherited `authorize`', inherited({ authorize: () => false }), /`authorize`.*Copy/],
  ['`consumers` that are not enumerable', hidden, /`consumers`.*Copy/],
  ['inherited `allOf`', { scope: inherited({ allOf: ['nav:a'] }, {}) }, /^`scope`: `allOf`.*Copy/],
  ['inherited `allOf` in a list', { scope: { anyOf: [both] } }, /^`scope\.anyOf\[0\]`: `allOf`.*Copy/],
  ['inherited `sources`', { scope: 'nav:a', delegation }, /^`delegation`: `sources`.*Copy/],
  ['inherited `resources`', { scope: 'nav:a', consent }, /^`consent`: `resources`.*Copy/],
])('prepareRequirement throws for %s and names the member', (_title, rule, message) => {
  expect(() => prepare(rule)).toThrow(TypeError)
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

it.each(['allOf', 'anyOf'])('a list in `%s` is read once: emptying the list has no effect', async (kind) => {
  const { rule } = prepare({ scope: { [kind]: onceOnly(['nav:a', 'nav:b']) } })
  if (!rule) return expect.unreachable('computed from the request')
  expect(rule.scope.names).toEqual(['nav:a', 'nav:b'])
  const none = { ...claims({ scopes: [] }), hasScope: () => false }
  expect((await refusalBy(rule, none))?.reason).toBe('insufficient_scope')
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
    for (const [change, reason] of [
      [{}, undefined],
      [{ audience: ['https://other.no'] }, 'wrong_audience'],
      [{ consumer: OTHER }, 'consumer_not_allowed'],
      [{ supplier: OTHER }, 'supplier_not_allowed'],
      [{ delegationSource: 'https://other.no/' }, 'delegation_source_not_allowed'],
      [{ consents: [] }, 'consent_required'],
    ] as const) {
      expect((await refusalBy(rule, claims({ ...TOKEN, ...change })))?.reason).toBe(reason)
    }
  }
  const { expected } = rule.demands.find(({ name }) => name === 'consent') ?? expect.unreachable()
  expect(expected(undefined)).toMatch(/, for a$/)
})

it.each(['consumers', 'audience'])('prepareRequirement throws for a list with a hole: %s', (member) => {
  expect(() => prepare({ scope: 'nav:a', [member]: new Array(1) })).toThrow(`\`${member}[0]\` is undefined`)
})
