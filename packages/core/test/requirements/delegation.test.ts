import { expect, it } from 'vitest'
import { reasonOfAsync } from '../refusal.js'
import { check, claims, ESEAL, organisation } from './sample-claims.js'

const SUPPLIER = organisation('810969342')
const SOURCE = 'https://tt02.altinn.no/'
const TOKENS = {
  'the consumer’s own token': claims(),
  'a delegated token': claims({ supplier: SUPPLIER, delegationSource: SOURCE }),
  'another supplier': claims({ supplier: organisation('991825827'), delegationSource: SOURCE }),
  'a supplier without a Norwegian number': claims({ supplier: ESEAL, delegationSource: SOURCE }),
  'a source without its slash': claims({ supplier: SUPPLIER, delegationSource: 'https://tt02.altinn.no' }),
  'a supplier without a source': claims({ supplier: SUPPLIER }),
  'a source without a supplier': claims({ delegationSource: SOURCE }),
}
const suppliers = ['810969342']
const sources = [SOURCE]

it.each<[object, keyof typeof TOKENS, string]>([
  [{}, 'a delegated token', 'allowed'],
  [{ delegation: 'allowed' }, 'a delegated token', 'allowed'],
  [{ delegation: 'allowed' }, 'the consumer’s own token', 'allowed'],
  [{ delegation: 'forbidden' }, 'the consumer’s own token', 'allowed'],
  [{ delegation: 'forbidden' }, 'a delegated token', 'delegation_not_allowed'],
  [{ delegation: 'forbidden' }, 'a source without a supplier', 'delegation_not_allowed'],
  [{ delegation: 'forbidden' }, 'a supplier without a source', 'delegation_not_allowed'],
  [{ delegation: 'required' }, 'a delegated token', 'allowed'],
  [{ delegation: 'required' }, 'the consumer’s own token', 'delegation_required'],
  [{ delegation: 'required' }, 'a source without a supplier', 'delegation_required'],
  [{ delegation: { suppliers } }, 'a delegated token', 'allowed'],
  [{ delegation: { suppliers } }, 'another supplier', 'supplier_not_allowed'],
  [{ delegation: { suppliers } }, 'a supplier without a Norwegian number', 'supplier_not_allowed'],
  [{ delegation: { suppliers: ['889640782'] } }, 'a delegated token', 'supplier_not_allowed'],
  [{ delegation: { suppliers } }, 'the consumer’s own token', 'delegation_required'],
  [{ delegation: { sources } }, 'another supplier', 'allowed'],
  [{ delegation: { sources } }, 'a source without its slash', 'delegation_source_not_allowed'],
  [{ delegation: { sources } }, 'a supplier without a source', 'delegation_source_not_allowed'],
  [{ delegation: { suppliers, sources } }, 'a source without its slash', 'delegation_source_not_allowed'],
  [{ delegation: { suppliers, sources } }, 'a delegated token', 'allowed'],
])('a rule with %j, given %s, results in: %s', async (rule, name, expected) => {
  const checked = check(rule, TOKENS[name])
  expect(expected === 'allowed' ? await checked : await reasonOfAsync(checked)).toBe(
    expected === 'allowed' ? undefined : expected,
  )
})
