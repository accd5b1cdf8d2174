import { expect, it } from 'vitest'
import { CONNECTION_HINTS, connectionHint, isTlsFailure } from '../../src/platform/connection-hint.js'
import { safeCause } from '../../src/platform/safe-cause.js'

it.each<[RegExp, boolean, string]>([
  [/nothing listens/, false, 'ECONNREFUSED'],
  [/not in DNS/, false, 'ENOTFOUND'],
  [/DNS does not answer/, false, 'EAI_AGAIN'],
  [/firewall.*proxy is needed$/, false, 'ETIMEDOUT UND_ERR_CONNECT_TIMEOUT'],
  [/closed before the answer.*restarting$/, false, 'ECONNRESET EPIPE UND_ERR_SOCKET'],
  [/no route/, false, 'EHOSTUNREACH ENETUNREACH'],
  [
    /NODE_EXTRA_CA_CERTS.*its own certificate$/,
    true,
    'DEPTH_ZERO_SELF_SIGNED_CERT SELF_SIGNED_CERT_IN_CHAIN',
  ],
  [/NODE_EXTRA_CA_CERTS/, true, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
  [/NODE_EXTRA_CA_CERTS/, true, 'UNABLE_TO_GET_ISSUER_CERT'],
  [/clock of this machine/, true, 'CERT_HAS_EXPIRED CERT_NOT_YET_VALID'],
  [/another host name.*in its place$/, true, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  [/no version of TLS.*in its place$/, true, 'EPROTO ERR_SSL_WRONG_VERSION_NUMBER'],
  [/no version of TLS/, true, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
])('connectionHint returns the hint %s, whose failures are of TLS: %s, for %s', (hint, isTls, codes) => {
  for (const code of codes.split(' ')) {
    expect(connectionHint(code)).toMatch(hint)
    expect(isTlsFailure(code)).toBe(isTls)
    expect(safeCause(Object.assign(new Error('x'), { code })).code).toBe(code)
  }
})

it('connectionHint returns the general hint for any other code', () => {
  for (const code of [undefined, 'EUNKNOWN', 'toString', '__proto__']) {
    expect(connectionHint(code)).toMatch(/^check outbound access, DNS and whether a proxy is needed$/)
    expect(isTlsFailure(code)).toBe(false)
  }
})

it('none of the hints suggests disabling TLS verification', () => {
  expect(Object.values(CONNECTION_HINTS).join()).not.toMatch(/REJECT_UNAUTHORIZED|insecure/i)
})
