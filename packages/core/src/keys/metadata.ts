import { isObject, own } from '../platform/json.js'
import { isOnIssuersHost } from '../platform/url-rule.js'

/**
 * The issuer that a metadata document names; undefined unless it is exactly one of the expected issuers.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3.3 the metadata of any other issuer must not be used
 */
export function issuerIn(metadata: unknown, expected: readonly string[]): string | undefined {
  const named = isObject(metadata) ? own(metadata, 'issuer') : undefined
  return expected.find((issuer) => issuer === named)
}

/**
 * The address of an endpoint in metadata, such as `jwks_uri`; undefined unless it is on the issuer's host.
 */
export function endpointIn(metadata: unknown, issuer: string, member: string): string | undefined {
  const address = isObject(metadata) ? own(metadata, member) : undefined
  return isOnIssuersHost(address, issuer) ? address : undefined
}
