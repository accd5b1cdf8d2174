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

/**
 * Checks that `fetch` can send a request, so that a wrong option is not reported as a failure of the API.
 *
 * @throws {CommandLineError} naming the option, without the error of `fetch`, which quotes values of headers
 */
export function checkRequest(
  url: string,
  { method = 'GET', headers = {}, body }: Readonly<RequestInit>,
): void {
  checkInit(url, {}, 'The address of the API must be an http: or https: URL without a user name')
  checkInit(url, { method }, '--method must be a method that can be sent, such as GET')
  checkInit(
    url,
    { method, headers },
    '--header must be `name: value`: a name without spaces, and a value of Latin-1 in one line',
  )
  if (body != null) checkInit(url, { method, body }, `--body cannot be sent with ${method}: set --method`)
}

function checkInit(url: string, init: RequestInit, rule: string): void {
  try {
    if (/^https?:/.test(new Request(url, init).url)) return
  } catch {
    // Reported below.
  }
  throw new CommandLineError(rule)
}
