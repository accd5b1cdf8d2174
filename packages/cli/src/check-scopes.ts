import { CommandLineError } from './options.js'

/**
 * Rejects a token that is given after --scope. The token would be read as a scope, and the error about that
 * scope would quote it.
 *
 * @throws {CommandLineError} if one of the scopes is a token
 */
export async function refuseTokens(scopes: readonly string[] = []): Promise<void> {
  const { decodeToken } = await import('./decode.js')
  if (scopes.some((scope) => decodeToken(scope)))
    throw new CommandLineError('A token is not a scope: give it on standard input, or before the options')
}
