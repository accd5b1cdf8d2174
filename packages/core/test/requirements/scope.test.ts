import { expect, it } from 'vitest'
import { prepareRequirement } from '../../src/requirements/requirement.js'
import { naisScopeName, prepareScope, type ScopeRequirement } from '../../src/requirements/scope.js'
import { claims, refusalBy } from './sample-claims.js'

const allows = (requirement: ScopeRequirement, ...scopes: string[]) =>
  prepareScope(requirement).allows((scope) => scopes.includes(scope))

it('a scope is compared exactly', () => {
  expect(allows('nav:a', 'nav:b', 'nav:a')).toBe(true)
  for (const other of ['nav:a.write', 'nav:A', 'av:a', 'nav:*']) expect(allows('nav:a', other)).toBe(false)
})

const NESTED = { allOf: ['nav:r', { anyOf: ['nav:w', { allOf: ['nav:x', 'nav:y'] }] }] }
it.each<[ScopeRequirement, string[], boolean]>([
  [{ allOf: ['nav:a', 'nav:b'] }, ['nav:b', 'nav:a'], true],
  [{ allOf: ['nav:a', 'nav:b'] }, ['nav:a'], false],
  [{ anyOf: ['nav:a', 'nav:b'] }, ['nav:b'], true],
  [{ anyOf: ['nav:a', 'nav:b'] }, ['nav:c'], false],
  [NESTED, ['nav:r', 'nav:w'], true],
  [NESTED, ['nav:r', 'nav:x', 'nav:y'], true],
  [NESTED, ['nav:r', 'nav:x'], false],
  [NESTED, ['nav:w'], false],
])('for the requirement %j, `allows` of the scopes %j returns %s', (requirement, scopes, isAllowed) => {
  expect(allows(requirement, ...scopes)).toBe(isAllowed)
})

it('a challenge advertises every scope of an allOf, and the first scope of an anyOf', () => {
  const requirement = { allOf: ['nav:r', { anyOf: [{ allOf: ['nav:w', 'nav:r'] }, 'nav:x'] }] }
  expect(prepareScope(requirement).advertised).toEqual(['nav:r', 'nav:w'])
})

it('the text of a scope requirement names every scope, with brackets only where they are needed', () => {
  const text = (requirement: ScopeRequirement) => prepareScope(requirement).text
  expect(text('nav:a')).toBe('nav:a')
  expect(text({ allOf: ['nav:a', { anyOf: ['nav:b', 'nav:c'] }] })).toBe('nav:a and (nav:b or nav:c)')
  expect(text({ anyOf: [{ allOf: ['nav:a', 'nav:b'] }, { anyOf: ['nav:c'] }] })).toBe(
    '(nav:a and nav:b) or nav:c',
  )
})

it('a scope requirement lists each of its scopes once', () => {
  const requirement = { anyOf: ['nav:a', { allOf: ['nav:b', { anyOf: ['nav:a', 'nav:c'] }] }] }
  expect(prepareScope(requirement).names).toEqual(['nav:a', 'nav:b', 'nav:c'])
  expect(prepareScope({ allOf: ['nav:b', requirement] }).names).toEqual(['nav:b', 'nav:a', 'nav:c'])
})

it('a prepared scope requirement cannot be changed', () => {
  for (const requirement of ['nav:a', { anyOf: ['nav:a', 'nav:b'] }, { allOf: ['nav:a', 'nav:b'] }]) {
    const prepared = prepareScope(requirement)
    expect([prepared, prepared.names, prepared.advertised].every(Object.isFrozen)).toBe(true)
  }
})

it.each<[string, ScopeRequirement, string[], object | undefined]>([
  ['allowed if it has the required scope', 'nav:a', ['nav:b', 'nav:a'], undefined],
  [
    'refused with the names of the required scopes if it lacks one of them',
    { allOf: ['nav:a', 'nav:b'] },
    ['nav:a'],
    { reason: 'insufficient_scope', requiredScopes: ['nav:a', 'nav:b'] },
  ],
  [
    'refused as `nais_scope_name` if its scope is the short name from nais.yaml',
    'nav:sykepenger/afp.read',
    ['sykepenger/afp.read'],
    { reason: 'nais_scope_name', requiredScopes: ['nav:sykepenger/afp.read'] },
  ],
])('a token is %s', async (_title, scope, scopes, refusal) => {
  const rule = await prepareRequirement({ scope }).ruleFor(undefined)
  const token = { ...claims({ scopes }), hasScope: (name: string) => scopes.includes(name) }
  const { reason, requiredScopes } = (await refusalBy(rule, token)) ?? {}
  expect(reason && { reason, requiredScopes }).toEqual(refusal)
})

