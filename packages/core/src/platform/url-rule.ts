import { isLoopback } from './loopback.js'
import { isAbsoluteUri } from './options.js'

/**
 * Checks an address of Maskinporten or Texas. It must be an https: URL without user name and password. Keys,
 * grants and tokens can be read and replaced in transit over plain http, so http: is allowed only on loopback,
 * and with `insecureHttp` on the issuer's own origin.
 *
 * @param name of the option (in backticks) or variable, for messages
 * @param issuer the issuer's URL, when `value` is the address of one of its endpoints
 * @throws {TypeError} naming the option or variable; never quoting the URL, which may contain a password
 * @example
 * const url = checkUrl('https://maskinporten.no/token', '`tokenEndpoint`', false)
 */
export function checkUrl(value: unknown, name: string, insecureHttp: boolean, issuer?: URL): URL {
  if (!isAbsoluteUri(value)) throw new TypeError(`${name} must be an absolute URL, without white space`)
  const url = new URL(value)
  if (url.username || url.password) throw new TypeError(`${name} must not hold a user name or password`)
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) return url
  if (url.protocol === 'http:' && insecureHttp && url.origin === (issuer ?? url).origin) return url
  throw new TypeError(
    `${name} must be an https: URL, or lead to this machine. Within a network of your own, \`insecureHttp: true\` ` +
      'allows http: for an issuer, and for endpoints on the origin of that issuer',
  )
}
