import { isAbsoluteUri } from './options.js'

/**
 * Checks that an address of Maskinporten or Texas is an https: URL without user name and password. Keys,
 * grants and tokens can be read and replaced in transit over plain http, so http: is allowed only on
 * loopback, or with `insecureHttp`. If `issuer` is given, `insecureHttp` allows http: only on the origin of
 * `issuer`.
 *
 * @param name the name of the option (in backticks) or of the variable, for messages
 * @param issuer the issuer's URL, when `value` is the address of one of its endpoints
 * @throws {TypeError} that names the option or variable but does not quote the URL, which can contain a
 *   password
 */
export function checkUrl(value: unknown, name: string, insecureHttp: boolean, issuer?: URL): URL {
  if (!isAbsoluteUri(value))
    throw new TypeError(`${name} must be an absolute URL, without white space and quotes`)
  const url = new URL(value)
  if (hasUser(url)) throw new TypeError(`${name} must not hold a user name or password`)
  if (isConfidential(url)) return url
  if (url.protocol === 'http:' && insecureHttp && url.origin === (issuer ?? url).origin) return url
  throw new TypeError(
    `${name} must be an https: URL, or an http: URL of this machine. Within your own network, ` +
      '`insecureHttp: true` allows http: for an issuer, and for endpoints on the origin of that issuer',
  )
}

/** Whether requests to a URL cannot be read or replaced on the network: https, or http on this machine. */
export function isConfidential(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))
}

/**
 * Whether an address in the issuer's metadata has the issuer's scheme and host. The issuer does not vouch for
 * keys from another host, and another host could misuse an assertion that a client sends to it.
 */
export function isOnIssuersHost(address: unknown, issuer: string): address is string {
  // The length is checked before parsing: a host of 20,000 non-ASCII letters takes the URL parser a second,
  // because IDNA takes quadratic time.
  if (typeof address !== 'string' || address.length > 2048 || !URL.canParse(address)) return false
  const [url, home] = [new URL(address), new URL(issuer)]
  return url.protocol === home.protocol && url.host === home.host && !hasUser(url)
}

function hasUser({ username, password }: URL): boolean {
  return username !== '' || password !== ''
}

/** Whether a URL leads to this machine. `127.evil.example` does not. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}
