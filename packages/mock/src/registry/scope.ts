import { isAbsoluteUri, takeList, takeOptions } from '@portvakt/core/internal'
import { isOrganisationNumber } from '../organisation-claim.js'
import { checkScopeName } from '../text-options.js'

/** A scope that a provider exposes. */
export interface MockScope {
  /** The full name, for example `nav:helse/sykepenger/afp.read`. */
  readonly name: string
  /**
   * The numbers of the organisations that are granted the scope. Default `'all'`, as with `accessibleForAll`.
   */
  readonly consumers?: readonly string[] | 'all'
  /** `at_max_age`: the maximum lifetime of a token with this scope, 1–3600 whole seconds. Default 120. */
  readonly maxAge?: number
  /** The integration types that can request the scope; empty for all types. Default: only `maskinporten`. */
  readonly allowedIntegrations?: readonly string[]
  /**
   * Where consumers register a delegation to a supplier. The value becomes the claim `delegation_source`.
   * Default: Altinn's test environment. With `'none'`, the scope cannot be delegated.
   */
  readonly delegationSource?: string
  /** Whether clients can get a token with the scope. A disabled scope is still registered. Default true. */
  readonly enabled?: boolean
}

export type RegisteredScope = Required<MockScope>

/** The default lifetime of a token, in seconds. */
export const DEFAULT_LIFETIME = 120

/** The value of `delegation_source` for Altinn, in tokens of Maskinporten's test environment. */
export const ALTINN = 'https://tt02.altinn.no/'

/** @throws {TypeError} naming the wrong option */
export function readScope(scope: MockScope): RegisteredScope {
  if (typeof scope === 'string') throw new TypeError("A scope takes an object: write { name: 'nav:x.read' }")
  const names = ['name', 'consumers', 'maxAge', 'allowedIntegrations', 'delegationSource', 'enabled'] as const
  const taken = takeOptions(scope, names, 'A scope')
  const { name, consumers = 'all', maxAge = DEFAULT_LIFETIME, delegationSource = ALTINN } = taken
  const { enabled = true, allowedIntegrations = ['maskinporten'] } = taken
  checkScopeName(name, 'A scope needs a full `name`')
  const granted = consumers === 'all' ? consumers : takeList(consumers, 'consumers')
  if (granted !== 'all' && !granted.every(isOrganisationNumber))
    throw new TypeError(`The \`consumers\` of ${name} must be organisation numbers (nine digits), or 'all'`)
  if (!Number.isInteger(maxAge) || maxAge < 1 || maxAge > 3600)
    throw new TypeError(`The \`maxAge\` of ${name} must be from 1 to 3600 whole seconds`)
  if (delegationSource !== 'none' && !isAbsoluteUri(delegationSource))
    throw new TypeError(`The \`delegationSource\` of ${name} must be an absolute URI, or 'none'`)
  if (typeof enabled !== 'boolean') throw new TypeError(`The \`enabled\` of ${name} must be true or false`)
  const allowed = takeList(allowedIntegrations, 'allowedIntegrations')
  if (!allowed.every((type) => typeof type === 'string'))
    throw new TypeError(`The \`allowedIntegrations\` of ${name} must be strings`)
  return { name, consumers: granted, maxAge, allowedIntegrations: allowed, delegationSource, enabled }
}
