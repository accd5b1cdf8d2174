import { isNaisName } from '../claims/foreign-token.js'
import { MaskinportenError } from '../errors/maskinporten-error.js'
import { takeList, takeOptions } from '../platform/options.js'
import type { PreparedDemand, RequiredScope } from './prepared-demand.js'

/**
 * One scope, `allOf` (every part is required), or `anyOf` (one part is enough). Parts can be nested to any
 * depth. Scopes are compared exactly, case included: `nav:a` does not cover `nav:a.write`, and there are no
 * wildcards.
 *
 * @example
 * const writeOrAdmin: ScopeRequirement = { allOf: ['nav:x.read', { anyOf: ['nav:x.write', 'nav:x.admin'] }] }
 */
export type ScopeRequirement =
  | string
  | { readonly allOf: readonly ScopeRequirement[] }
  | { readonly anyOf: readonly ScopeRequirement[] }

export interface ScopeDemand {
  /** The scopes that the token must have. */
  readonly scope: ScopeRequirement
}

export const scope = {
  name: 'scope',
  prepare({ scope: requirement }: ScopeDemand): PreparedDemand | undefined {
    // For a rule without scope, `prepareRequirement` throws.
    if (requirement === undefined) return undefined
    const prepared = prepareScope(requirement)
    return {
      check({ token, hasScope }): undefined {
        if (prepared.allows(hasScope)) return
        const reason = isNaisName(token.scopes, prepared.names) ? 'nais_scope_name' : 'insufficient_scope'
        throw new MaskinportenError(reason, { requiredScopes: prepared.advertised })
      },
      expected: () => prepared.text,
      scope: prepared,
    }
  },
} as const

/**
 * @param path where the scope is in the rule, such as `scope.allOf[0]`, for the error message
 * @throws {TypeError} for a malformed requirement, such as a scope without its prefix, or an empty list
 */
export function prepareScope(requirement: ScopeRequirement, path = 'scope'): RequiredScope {
  if (typeof requirement === 'string') {
    checkScopeName(requirement, path)
    const names = Object.freeze([requirement])
    return Object.freeze<RequiredScope>({
      allows: (hasScope) => hasScope(requirement),
      advertised: names,
      names,
      text: requirement,
    })
  }
  const { kind, parts } = partsOf(requirement, path)
  const prepared = parts.map((part, index) => prepareScope(part, `${path}.${kind}[${index}]`))
  const text = prepared
    .map((part) => (part.names.length > 1 ? `(${part.text})` : part.text))
    .join(kind === 'allOf' ? ' and ' : ' or ')
  const advertised = kind === 'allOf' ? prepared : prepared.slice(0, 1)
  return Object.freeze<RequiredScope>({
    allows:
      kind === 'allOf'
        ? (hasScope) => prepared.every((part) => part.allows(hasScope))
        : (hasScope) => prepared.some((part) => part.allows(hasScope)),
    // The lists are frozen, because `PreparedRequirement.rule` exposes them.
    advertised: distinct(advertised.flatMap((part) => part.advertised)),
    names: distinct(prepared.flatMap((part) => part.names)),
    text,
  })
}

function distinct(names: readonly string[]): readonly string[] {
  return Object.freeze([...new Set(names)])
}

function partsOf(requirement: Exclude<ScopeRequirement, string>, path: string) {
  type Combination = { readonly [kind in 'allOf' | 'anyOf']?: readonly ScopeRequirement[] }
  if (Array.isArray(requirement)) throw new TypeError(`\`${path}\` is a list. ${allOrAny(requirement)}`)
  const mistake = `\`${path}\` must be a scope, { allOf: [...] } or { anyOf: [...] }`
  if (typeof requirement !== 'object' || requirement === null) throw new TypeError(mistake)
  const { allOf, anyOf } = takeOptions<Combination>(requirement, ['allOf', 'anyOf'], `\`${path}\``)
  const kind = allOf === undefined ? 'anyOf' : 'allOf'
  const given = allOf ?? anyOf
  if ((allOf !== undefined && anyOf !== undefined) || !Array.isArray(given)) throw new TypeError(mistake)
  const parts = takeList(given, `${path}.${kind}`)
  // `every` on an empty list is true, which would allow every caller.
  if (parts.length === 0) throw new TypeError(`\`${path}.${kind}\` is empty: name at least one scope`)
  return { kind, parts }
}

/**
 * Returns advice for a list without `allOf` or `anyOf`: the list does not show whether one scope is enough.
 */
export function allOrAny(list: readonly unknown[]): string {
  const isOfTexts = list.length > 0 && list.every((entry) => typeof entry === 'string')
  const scopes = isOfTexts ? JSON.stringify(list) : '[...]'
  return (
    `If a caller needs every scope of it, write { scope: { allOf: ${scopes} } }; ` +
    `if one is enough, write { scope: { anyOf: ${scopes} } }`
  )
}

function checkScopeName(scope: string, path: string): void {
  if (/[\s,]/.test(scope)) {
    throw new TypeError(
      `\`${path}\`: "${scope}" has white space or a comma. One string is one scope; ` +
        'for several write { allOf: [...] } or { anyOf: [...] }',
    )
  }
  // A scope-token (RFC 6749 §3.3), which a challenge can contain as a quoted string without escapes.
  if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)) {
    throw new TypeError(`\`${path}\`: "${scope}" is empty or has characters that no scope can have`)
  }
  if (!/^[^:]+:./.test(scope)) {
    throw new TypeError(
      `\`${path}\`: "${scope}" looks like a name from nais.yaml. ` +
        `Write the full scope with its prefix and product, for example ${exampleFor(scope)} (see naisScopeName)`,
    )
  }
}

function exampleFor(scope: string): string {
  const name = scope.replaceAll(':', '') || 'name'
  const full = naisScopeName({ product: 'product', name })
  return name.includes('/') ? `"nav:${name}", or "${full}" if the product is missing too` : `"${full}"`
}

/** The parts of the name of a scope that nais.yaml exposes. */
export interface NaisScope {
  /** The logical grouping, for example `arbeid`. */
  readonly product: string
  /** The name within the product, for example `some.scope.read` or `sykepenger/afp.read`. */
  readonly name: string
  /** Text between product and name. If empty or left out: `/` when the name contains a `/`, otherwise `:`. */
  readonly separator?: string
  /** The organisation's scope prefix. Default `nav`. */
  readonly prefix?: string
}

/**
 * Returns the full name of a scope that nais.yaml exposes, as NAIS computes it.
 *
 * @example
 * naisScopeName({ product: 'arbeid', name: 'some.scope.read' }) // nav:arbeid:some.scope.read
 * naisScopeName({ product: 'helse', name: 'sykepenger/afp.read' }) // nav:helse/sykepenger/afp.read
 * @throws {TypeError} naming the member that is missing or wrong
 * @see https://docs.nais.io/auth/maskinporten/reference/#fully-qualified-scopes
 */
export function naisScopeName(scope: NaisScope): string {
  const taken = takeOptions(scope, ['product', 'name', 'separator', 'prefix'], 'naisScopeName')
  const { product, name, separator = '', prefix = 'nav' } = taken
  for (const [option, value] of Object.entries({ product, name, prefix })) {
    if (typeof value !== 'string' || value === '')
      throw new TypeError(`\`${option}\` must be a non-empty string`)
  }
  if (typeof separator !== 'string') throw new TypeError('`separator` must be a string')
  return `${prefix}:${product}${separator || (name.includes('/') ? '/' : ':')}${name}`
}
