import { isObject, own } from '../platform/json.js'

/**
 * The issuer that a metadata document names; undefined unless it is exactly one of the expected spellings.
 *
 * @example
 * const issuer = issuerIn(document, ['https://maskinporten.no/'])
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3.3 any other issuer's document is not used
 */
export function issuerIn(metadata: unknown, expected: readonly string[]): string | undefined {
  if (!isObject(metadata)) return undefined
  const named = own(metadata, 'issuer')
  return expected.find((issuer) => issuer === named)
}

/** In characters. A host of 20,000 non-ASCII letters takes the URL parser a second, as IDNA is quadratic. */
const LONGEST_ADDRESS = 2048

/**
 * The address of an endpoint that a metadata document names; undefined unless it is on the issuer's own host and
 * has the issuer's scheme. Keys from another host would not be Maskinporten's word, and an assertion that is sent
 * to another host could be used there.
 *
 * @param member the name in the document, such as `jwks_uri`
 * @example
 * const jwksUri = endpointIn(document, 'https://maskinporten.no/', 'jwks_uri')
 */
export function endpointIn(metadata: unknown, issuer: string, member: string): string | undefined {
  const address = isObject(metadata) ? own(metadata, member) : undefined
  if (typeof address !== 'string' || address.length > LONGEST_ADDRESS || !URL.canParse(address))
    return undefined
  const { protocol, host, username, password } = new URL(address)
  const home = new URL(issuer)
  const isOwn = protocol === home.protocol && host === home.host && username === '' && password === ''
  return isOwn ? address : undefined
}
