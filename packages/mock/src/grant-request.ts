import type { JWTPayload } from 'jose'
import type { Altinn } from './altinn.js'
import { GrantError } from './grant-error.js'
import type { RegisteredClient } from './mock-client.js'
import type { RegisteredScope } from './mock-scope.js'
import { isOrganisationNumber } from './organisation-claim.js'
import type { Registry } from './registry.js'

/** What a verified assertion asks for, and whether its client may have it. Each throws a `GrantError`. */

export function scopesOf({ scope }: JWTPayload): readonly string[] {
  const scopes = typeof scope === 'string' ? scope.split(' ').filter(Boolean) : []
  if (scopes.length === 0)
    throw new GrantError('MP-011', '`scope` must be a string of scopes, separated by spaces')
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
  if (!isOrganisationNumber(customer)) {
    throw new GrantError(
      'MP-011',
      '`consumer_org` must be an organisation number, nine digits without "0192:"',
    )
  }
  if (customer === own)
    throw new GrantError('MP-011', '`consumer_org` is the client’s own organisation: leave it out')
  return { consumer: customer, supplier: own }
}

export function grantedScope(
  name: string,
  client: RegisteredClient,
  consumer: string,
  registry: Registry,
): RegisteredScope {
  if (!registry.scopesOf(client).includes(name)) {
    throw new GrantError('MP-200', `${quote(name)} is not among the scopes of this client`)
  }
  const scope = registry.scope(name)
  if (!scope?.enabled)
    throw new GrantError('MP-250', `no provider exposes ${quote(name)}, so nobody is granted it`)
  const { allowedIntegrations: allowed, consumers } = scope
  if (allowed.length > 0 && !allowed.includes(client.integrationType)) {
    throw new GrantError(
      'MP-201',
      `${quote(name)} is for clients of type ${allowed.join(', ')}; this one is ${client.integrationType}`,
    )
  }
  // The provider grants the consumer, never the supplier.
  if (consumers === 'all' || consumers.includes(consumer)) return scope
  throw new GrantError('MP-250', `the provider has not granted ${quote(name)} to ${consumer}`)
}

/** Where the delegation is registered, for a supplier that has one for every scope. */
export function delegationOf(
  { consumer, supplier }: Parties,
  scopes: readonly RegisteredScope[],
  altinn: Altinn,
): { delegationSource?: string } {
  if (supplier === undefined) return {}
  for (const { name, delegationSource } of scopes) {
    if (delegationSource === 'none')
      throw new GrantError('MP-251', `${quote(name)} has no delegation source, so nobody can delegate it`)
    if (!altinn.hasDelegated(consumer, supplier, name)) {
      throw new GrantError(
        'MP-251',
        `the organisation in \`consumer_org\` has not delegated ${quote(name)} to ${supplier}`,
      )
    }
  }
  const [first] = scopes
  return first ? { delegationSource: first.delegationSource } : {}
}

/** `resource` becomes `aud`, in the form it came in. */
export function audienceOf({ resource }: JWTPayload): { audience?: string | readonly string[] } {
  if (resource === undefined) return {}
  const values: readonly unknown[] = Array.isArray(resource) ? resource : [resource]
  if (values.length === 0 || !values.every((value) => typeof value === 'string' && URL.canParse(value))) {
    throw new GrantError('MP-011', '`resource` must be an absolute URI, or an array of them')
  }
  // Checked just now, entry by entry.
  return { audience: resource as string | readonly string[] }
}

export function pidOf({ pid }: JWTPayload): { pid?: string } {
  if (pid === undefined) return {}
  if (typeof pid !== 'string' || !/^[0-9]{11}$/.test(pid))
    throw new GrantError('MP-011', '`pid` must be eleven digits')
  return { pid }
}

/** A name from the client, short and harmless, so that a message stays one line. */
function quote(name: string): string {
  return JSON.stringify(name.slice(0, 100))
}
