import { expect, it } from 'vitest'
import { CONNECTION_HINTS, connectionHint, isTlsFailure } from '../../src/platform/connection-hint.js'
import { safeCause } from '../../src/platform/safe-cause.js'

const GENERAL = 'check outbound access, DNS and whether a proxy is needed'

it.each([
  ['ECONNREFUSED', /nothing listens/, false],
  ['ENOTFOUND', /not in DNS/, false],
  ['EAI_AGAIN', /DNS does not answer/, false],
  ['ETIMEDOUT', /firewall.*proxy is needed$/, false],
  ['UND_ERR_CONNECT_TIMEOUT', /firewall/, false],
  ['ECONNRESET', /closed before the answer.*restarting$/, false],
  ['EPIPE', /closed before the answer/, false],
  ['UND_ERR_SOCKET', /closed before the answer/, false],
  ['EHOSTUNREACH', /no route/, false],
  ['ENETUNREACH', /no route/, false],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', /NODE_EXTRA_CA_CERTS.*its own certificate$/, true],
  ['SELF_SIGNED_CERT_IN_CHAIN', /NODE_EXTRA_CA_CERTS/, true],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /NODE_EXTRA_CA_CERTS/, true],
  ['UNABLE_TO_GET_ISSUER_CERT', /NODE_EXTRA_CA_CERTS/, true],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /NODE_EXTRA_CA_CERTS/, true],
  ['CERT_HAS_EXPIRED', /clock of this machine/, true],
  ['CERT_NOT_YET_VALID', /clock of this machine/, true],
  ['ERR_TLS_CERT_ALTNAME_INVALID', /another host name.*in its place$/, true],
  ['EPROTO', /no version of TLS.*in its place$/, true],
  ['ERR_SSL_WRONG_VERSION_NUMBER', /no version of TLS/, true],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', /no version of TLS/, true],
])('connectionHint explains %s, and safeCause keeps the code', (code, hint, isTls) => {
  expect(connectionHint(code)).toMatch(hint)
  expect(isTlsFailure(code)).toBe(isTls)
  const thrown = new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code }) })
  expect(safeCause(thrown).code).toBe(code)
})

it.each([undefined, 'EUNKNOWN', 'toString', '__proto__', 'constructor'])(
  'connectionHint returns the general hint for %s',
  (code) => {
    expect(connectionHint(code)).toBe(GENERAL)
    expect(isTlsFailure(code)).toBe(false)
  },
)

it('none of the hints suggests disabling TLS verification', () => {
  expect(Object.values(CONNECTION_HINTS).join()).not.toMatch(/REJECT_UNAUTHORIZED|insecure/i)
})
