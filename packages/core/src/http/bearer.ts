import { refused } from '../errors/maskinporten-error.js'
import type { MaskinportenReason } from '../errors/reasons/reasons.js'
import { isJsonObject } from '../jws/compact-jws.js'
import type { NodeRequest } from './node-answer.js'

/**
 * The value or the values of the Authorization header; null or undefined if the request lacks that header.
 */
export type Authorization = string | readonly string[] | null | undefined

/**
 * Returns the values of all Authorization headers of a Node request. `rawHeaders` is read unless it is empty,
 * because `headers` keeps only the first of two Authorization headers, and a proxy can have checked the
 * second.
 *
 * Serverless wrappers and request mocks leave `rawHeaders` empty. For such a request, the function reads the
 * own members of `headers` whose name is `authorization` in any letter case. Each entry of an array value
 * counts as a credential.
 *
 * @throws {TypeError} without a request, as when a guard of one framework is used in another
 * @example
 * const decision = await validator.decide(authorizationValues(incoming), 'nav:x.read')
 */
export function authorizationValues(request: NodeRequest): readonly string[] {
  if (!request) throw withoutRequestError()
  const { rawHeaders, headers } = request
  // Safe for HTTP requests: Node's parser fills `rawHeaders`, so if it is empty, the caller sent no headers.
  if (!rawHeaders?.length) return valuesIn(headers ?? {})
  const values: string[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    // The length is compared first: `toLowerCase` on every name would cost as much as the rest of a decision.
    if (name?.length === 13 && name.toLowerCase() === 'authorization')
      values.push(rawHeaders[index + 1] ?? '')
  }
  return values
}

function withoutRequestError(): TypeError {
  return new TypeError(
    "A guard was called without a request: use the guard of your framework's package, as middleware or a hook " +
      'and not as a plugin',
  )
}

/** Reads own members, so that a polluted `Object.prototype` does not supply credentials. */
function valuesIn(headers: object): readonly string[] {
  return (
    Object.entries(headers)
      .filter(([name, value]) => name.toLowerCase() === 'authorization' && value !== undefined)
      .flatMap(([, value]): readonly unknown[] => (Array.isArray(value) ? value : [value]))
      // A non-string becomes an empty string. A lone empty string is refused; next to another value, it
      // counts as a second credential.
      .map((value) => (typeof value === 'string' ? value : ''))
  )
}

/**
 * Extracts the token from an Authorization header. Tokens in the query, the body or a cookie are not read
 * (RFC 9700 §4.3.2).
 *
 * @throws {MaskinportenError} `missing_token`, `invalid_request`, or `invalid_token` if the scheme is not
 *   followed by a space and a token
 */
export function bearerToken(authorization: Authorization): string {
  if (authorization === undefined || authorization === null) throw refused('no_credentials')
  const values: readonly unknown[] = Array.isArray(authorization) ? authorization : [authorization]
  if (values.length === 0) throw refused('no_credentials')
  const [value] = values
  // If there are two headers, a proxy can have checked one header while this function reads the other header.
  if (values.length > 1 || typeof value !== 'string') throw refused('ambiguous_credentials')

  const credentials = trimmed(value)
  // RFC 9110 §11.1: the scheme is case-insensitive. §11.4: only spaces follow the scheme.
  if (credentials.slice(0, SCHEME.length).toLowerCase() !== SCHEME) throw refused(reasonAgainst(credentials))
  let start = SCHEME.length
  while (credentials.charCodeAt(start) === 0x20) start++
  // RFC 6750 §2.1: a token does not contain a comma, so a comma means that two headers were joined. A JSON
  // object can contain commas but is one credential, which `readCompactJws` rejects.
  if (!isJsonObject(credentials, start) && credentials.includes(',')) throw refused('ambiguous_credentials')
  return credentials.slice(start)
}

const SCHEME = 'bearer '

function reasonAgainst(credentials: string): MaskinportenReason {
  if (credentials === '') return 'no_credentials'
  if (!BEARER.test(credentials)) return JOINED.test(credentials) ? 'ambiguous_credentials' : 'other_scheme'
  if (credentials.includes(',')) return 'ambiguous_credentials'
  return credentials.length < SCHEME.length ? 'empty_token' : 'malformed_token'
}

/** Matches the scheme Bearer. `Bearer2` is another scheme, but `Bearer<TAB>` is not. */
const BEARER = /^bearer(?![!#$%&'*+.^_`|~0-9A-Za-z-])/i

/** After a comma, `scheme SP something` begins a second credential; `name=value` continues the first. */
const JOINED = /,[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+ +[^ =]/

/** Drops surrounding white space (RFC 9110 §5.5) in linear time, unlike a regular expression. */
function trimmed(value: string): string {
  for (let start = 0; start < value.length; start++) {
    if (isBlank(value.charCodeAt(start))) continue
    let end = value.length
    while (isBlank(value.charCodeAt(end - 1))) end--
    return value.slice(start, end)
  }
  return ''
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
