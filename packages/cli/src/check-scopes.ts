import { prepareScope } from '@portvakt/core/internal'
import { CommandLineError } from './options.js'

/**
 * Rejects a token that is given after --scope before the token is read as a scope, because the error about a
 * bad scope quotes the scope.
 *
 * @throws {CommandLineError} if one of the scopes is a token, or has no prefix
 */
export async function checkScopes(scopes: readonly string[] = []): Promise<void> {
  const { decodeToken } = await import('./decode.js')
  if (scopes.some((scope) => decodeToken(scope)))
    throw new CommandLineError('A token is not a scope: give it on standard input, or before the options')
  try {
    for (const scope of scopes) prepareScope(scope, '--scope')
  } catch (error) {
    throw new CommandLineError((error as TypeError).message)
  }
}
