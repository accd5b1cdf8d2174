import { isObject } from '@portvakt/core/internal'
import { Option } from 'commander'
import { CommandLineError, matching, organisationOption } from './options.js'

/** The options of a token request, besides its scopes. */
export interface TokenRequestOptions {
  readonly audience?: readonly string[]
  readonly pid?: string
  readonly consumerOrg?: string
  readonly systemUser?: string
  readonly authorizationDetails?: string
}

export const tokenRequestOptions = () => [
  new Option(
    '--audience <uris...>',
    'the APIs that the token is restricted to; a client can name one, its `resource`',
  ),
  new Option('--pid <number>', 'the person that the token is restricted to').argParser(
    matching(/^[0-9]{11}$/, '--pid must be eleven digits'),
  ),
  organisationOption('--consumer-org', 'the customer on whose behalf a client asks'),
  organisationOption('--system-user', 'the organisation that owns the system user'),
  new Option('--authorization-details <json>', 'a consent, or a system user with its externalRef'),
]

/**
 * Parses the text here and not in commander, because commander's errors quote the argument, which can contain
 * a national identity number.
 *
 * @throws {CommandLineError} unless the text is the JSON of an object, or of a list of objects
 */
export function detailsIn(text: string | undefined): readonly object[] | undefined {
  if (text === undefined) return undefined
  try {
    const details: unknown = JSON.parse(text)
    const entries: readonly unknown[] = Array.isArray(details) ? details : [details]
    if (entries.length > 0 && entries.every(isObject)) return entries
  } catch {
    // Drop the parser's error, because its message also quotes the text.
  }
  throw new CommandLineError('--authorization-details must be the JSON of an object, or of a list of objects')
}
