import { describe, expect, test } from 'vitest'
import type { ReadClaims } from '../../src/claims/read-claims.js'
import { reasonOfAsync } from '../refusal.js'
import { check, claims, ESEAL, organisation } from './sample-claims.js'

describe('delegation', () => {
  const SUPPLIER = organisation('810969342')
  const SOURCE = 'https://tt02.altinn.no/'
  const own = claims()
  const delegated = claims({ supplier: SUPPLIER, delegationSource: SOURCE })
  const byOther = claims({ supplier: organisation('991825827'), delegationSource: SOURCE })
  const byESeal = claims({ supplier: ESEAL, delegationSource: SOURCE })
  const fromElsewhere = claims({ supplier: SUPPLIER, delegationSource: 'https://tt02.altinn.no' })
  const fromNowhere = claims({ supplier: SUPPLIER })
  const withoutSupplier = claims({ delegationSource: SOURCE })

  test.each<[string, object, ReadClaims, string | undefined]>([
    ['left out: a delegated token passes', {}, delegated, undefined],
    ['allowed: a delegated token passes', { delegation: 'allowed' }, delegated, undefined],
    ['allowed: any other passes', { delegation: 'allowed' }, own, undefined],
    ['forbidden: a consumer’s own token passes', { delegation: 'forbidden' }, own, undefined],
    [
      'forbidden: a delegated token is refused',
      { delegation: 'forbidden' },
      delegated,
      'delegation_not_allowed',
    ],
    [
      'forbidden: a token with half of a delegation is refused',
      { delegation: 'forbidden' },
      withoutSupplier,
      'delegation_not_allowed',
    ],
    [
      'forbidden: a token with the other half is refused',
      { delegation: 'forbidden' },
      fromNowhere,
      'delegation_not_allowed',
    ],
    ['required: a delegated token passes', { delegation: 'required' }, delegated, undefined],
    ['required: a consumer’s own token is refused', { delegation: 'required' }, own, 'delegation_required'],
    [
      'required: half of a delegation is refused',
      { delegation: 'required' },
      withoutSupplier,
      'delegation_required',
    ],
    ['suppliers: one on the list passes', { delegation: { suppliers: ['810969342'] } }, delegated, undefined],
    [
      'suppliers: another is refused',
      { delegation: { suppliers: ['810969342'] } },
      byOther,
      'supplier_not_allowed',
    ],
    [
      'suppliers: one without a Norwegian number is refused',
      { delegation: { suppliers: ['810969342'] } },
      byESeal,
      'supplier_not_allowed',
    ],
    [
      'suppliers: the consumer does not count as one',
      { delegation: { suppliers: ['889640782'] } },
      delegated,
      'supplier_not_allowed',
    ],
    [
      'suppliers: delegation itself is required',
      { delegation: { suppliers: ['810969342'] } },
      own,
      'delegation_required',
    ],
    ['sources: one on the list passes', { delegation: { sources: [SOURCE] } }, byOther, undefined],
    [
      'sources: they are compared exactly',
      { delegation: { sources: [SOURCE] } },
      fromElsewhere,
      'delegation_source_not_allowed',
    ],
    [
      'sources: a token without a source is refused',
      { delegation: { sources: [SOURCE] } },
      fromNowhere,
      'delegation_source_not_allowed',
    ],
    [
      'suppliers and sources: both must hold',
      { delegation: { suppliers: ['810969342'], sources: [SOURCE] } },
      fromElsewhere,
      'delegation_source_not_allowed',
    ],
    [
      'suppliers and sources: a token with both passes',
      { delegation: { suppliers: ['810969342'], sources: [SOURCE] } },
      delegated,
      undefined,
    ],
  ])('%s', async (_title, rule, token, reason) => {
    if (reason === undefined) await expect(check(rule, token)).resolves.toBeUndefined()
    else expect(await reasonOfAsync(check(rule, token))).toBe(reason)
  })
})