it.each<[string, unknown, RegExp]>([
  ['white space in a scope', 'nav:a nav:b', /white space.*allOf.*anyOf/],
  ['a comma in a scope', 'nav:a,nav:b', /a comma.*allOf.*anyOf/],
  [
    'a name from nais.yaml',
    'x/afp.read',
    /looks like a name from nais\.yaml.*"nav:x\/afp\.read", or "nav:product\/x\/afp\.read" if the product is missing too \(/,
  ],
  ['a scope without a subscope', 'nav:', /looks like.*"nav:product:nav" \(see naisScopeName\)$/],
  ['a scope without a prefix', ':nav:a', /looks like/],
  ['a colon alone', ':', /looks like.*"nav:product:name"/],
  ['an empty string', '', /empty/],
  ['a quote', 'nav:"a"', /characters/],
  ['a letter outside ASCII', 'nav:å', /characters/],
  ['a letter outside ASCII at the start', 'ånav:a', /characters/],
  ['a list with a hole', { allOf: new Array(1) }, /`scope\.allOf\[0\]` is undefined/],
  ['an empty nested list', { allOf: ['nav:a', { anyOf: [] }] }, /`scope\.allOf\[1\]\.anyOf` is empty/],
  ['`allOf` together with `anyOf`', { allOf: ['nav:a'], anyOf: ['nav:b'] }, /must be a scope/],
  ['an unknown kind', { oneOf: ['nav:a'] }, /`scope` has no option `oneOf`.*allOf, anyOf/],
  [
    'a list',
    ['nav:a'],
    /`scope` is a list.*allOf: \["nav:a"\] \} \}; if one is enough, write .*anyOf: \["nav:a"\]/,
  ],
  ['an empty list', [], /`scope` is a list.*allOf: \[\.\.\.\]/],
  ['a bare nested list', { anyOf: [['nav:a', 7]] }, /`scope\.anyOf\[0\]` is a list.*allOf: \[\.\.\.\]/],
  ['a string for a list', { allOf: 'nav:a' }, /must be a scope/],
  ['a function that has a list', Object.assign(() => true, { allOf: ['nav:a'] }), /must be a scope/],
  ['null', null, /must be a scope/],
])('prepareScope throws for %s', (_title, requirement, message) => {
  expect(() => prepareScope(requirement as ScopeRequirement)).toThrow(TypeError)
  expect(() => prepareScope(requirement as ScopeRequirement)).toThrow(message)
})

it.each([
  [{ product: 'arbeid', name: 'some.scope.read' }, 'nav:arbeid:some.scope.read'],
  [{ product: 'arbeid', name: 'some/scope.read' }, 'nav:arbeid/some/scope.read'],
  [{ product: 'helse', separator: '/', name: 'afp' }, 'nav:helse/afp'],
  [{ product: 'helse', separator: '', name: 'a/b' }, 'nav:helse/a/b'],
  [{ product: 'x', name: 'y', prefix: 'skatt' }, 'skatt:x:y'],
])('naisScopeName returns the scope that NAIS creates for %j', (scope, full) => {
  expect(naisScopeName(scope)).toBe(full)
  expect(allows(full, full)).toBe(true)
})

it('naisScopeName throws for a missing or inherited member, and names the member', () => {
  expect(() => naisScopeName({ product: '', name: 'x' })).toThrow('`product`')
  expect(() => naisScopeName({ product: 'x', name: 'y', separator: 7 as never })).toThrow('`separator`')
  expect(() => naisScopeName('x' as never)).toThrow('naisScopeName takes an object of options')
  const inherited = Object.assign(Object.create({ prefix: 'skd' }), { product: 'x', name: 'y' })
  expect(() => naisScopeName(inherited)).toThrow(/`prefix`.*Copy its members/)
  expect(() => naisScopeName({ product: 'x', name: 7 as never })).toThrow('`name` must be a non-empty string')
})
