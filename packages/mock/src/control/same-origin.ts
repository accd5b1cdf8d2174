import { isIPv6 } from 'node:net'

/** Maps each accepted host (with port) to the origin of the mock's pages at that host. */
export type OwnOrigins = ReadonlyMap<string, string>

/**
 * Returns the hosts at which a mock accepts requests: its address, loopback names at its port, and the host
 * of its issuer. Any other name that resolves to this machine, such as a container's, is accepted only as
 * `hostname` or as the host of `issuer`.
 *
 * @param url the mock's address
 * @param hostname the option `hostname`: a name or an address
 */
export function ownOrigins(url: string, hostname: string, issuer: string): OwnOrigins {
  const { port } = new URL(url)
  const names = ['127.0.0.1', '[::1]', 'localhost', isIPv6(hostname) ? `[${hostname}]` : hostname]
  const urls = [issuer, ...names.map((name) => `http://${name}:${port}/`), url]
  // An IPv6 address with a zone, such as `fe80::1%eth0`, cannot be part of a URL.
  const parsed = urls.filter((one) => URL.canParse(one)).map((one) => new URL(one))
  return new Map(parsed.map(({ host, origin }) => [host, origin]))
}

/** The local address and port of a connection. */
export interface ConnectedTo {
  readonly localAddress?: string | undefined
  readonly localPort?: number | undefined
}

/**
 * Refuses a request that a web page may have caused. Returns undefined for every other request.
 *
 * `Host` must name the mock. In DNS rebinding, the host name of an attacker's page resolves to this machine, so
 * that the browser would let the page read keys and tokens from the mock. But the browser still sends the
 * page's name as `Host`.
 *
 * `Origin` and `Sec-Fetch-Site` must not name another site, whatever the method, because a page can send a
 * form even if it cannot read the answer. OAuth clients outside browsers send neither header.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-7.2 `Host`
 * @see https://www.rfc-editor.org/rfc/rfc6454#section-7.3 `Origin`
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 */
export function refuseForeign(
  request: Request,
  own: OwnOrigins,
  connectedTo: ConnectedTo,
): Response | undefined {
  const { host } = new URL(request.url)
  const origin = own.get(host) ?? (host === hostOf(connectedTo) ? `http://${host}` : undefined)
  if (origin === undefined) return refusal(FOREIGN_HOST)
  // A page in a file or a sandboxed frame sends `null` as its origin, and is refused.
  const claimed = request.headers.get('origin') ?? origin
  // Browsers send this header only to https and loopback addresses, so it can be missing.
  const site = request.headers.get('sec-fetch-site') ?? 'none'
  const isOwn = claimed === origin && (site === 'same-origin' || site === 'none')
  return isOwn ? undefined : refusal(FOREIGN_SITE)
}

/**
 * Returns the connection's local address as a host. This host is safe to accept, because DNS rebinding needs
 * a name.
 */
function hostOf({ localAddress, localPort }: ConnectedTo): string | undefined {
  if (localAddress === undefined) return undefined
  const address = localAddress.replace(/^::ffff:/i, '')
  const name = isIPv6(address) ? `[${address}]` : address
  const url = `http://${name}:${localPort}/`
  return URL.canParse(url) ? new URL(url).host : undefined
}

const FOREIGN_HOST =
  'This mock answers only by its own address and port, `localhost`, and its issuer. To reach it by another name ' +
  'or port, start it with that in `issuer` or as `hostname`'

const FOREIGN_SITE =
  'This mock refuses requests from pages of other sites. To open its own page, type its address'

/** Uses the format of RFC 6749 §5.2, so that OAuth clients show the description. */
function refusal(description: string): Response {
  const body = { error: 'access_denied', error_description: description }
  return Response.json(body, { status: 403, headers: { 'cache-control': 'no-store' } })
}
