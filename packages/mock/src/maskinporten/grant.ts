import { isAbsoluteUri } from '@portvakt/core/internal'
import type { JWTPayload } from 'jose'
import type { Altinn } from '../altinn/altinn.js'
import { isOrganisationNumber } from '../organisation-claim.js'
import type { RegisteredClient } from '../registry/client.js'
import type { Registry } from '../registry/registry.js'
import type { RegisteredScope } from '../registry/scope.js'
import type { IssueTokenOptions } from './access-token.js'
import {
  checkAudience,
  checkClaimNames,
  checkSingleUse,
  checkStrings,
  checkTimes,
  readAssertion,
  type UsedAssertions,
} from './assertion.js'
import { authorizationDetailsOf } from './authorization-details.js'
import type { CertificateRules } from './certificate-chain.js'
import { checkClient } from './client-authentication.js'
import { GrantError } from './grant-error.js'

export interface GrantRules extends CertificateRules {
  readonly issuer: string
  readonly registry: Registry
  readonly altinn: Altinn
  readonly used: UsedAssertions
}

/**
 * Checks a JWT grant as Maskinporten does. Returns the options for issuing its token.
 *
 * @param trace receives the client id if the assertion names a registered client, even if the grant is refused
 * @throws {GrantError}
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_jwtgrant
 */
export function checkGrant(
  jws: string,
  rules: GrantRules,
  trace: { clientId?: string } = {},
): IssueTokenOptions {
  const { registry, altinn, clock } = rules
  const assertion = readAssertion(jws)
  const { claims } = assertion
  const client = registry.client(claims.iss)
  if (!client) throw new GrantError('MP-100', 'No client has the client id in `iss`.')
  trace.clientId = client.clientId
  const clientAmr = checkClient(assertion, client, rules)
  checkAudience(claims, rules.issuer)
  checkTimes(claims, Math.floor(clock.now() / 1000))
  checkStrings(claims)
  checkSingleUse(assertion, client.clientId, rules.used)
  checkClaimNames(claims)
  if (claims['iss_onbehalfof'] !== undefined) {
    // Reject this claim: the mock does not support it, and would issue a different token than Maskinporten.
    throw new GrantError('MP-011', '`iss_onbehalfof` is not supported by this mock.')
  }
  const names = scopesOf(claims)
  const parties = partiesOf(claims, client)
  const scopes = names.map((name) => grantedScope(name, client, parties.consumer, registry))
  return {
    ...parties,
    ...delegationOf(parties, scopes, altinn),
    scope: names,
    clientId: client.clientId,
    clientAmr,
    expiresIn: Math.min(...scopes.map(({ maxAge }) => maxAge)),
    ...audienceOf(claims),
    ...pidOf(claims),
    ...authorizationDetailsOf(claims, parties.consumer, altinn, clock.now()),
  }
}

function scopesOf({ scope }: JWTPayload): readonly string[] {
  const scopes = typeof scope === 'string' ? scope.split(' ').filter(Boolean) : []
  if (scopes.length === 0)
    throw new GrantError('MP-011', '`scope` must be a string of scopes, separated by spaces.')
  return scopes
}

/** The organisations in a grant. The client's owner is the supplier, unless the owner is the consumer. */
interface Parties {
  readonly consumer: string
  readonly supplier?: string
}

function partiesOf({ consumer_org: customer }: JWTPayload, client: RegisteredClient): Parties {
  const own = client.organisationNumber
  if (customer === undefined) return { consumer: own }
  if (!isOrganisationNumber(customer))
    throw new GrantError(
      'MP-011',
      '`consumer_org` must be an organisation number: nine digits, without 0192:.',
    )
  if (customer === own)
    throw new GrantError('own_consumer_org', '`consumer_org` names the owner of the client: omit it.')
  return { consumer: customer, supplier: own }
}

function grantedScope(
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
  const { integrationType: type } = client
  if (allowed.length > 0 && !allowed.includes(type)) {
    const types = `allows clients of type ${allowed.join(', ')}; this client is ${type}`
    throw new GrantError('MP-201', `The scope ${name.slice(0, 100)} ${types}.`)
  }
  // The provider grants scopes to the consumer, even if a supplier makes the request.
  if (consumers === 'all' || consumers.includes(consumer)) return scope
  throw new GrantError('MP-250', `The provider has not granted the scope to ${consumer}.`, { scope: name })
}

/**
 * Returns where the delegation is registered, if the grant has a supplier. A supplier needs a delegation for
 * every scope.
 */
function delegationOf(
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

/** Returns `resource` unchanged as the audience: a string or an array. */
function audienceOf({ resource }: JWTPayload): { audience?: string | readonly string[] } {
  if (resource === undefined) return {}
  const values: readonly unknown[] = Array.isArray(resource) ? resource : [resource]
  if (values.length === 0 || !values.every(isAbsoluteUri))
    throw new GrantError('MP-011', '`resource` must be an absolute URI, or an array of absolute URIs.')
  // The check above does not narrow the type.
  return { audience: resource as string | readonly string[] }
}

function pidOf({ pid }: JWTPayload): { pid?: string } {
  if (pid === undefined) return {}
  if (typeof pid === 'string' && /^[0-9]{11}$/.test(pid)) return { pid }
  throw new GrantError('MP-011', '`pid` must be eleven digits.')
}
