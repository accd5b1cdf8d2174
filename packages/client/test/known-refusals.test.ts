import { expect, it } from 'vitest'
import { hintFor, KNOWN_REFUSALS, refusalDescribedBy } from '../src/known-refusals.js'
import { DESCRIPTIONS } from './observed-refusals.js'

it.each(KNOWN_REFUSALS.map(({ sentence, hint }) => [String(sentence), hint] as const))(
  'the hint for “%s” has a cause and a fix',
  (_sentence, { cause, fix }) => {
    for (const text of [cause, fix]) expect(text).toMatch(/^[^\s.].+ .+[^\s.]$/)
  },
)

it.each([
  ['Consumer has not been granted access to the scope nav:x', 'MP-250'],
  ['Consumer 0192:889640782 has not been granted access to the scope nav:x', 'MP-250'],
  ['The consumer has not been granted access to the scope nav:x', undefined],
  ['Consumer has not delegated access to the scope nav:x', 'MP-251'],
  ['Consumer 0192:889640782 has not delegated access to the scope nav:x', 'MP-251'],
  ['The consumer has not delegated access to the scope nav:x', undefined],
  ['Invalid assertion.Expired key', 'MP-121'],
  ['Invalid JWT.  Expired key', 'MP-121'],
  ['Client authentication failed', 'MP-100'],
  ['Invalid assertion.Client authentication failed. . ', 'MP-100'],
  ['The client authentication failed', undefined],
  ['Client authentication failed: x', undefined],
  ['JWT is Invalid assertion. expired', undefined],
  ['', undefined],
])('for the description “%s”, refusalDescribedBy finds the code %s', (description, code) => {
  expect(refusalDescribedBy(description)?.code).toBe(code)
})

it('for a known sentence without a code, refusalDescribedBy returns no member `code`', () => {
  const described = refusalDescribedBy('Issue time is after now')
  expect(described?.hint.fix).toBe('synchronise the clock of this machine')
  expect(described).not.toHaveProperty('code')
})

it('exactly the codes that Digdir documents have a hint, and each has a hint of its own', () => {
  const codes = new Set(DESCRIPTIONS.flatMap(([, code]) => code ?? []))
  expect(KNOWN_REFUSALS.flatMap(({ code }) => code ?? [])).toEqual([...codes])
  expect(new Set([undefined, ...codes].map((code) => JSON.stringify(hintFor(code)))).size).toBe(18)
})

it.each([undefined, 'MP-999'])('the code %s gets the general hint', (code) => {
  const cause = 'Maskinporten rejected the token request'
  expect(hintFor(code)).toEqual({ cause, fix: 'check client, key, scope and environment' })
})
