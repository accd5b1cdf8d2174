import fc from 'fast-check'
import { expect, it } from 'vitest'
import { scopeAlternatives } from '../../src/openapi/scope-alternatives.js'
import { prepareScope, type ScopeRequirement } from '../../src/requirements/scope.js'

const alternatives = (...requirements: ScopeRequirement[]) =>
  scopeAlternatives(requirements.map((requirement) => prepareScope(requirement)))

const many = (length: number) => Array.from({ length }, (_, index) => `nav:${index}`)

it.each<[ScopeRequirement[], string[][]]>([
  [
    [{ allOf: ['nav:a', { anyOf: ['nav:b', 'nav:c'] }] }],
    [
      ['nav:a', 'nav:b'],
      ['nav:a', 'nav:c'],
    ],
  ],
  [[{ anyOf: [{ allOf: ['nav:a', 'nav:b'] }, 'nav:c'] }], [['nav:a', 'nav:b'], ['nav:c']]],
  [[{ anyOf: [{ allOf: ['nav:a', 'nav:b'] }, 'nav:a'] }], [['nav:a']]],
  [['nav:a', 'nav:b'], [['nav:a', 'nav:b']]],
  [['nav:a', { anyOf: ['nav:a', 'nav:b'] }], [['nav:a']]],
  [[], [[]]],
])('the smallest sets of scopes that satisfy %j are %j', (requirements, expected) => {
  expect(alternatives(...requirements)).toEqual(expected)
})

it('for a rule with 32 scope alternatives, all are listed; for a rule with 33, none', () => {
  expect(alternatives({ anyOf: many(32) })).toHaveLength(32)
  expect(alternatives({ anyOf: many(33) })).toBeUndefined()
})

it('a rule that requires all of a hundred scopes has one scope alternative', () => {
  expect(alternatives({ allOf: many(100) })).toEqual([many(100)])
})

it('the search for scope alternatives gives up on a rule with exponentially many combinations', () => {
  const pairs = Array.from({ length: 30 }, (_, index) => ({ anyOf: [`nav:a${index}`, `nav:b${index}`] }))
  expect(alternatives({ allOf: pairs })).toBeUndefined()
})

/** A rule with one alternative. Each part doubles the number of combinations to try. */
const withNeedless = (parts: number): ScopeRequirement => ({
  allOf: Array.from({ length: parts }, (_, index) => ({
    anyOf: [`nav:a${index}`, { allOf: [`nav:a${index}`, `nav:b${index}`] }],
  })),
})

it('scope alternatives are not listed if finding them takes over 2,000 combinations', () => {
  expect(alternatives(withNeedless(7))).toHaveLength(1)
  expect(alternatives(withNeedless(30))).toBeUndefined()
})

const names = many(5)
const { requirement } = fc.letrec<{ requirement: ScopeRequirement }>((tie) => {
  const parts = fc.array(tie('requirement'), { minLength: 1, maxLength: 3 })
  return {
    requirement: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(...names),
      fc.record({ allOf: parts }),
      fc.record({ anyOf: parts }),
    ),
  }
})

it('a token satisfies a rule if and only if the token has all scopes of one alternative', () => {
  fc.assert(
    fc.property(requirement, fc.subarray(names), (rule, scopes) => {
      const listed = alternatives(rule) ?? expect.unreachable('there are too many alternatives')
      const isListed = listed.some((required) => required.every((name) => scopes.includes(name)))
      expect(isListed).toBe(prepareScope(rule).allows((name) => scopes.includes(name)))
    }),
  )
})

it('no scope alternative contains another scope alternative', () => {
  fc.assert(
    fc.property(requirement, (rule) => {
      const listed = alternatives(rule) ?? []
      for (const one of listed) {
        const others = listed.filter((other) => other !== one)
        expect(others.filter((other) => other.every((name) => one.includes(name)))).toEqual([])
      }
    }),
  )
})
