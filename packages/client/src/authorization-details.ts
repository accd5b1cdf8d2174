import { checkConsumerOrg } from './token-request.js'

/**
 * Returns the `authorization_details` entry for a token that acts as a system user of your system. If an
 * agent owns the system user, the token does not name the agent's customer, so the API call must name that
 * customer.
 *
 * @param customer organisation number of the system user's owner: a customer, or an agent such as an
 * accountant
 * @param externalRef distinguishes between several system users of one organisation
 * @throws {TypeError} naming the parameter
 * @example
 * client.getToken({ scope: 'altinn:x', authorizationDetails: [systemUser('314168267')] })
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_func_systembruker
 */
export function systemUser(customer: string, externalRef?: string): object {
  const owner = checkConsumerOrg(customer, 'customer')
  if (externalRef !== undefined && typeof externalRef !== 'string')
    throw new TypeError('`externalRef` must be text')
  return {
    type: 'urn:altinn:systemuser',
    systemuser_org: { authority: 'iso6523-actorid-upis', ID: `0192:${owner}` },
    ...(externalRef !== undefined && { externalRef }),
  }
}

/**
 * Returns the `authorization_details` entry for a token based on the consent of a person or an organisation.
 *
 * @param id the consent's id
 * @param from the number of the person (eleven digits) or organisation (nine digits) that gave the consent
 * @throws {TypeError} if `id` is empty, or `from` has neither eleven nor nine digits
 * @example
 * const request: TokenRequest = {
 *   scope: 'skatt:some.scope',
 *   authorizationDetails: [consent('a1b2c3d4-0000-4000-8000-000000000000', '889640782')],
 * }
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_func_samtykke
 */
export function consent(id: string, from: string): object {
  if (typeof id !== 'string' || id === '') throw new TypeError('`id` must be the id of a consent')
  const kind = /^[0-9]{11}$/.test(from) ? 'person' : /^[0-9]{9}$/.test(from) ? 'organization' : undefined
  // A pattern also accepts a number, and a list of one string.
  if (typeof from !== 'string' || kind === undefined)
    throw new TypeError('`from` must be eleven digits (a person) or nine (an organisation)')
  return { type: 'urn:altinn:consent', id, from: `urn:altinn:${kind}:identifier-no:${from}` }
}
