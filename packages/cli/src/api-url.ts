import { isConfidential } from '@portvakt/core/internal'
import { CommandLineError } from './options.js'

/**
 * Checks the address of an API to which a token is sent. Like the client, rejects plain http to another
 * machine.
 *
 * @throws {CommandLineError} without quoting the URL, because its path can contain a national identity number
 */
export function checkApiUrl(url: string, option: string): void {
  if (URL.canParse(url) && isConfidential(new URL(url))) return
  throw new CommandLineError(`${option} must be an https: URL, or an http: URL of this machine`)
}
