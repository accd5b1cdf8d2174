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
  if (hasUser(url)) throw new TypeError(`${name} must not hold a user name or password`)
  if (isConfidential(url)) return url
  if (url.protocol === 'http:' && insecureHttp && url.origin === (issuer ?? url).origin) return url
  throw new TypeError(
    `${name} must be an https: URL, or lead to this machine. Within a network of your own, \`insecureHttp: true\` ` +
      'allows http: for an issuer, and for endpoints on the origin of that issuer',
  )
}

/** Whether nothing on the network can read or replace what is sent to a URL: https, or http on this machine. */
export function isConfidential(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))
}

/** In characters. A host of 20,000 non-ASCII letters takes the URL parser a second, as IDNA is quadratic. */
const LONGEST_ADDRESS = 2048

/**
 * Whether an address that the issuer's metadata names is on the issuer's own scheme and host. Maskinporten does not
 * vouch for keys from another host, and an assertion that is sent to another host could be used there.
 */
export function isOnIssuersHost(address: unknown, issuer: string): address is string {
  if (typeof address !== 'string' || address.length > LONGEST_ADDRESS || !URL.canParse(address)) return false
  const [url, home] = [new URL(address), new URL(issuer)]
  return url.protocol === home.protocol && url.host === home.host && !hasUser(url)
}

function hasUser({ username, password }: URL): boolean {
  return username !== '' || password !== ''
}

/**
 * Whether a URL leads to this machine. Only whole addresses count: `127.evil.example` is another host.
 * @example
 * isLoopback(new URL('http://127.0.0.1:8089/')) // true
 */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}
