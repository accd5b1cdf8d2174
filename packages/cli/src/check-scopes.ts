import { prepareScope } from '@portvakt/core/internal'
import { asCommandLineError, CommandLineError } from './options.js'

/**
 * Checks the scopes that an option names. Rejects a token that is given after the option before the token is read as a scope, because the error about a
 * bad scope quotes the scope.
 *
 * @throws {CommandLineError} if one of the scopes is a token, or has no prefix
 */
export async function checkScopes(scopes: readonly string[] = [], option = '--scope'): Promise<void> {
  const { decodeToken } = await import('./decode.js')
  if (scopes.some((scope) => decodeToken(scope)))
    throw new CommandLineError('A token is not a scope: give it on standard input, or before the options')
  try {
    for (const scope of scopes) prepareScope(scope, option)
  } catch (error) {
    asCommandLineError(error)
  }
}
