import { checkConsumerOrg } from './grant.js'

/**
 * Asks for a token on behalf of a customer that has registered a system user for your system.
 *
 * @param customer the customer's organisation number
 * @param externalRef tells several system users of one customer apart
 * @example
 * client.getToken({ scope: 'altinn:x', authorizationDetails: [systemUser('314168267')] })
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_func_systembruker
 */
export function systemUser(customer: string, externalRef?: string): object {
  return {
    type: 'urn:altinn:systemuser',
    systemuser_org: { authority: 'iso6523-actorid-upis', ID: `0192:${checkConsumerOrg(customer)}` },
    ...(externalRef !== undefined && { externalRef }),
  }
}

/**
 * Asks for a token by a consent that a person or an organisation has given.
 *
 * @param id the consent's id
 * @param from who gave it: eleven digits for a person, nine for an organisation
 * @throws {TypeError} when `from` is neither
 * @example
 * const grant: Grant = {
 *   scope: 'skatt:some.scope',
 *   authorizationDetails: [consent('a1b2c3d4-0000-4000-8000-000000000000', '889640782')],
 * }
 * @see https://docs.digdir.no/docs/Maskinporten/maskinporten_func_samtykke
 */
export function consent(id: string, from: string): object {
  if (typeof id !== 'string' || id === '') throw new TypeError('`id` must be the id of a consent')
  const kind = /^[0-9]{11}$/.test(from) ? 'person' : /^[0-9]{9}$/.test(from) ? 'organization' : undefined
  if (kind === undefined)
    throw new TypeError('`from` must be eleven digits (a person) or nine (an organisation)')
  return { type: 'urn:altinn:consent', id, from: `urn:altinn:${kind}:identifier-no:${from}` }
}
