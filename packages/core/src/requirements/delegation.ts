import { organisationNumbers } from '../claims/organisation.js'
import { type FixedSet, fixedSet, isAbsoluteUri, stringList, takeOptions } from '../platform/options.js'

/**
 * What a requirement demands about delegation: an organisation (`consumer`) may let another (`supplier`) use a
 * scope on its behalf, and the token then names both.
 *
 * - `'allowed'`: nothing, the same as leaving it out. Digdir's advice: grant access by the consumer, and log
 *   the supplier.
 * - `'forbidden'`: the consumer calls itself.
 * - `'required'`: a supplier calls.
 * - `suppliers` (organisation numbers) and `sources` (what `delegation_source` may be, compared exactly,
 *   trailing slash included): a supplier calls, and it or the delegation's register is one of these.
 *
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_func_delegering
 */
export type DelegationRule =
  | 'allowed'
  | 'forbidden'
  | 'required'
  | { readonly suppliers?: readonly string[]; readonly sources?: readonly string[] }

/** A delegation rule whose form was checked; undefined where nothing is demanded. */
export type PreparedDelegation =
  | 'forbidden'
  | {
      readonly suppliers: FixedSet<string> | undefined
      readonly sources: FixedSet<string> | undefined
    }
  | undefined

const REQUIRED: PreparedDelegation = Object.freeze({ suppliers: undefined, sources: undefined })

/** @throws {TypeError} for anything that is not a delegation rule, and for an empty one */
export function prepareDelegation(rule: DelegationRule | undefined): PreparedDelegation {
  if (rule === undefined || rule === 'allowed') return undefined
  if (rule === 'forbidden') return 'forbidden'
  if (rule === 'required') return REQUIRED
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) {
    throw new TypeError("`delegation` must be 'allowed', 'forbidden', 'required' or { suppliers, sources }")
  }
  const { suppliers, sources } = takeOptions(rule, ['suppliers', 'sources'], '`delegation`')
  if (suppliers === undefined && sources === undefined) {
    throw new TypeError("`delegation` is empty: name `suppliers` or `sources`, or write 'required'")
  }
  return Object.freeze({
    suppliers:
      suppliers === undefined ? undefined : fixedSet(organisationNumbers(suppliers, 'delegation.suppliers')),
    sources: sources === undefined ? undefined : fixedSet(delegationSources(sources)),
  })
}

function delegationSources(sources: unknown): readonly string[] {
  const form = 'an array of absolute URIs, as `delegation_source` spells them'
  if (!Array.isArray(sources)) throw new TypeError(`\`delegation.sources\` must be ${form}`)
  return stringList(sources, isAbsoluteUri, form, 'delegation.sources')
}
