import type { JWTPayload } from 'jose'
import type { Altinn } from '../altinn/altinn.js'
import { isOrganisationNumber } from '../organisation-claim.js'
import type { RegisteredClient } from '../registry/client.js'
import type { Registry } from '../registry/registry.js'
import type { RegisteredScope } from '../registry/scope.js'
import { GrantError } from './grant-error.js'

/** What a verified assertion asks for, and whether its client may have it. Each throws a `GrantError`. */

export function scopesOf({ scope }: JWTPayload): readonly string[] {
  const scopes = typeof scope === 'string' ? scope.split(' ').filter(Boolean) : []
  if (scopes.length === 0)
    throw new GrantError('MP-011', '`scope` must be a string of scopes, separated by spaces.')
  return scopes
}

/** Who the token is for, and who operates the client when that is somebody else. */
export interface Parties {
  readonly consumer: string
  readonly supplier?: string
}

/** The client's own organisation, or the one in `consumer_org`. */
export function partiesOf({ consumer_org: customer }: JWTPayload, client: RegisteredClient): Parties {
  const own = client.organisationNumber
  if (customer === undefined) return { consumer: own }
  if (!isOrganisationNumber(customer))
    throw new GrantError(
      'MP-011',
      '`consumer_org` must be an organisation number: nine digits, without the prefix 0192:.',
    )
  if (customer === own)
    throw new GrantError('own_consumer_org', '`consumer_org` names the owner of the client: omit it.')
  return { consumer: customer, supplier: own }
}

export function grantedScope(
  name: string,
  client: RegisteredClient,
  consumer: string,
  registry: Registry,
): RegisteredScope {
  if (!registry.scopesOf(client).includes(name))
    throw new GrantError('MP-200', 'The scope is not registered on this client.', { scope: name })
  const scope = registry.scope(name)
  if (!scope?.enabled) throw new GrantError('MP-250', 'No provider exposes the scope.', { scope: name })
  const { allowedIntegrations: allowed, consumers } = scope
  if (allowed.length > 0 && !allowed.includes(client.integrationType))
    throw new GrantError(
      'MP-201',
      `The scope ${name.slice(0, 100)} allows clients of type ${allowed.join(', ')}; this client is ${client.integrationType}.`,
    )
  // The provider grants the consumer, never the supplier.
  if (consumers === 'all' || consumers.includes(consumer)) return scope
  throw new GrantError('MP-250', `The provider has not granted the scope to ${consumer}.`, { scope: name })
}

/** Where the delegation is registered, for a supplier that has one for every scope. */
export function delegationOf(
  { consumer, supplier }: Parties,
  scopes: readonly RegisteredScope[],
  altinn: Altinn,
): { delegationSource?: string } {
  if (supplier === undefined) return {}
  for (const { name, delegationSource } of scopes) {
    const values = { consumer, scope: name, supplier }
    if (delegationSource === 'none')
      throw new GrantError('MP-251', 'The scope has no delegation source, so it cannot be delegated.', values)
    if (!altinn.hasDelegated(consumer, supplier, name))
      throw new GrantError('MP-251', 'No delegation is registered in Altinn.', values)
  }
  const [first] = scopes
  return first ? { delegationSource: first.delegationSource } : {}
}

/** `resource` becomes `aud`, in the form it came in. */
export function audienceOf({ resource }: JWTPayload): { audience?: string | readonly string[] } {
  if (resource === undefined) return {}
  const values: readonly unknown[] = Array.isArray(resource) ? resource : [resource]
  if (values.length === 0 || !values.every((value) => typeof value === 'string' && URL.canParse(value)))
    throw new GrantError('MP-011', '`resource` must be an absolute URI, or an array of absolute URIs.')
  // Checked just now, entry by entry.
  return { audience: resource as string | readonly string[] }
}

export function pidOf({ pid }: JWTPayload): { pid?: string } {
  if (pid === undefined) return {}
  if (typeof pid !== 'string' || !/^[0-9]{11}$/.test(pid))
    throw new GrantError('MP-011', '`pid` must be eleven digits.')
  return { pid }
}
