import { expect, it } from 'vitest'
import type { AccessContext } from '../../src/requirements/prepared-demand.js'
import { reasonOfAsync } from '../refusal.js'
import { check, claims } from './sample-claims.js'

it('the audience of a token is checked only if an audience is configured', async () => {
  await expect(check({}, claims({ audience: ['https://other.no'] }))).resolves.toBeUndefined()
})

it('a token must name a configured audience exactly', async () => {
  const audience = ['https://a.no', 'https://b.no']
  const token = claims({ audience: ['https://x.no', 'https://b.no'] })
  for (const [rule, context] of [
    [{ audience }, {}],
    [{}, { audience }],
  ] as const) {
    await expect(check(rule, token, context)).resolves.toBeUndefined()
    for (const other of [[], ['https://a.no/'], ['https://A.no'], ['https://a.no/x']]) {
      const checked = check(rule, claims({ audience: other }), context)
      expect(await reasonOfAsync(checked)).toBe('wrong_audience')
    }
  }
})

it('the audience of a rule replaces the audience of the validator', async () => {
  const [rule, context] = [{ audience: 'https://a.no' }, { audience: ['https://b.no'] }]
  await expect(check(rule, claims({ audience: ['https://a.no'] }), context)).resolves.toBeUndefined()
  const other = check(rule, claims({ audience: ['https://b.no'] }), context)
  expect(await reasonOfAsync(other)).toBe('wrong_audience')
})

const audience = ['https://a.no']
it.each<[string, string[], object, Partial<AccessContext>, boolean | undefined]>([
  ['reported as unchecked when neither the rule nor the validator has an audience', audience, {}, {}, true],
  ['not reported as unchecked when the token has no audience', [], {}, {}, false],
  ['not reported as unchecked when the rule has an audience', audience, { audience }, {}, undefined],
  ['not reported as unchecked when the validator has an audience', audience, {}, { audience }, undefined],
])('the audience of a token is %s', async (_title, inToken, rule, context, expected) => {
  const trace: AccessContext['trace'] = {}
  await check(rule, claims({ audience: inToken }), { ...context, trace })
  expect(trace.audienceUnchecked).toBe(expected)
})
