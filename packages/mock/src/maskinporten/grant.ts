import type { Altinn } from '../altinn/altinn.js'
import type { Registry } from '../registry/registry.js'
import type { IssueTokenOptions } from './access-token.js'
import {
  checkAudience,
  checkClaimNames,
  checkSingleUse,
  checkTimes,
  readAssertion,
  type UsedAssertions,
} from './assertion.js'
import { authorizationDetailsOf } from './authorization-details.js'
import type { CertificateRules } from './certificate-chain.js'
import { checkClient } from './client-authentication.js'
import { GrantError } from './grant-error.js'
import { audienceOf, delegationOf, grantedScope, partiesOf, pidOf, scopesOf } from './grant-request.js'

export interface GrantRules extends CertificateRules {
  readonly issuer: string
  readonly registry: Registry
  readonly altinn: Altinn
  readonly used: UsedAssertions
}

/** What became known of a grant, whether or not it earned a token. */
export interface GrantTrace {
  clientId?: string
}

/**
 * Checks a JWT grant as Maskinporten does, and says what token it earns.
 *
 * @param trace is told which registered client the assertion names, also when it is refused
 * @throws {GrantError}
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_jwtgrant
 */
export function checkGrant(jws: string, rules: GrantRules, trace: GrantTrace = {}): IssueTokenOptions {
  const { registry, altinn, clock } = rules
  const assertion = readAssertion(jws)
  const { claims } = assertion
  const client = registry.client(claims.iss)
  if (!client) throw new GrantError('MP-100', 'No client has the client id in `iss`.')
  trace.clientId = client.clientId
  const clientAmr = checkClient(assertion, client, rules)
  checkAudience(claims, rules.issuer)
  checkTimes(claims, Math.floor(clock.now() / 1000))
  checkSingleUse(assertion, client.clientId, rules.used)
  checkClaimNames(claims)
  if (claims['iss_onbehalfof'] !== undefined) {
    // It would change the token, so it is not ignored.
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
