import {
  createMaskinportenClient,
  type MaskinportenClient,
  systemUser,
  type TokenRequest,
} from '@portvakt/client'
import type { ChosenClient } from './client-options.js'
import { CommandLineError } from './options.js'
import { detailsIn, type TokenRequestOptions } from './token-request.js'

/** A token request without its scopes. */
export type Restrictions = Omit<TokenRequest, 'scope'>

/** @throws {CommandLineError} for several audiences, or details that are not JSON */
export function restrictionsOf(given: TokenRequestOptions): Restrictions {
  const { pid, systemUser: owner } = given
  const [resource, ...others] = given.audience ?? []
  if (others.length > 0) throw new CommandLineError('A client restricts a token to one --audience')
  const details = [
    ...(owner === undefined ? [] : [systemUser(owner)]),
    ...(detailsIn(given.authorizationDetails) ?? []),
  ]
  return {
    ...(resource !== undefined && { resource }),
    ...(pid !== undefined && { pid }),
    ...(details.length > 0 && { authorizationDetails: details }),
  }
}

/** @throws {TypeError} for a wrong configuration, naming the option or variable */
export function createChosenClient(
  { options }: ChosenClient,
  consumerOrg: string | undefined,
): MaskinportenClient {
  const client = createMaskinportenClient(options)
  return consumerOrg === undefined ? client : client.for({ consumerOrg })
}
