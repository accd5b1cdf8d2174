const UNTRUSTED =
  'the certificate is not signed by an authority that this process trusts: set NODE_EXTRA_CA_CERTS to a file ' +
  'with the certificate of that authority; a proxy that inspects TLS presents its own certificate'
const EXPIRED =
  'the certificate is not valid now: check the clock of this machine; if it is right, renew the certificate'
const NO_ANSWER =
  'the connection was not accepted in time: check outbound access (firewall, network policy) and whether a ' +
  'proxy is needed'
const CLOSED =
  'the connection was closed before the answer was complete: check for a firewall or a proxy in between; ' +
  'the server may also be restarting'
const NO_ROUTE = 'there is no route to the address: check the network of this machine and outbound access'
const OTHER_HOST =
  'the certificate is for another host name: check the host of the address, and whether a proxy answers in ' +
  'its place'
const NOT_TLS =
  'the server and this process have no version of TLS in common: check port and scheme of the address, and ' +
  'whether a proxy answers in its place'

/** Advice, by the system's error code. */
export const CONNECTION_HINTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at the address: check host and port, and that the server has started',
  ENOTFOUND: 'the host name is not in DNS: check how the address is written, and the DNS of this machine',
  EAI_AGAIN: 'DNS does not answer: check the DNS of this machine and its network',
  ETIMEDOUT: NO_ANSWER,
  UND_ERR_CONNECT_TIMEOUT: NO_ANSWER,
  ECONNRESET: CLOSED,
  EPIPE: CLOSED,
  UND_ERR_SOCKET: CLOSED,
  EHOSTUNREACH: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  CERT_HAS_EXPIRED: EXPIRED,
  CERT_NOT_YET_VALID: EXPIRED,
  ERR_TLS_CERT_ALTNAME_INVALID: OTHER_HOST,
  EPROTO: NOT_TLS,
  ERR_SSL_WRONG_VERSION_NUMBER: NOT_TLS,
}

/** Returns advice for a failed connection. `code` is the system's error code, as `safeCause` returns it. */
export function connectionHint(code = ''): string {
  const hint = Object.hasOwn(CONNECTION_HINTS, code) ? CONNECTION_HINTS[code] : undefined
  if (hint !== undefined) return hint
  return code.startsWith('ERR_SSL_') ? NOT_TLS : 'check outbound access, DNS and whether a proxy is needed'
}

/** Whether the code means that a server was reached but TLS failed. */
export function isTlsFailure(code: string | undefined): boolean {
  return [UNTRUSTED, EXPIRED, OTHER_HOST, NOT_TLS].includes(connectionHint(code))
}
