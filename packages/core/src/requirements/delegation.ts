import { organisationNumbers } from '../claims/organisation.js'
import { refused } from '../errors/maskinporten-error.js'
import { isAbsoluteUri, stringList, takeOptions } from '../platform/options.js'
import type { PreparedDemand } from './prepared-demand.js'

/**
 * Whether a supplier can call with a scope that a consumer has delegated to the supplier. A delegated token
 * names the consumer and the supplier.
 *
 * - `'allowed'`: both the consumer and a supplier can call. Digdir advises you to decide access by the
 *   consumer, and to log the supplier.
 * - `'forbidden'`: the consumer itself must call.
 * - `'required'`: a supplier must call.
 * - `{ suppliers, sources }`: one of `suppliers` (organisation numbers) must call, with one of `sources` as
 *   `delegation_source` (compared exactly, trailing slash included). Either list can be left out.
 *
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_func_delegering
 */
export type DelegationRule =
  | 'allowed'
  | 'forbidden'
  | 'required'
  | { readonly suppliers?: readonly string[]; readonly sources?: readonly string[] }

export interface DelegationDemand {
  /** Whether a supplier can, or must, call on the consumer's behalf. Default `'allowed'`. */
  readonly delegation?: DelegationRule
}

/**
 * A token with `supplier` or `delegation_source` is delegated. Only `supplier` names the organisation that
 * calls.
 */
export const delegation = {
  name: 'delegation',
  prepare({ delegation: rule }: DelegationDemand): PreparedDemand | undefined {
    if (rule === undefined || rule === 'allowed') return undefined
    if (rule === 'forbidden') return FORBIDDEN
    const { suppliers, sources }: Lists = rule === 'required' ? {} : prepareLists(rule)
    return {
      check({ token: { supplier, delegationSource } }): undefined {
        if (supplier === undefined) throw refused('delegation_required')
        if (suppliers && !suppliers.has(supplier.organisationNumber ?? ''))
          throw refused('supplier_not_allowed')
        if (sources && !sources.has(delegationSource ?? '')) throw refused('delegation_source_not_allowed')
      },
      expected() {
        const supplier = suppliers ? `a supplier from a list of ${suppliers.size}` : 'a supplier'
        return sources ? `${supplier}, delegated at ${[...sources].join(' or ')}` : supplier
      },
    }
  },
} as const

/** Without a list, every supplier or source is allowed. */
interface Lists {
  readonly suppliers?: ReadonlySet<string> | undefined
  readonly sources?: ReadonlySet<string> | undefined
}

const FORBIDDEN: PreparedDemand = {
  check({ token: { supplier, delegationSource } }): undefined {
    if (supplier !== undefined || delegationSource !== undefined) throw refused('delegation_not_allowed')
  },
  expected: () => 'forbidden',
}

function prepareLists(rule: Exclude<DelegationRule, string>): Lists {
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) {
    throw new TypeError("`delegation` must be 'allowed', 'forbidden', 'required' or { suppliers, sources }")
  }
  const { suppliers, sources } = takeOptions(rule, ['suppliers', 'sources'], '`delegation`')
  if (suppliers === undefined && sources === undefined) {
    throw new TypeError("`delegation` is empty: name `suppliers` or `sources`, or write 'required'")
  }
  return {
    suppliers:
      suppliers === undefined ? undefined : new Set(organisationNumbers(suppliers, 'delegation.suppliers')),
    sources: sources === undefined ? undefined : new Set(delegationSources(sources)),
  }
}

function delegationSources(sources: unknown): readonly string[] {
  const form = 'an array of absolute URIs, exactly as in `delegation_source`'
  if (!Array.isArray(sources)) throw new TypeError(`\`delegation.sources\` must be ${form}`)
  return stringList(sources, isAbsoluteUri, form, 'delegation.sources')
}
