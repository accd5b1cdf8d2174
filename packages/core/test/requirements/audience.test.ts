import { describe, expect, it } from 'vitest'
import type { AccessContext } from '../../src/requirements/prepared-demand.js'
import { reasonOfAsync } from '../refusal.js'
import { check, claims } from './sample-claims.js'

describe('an audience', () => {
  it('an audience is checked only when configured', async () => {
    const token = claims({ audience: ['https://other.no'] })
    await expect(check({}, token)).resolves.toBeUndefined()
  })

  it('a configured audience must be in the token and match exactly', async () => {
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

  it('the audience of a rule replaces that of the validator', async () => {
    const [rule, context] = [{ audience: 'https://a.no' }, { audience: ['https://b.no'] }]
    await expect(check(rule, claims({ audience: ['https://a.no'] }), context)).resolves.toBeUndefined()
    const other = check(rule, claims({ audience: ['https://b.no'] }), context)
    expect(await reasonOfAsync(other)).toBe('wrong_audience')
  })

  it.each<[string, string[], object, Partial<AccessContext>, boolean | undefined]>([
    ['is reported as unchecked when neither rule nor validator has one', ['https://a.no'], {}, {}, true],
    ['is not reported as unchecked when the token has none', [], {}, {}, false],
    [
      'is not reported as unchecked when the rule has one',
      ['https://a.no'],
      { audience: 'https://a.no' },
      {},
      undefined,
    ],
    [
      'is not reported as unchecked when the validator has one',
      ['https://a.no'],
      {},
      { audience: ['https://a.no'] },
      undefined,
    ],
  ])('%s', async (_title, audience, rule, context, expected) => {
    const trace: AccessContext['trace'] = {}
    await check(rule, claims({ audience }), { ...context, trace })
    expect(trace.audienceUnchecked).toBe(expected)
  })
})
