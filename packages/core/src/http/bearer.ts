import { type MaskinportenReason, refused } from '../errors/maskinporten-error.js'
import { isJsonObject } from '../jws/compact-jws.js'
import type { NodeRequest } from './node-answer.js'

/** What an adapter read: the Authorization header's value, every value of it, or nothing. */
export type Authorization = string | readonly string[] | null | undefined

/**
 * The values of every Authorization header of a Node request. A non-empty `rawHeaders` is the only authority:
 * Node keeps only the first of two Authorization headers in `headers`, and a proxy may have checked the second.
 *
 * Serverless wrappers and request mocks leave `rawHeaders` empty. Then the own members of `headers` named
 * `authorization`, in any case, are read. An array in `headers` is several credentials.
 *
 * @example
 * const decision = await validator.decide(authorizationValues(incoming), 'nav:x.read')
 */
export function authorizationValues({ rawHeaders, headers }: NodeRequest): readonly string[] {
  // Node's parser fills `rawHeaders`: if it is empty, a caller over HTTP sent no header (RFC 9110 §5.2).
  if (!rawHeaders?.length) return valuesIn(headers ?? {})
  const values: string[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    // By its length first: most names are others, and lower case costs as much as the rest of a decision.
    if (name?.length === 13 && name.toLowerCase() === 'authorization')
      values.push(rawHeaders[index + 1] ?? '')
  }
  return values
}

/** Only own members count, so that a polluted `Object.prototype` supplies no credentials. */
function valuesIn(headers: object): readonly string[] {
  return (
    Object.entries(headers)
      .filter(([name, value]) => name.toLowerCase() === 'authorization' && value !== undefined)
      .flatMap(([, value]): readonly unknown[] => (Array.isArray(value) ? value : [value]))
      // A non-string keeps its place: beside a string it makes the credentials ambiguous, alone it is refused.
      .map((value) => (typeof value === 'string' ? value : ''))
  )
}

/**
 * Header value in, token out: the only credential this library reads. A token in the query, the body or a
 * cookie is never looked at (RFC 9700 §4.3.2).
 *
 * @throws {MaskinportenError} `missing_token`, `invalid_request`, or `invalid_token` when the scheme stands alone
 */
export function bearerToken(authorization: Authorization): string {
  if (authorization === undefined || authorization === null) throw refused('no_credentials')
  const values: readonly unknown[] = Array.isArray(authorization) ? authorization : [authorization]
  if (values.length === 0) throw refused('no_credentials')
  const [value] = values
  // Two headers: whichever we chose, another party on the way may have chosen the other one.
  if (values.length > 1 || typeof value !== 'string') throw refused('ambiguous_credentials')

  const credentials = trimmed(value)
  // RFC 9110 §11.1: the scheme's name is case-insensitive; §11.4: spaces follow it, and nothing else.
  if (credentials.slice(0, SCHEME.length).toLowerCase() !== SCHEME) {
    throw refused(reasonAgainst(credentials))
  }
  let start = SCHEME.length
  while (credentials.charCodeAt(start) === 0x20) start++
  // RFC 6750 §2.1: a token has no comma, so a comma means that two headers were joined. A JSON object has commas
  // of its own, and is one credential; `readCompactJws` rejects it.
  if (!isJsonObject(credentials, start) && credentials.includes(',')) throw refused('ambiguous_credentials')
  return credentials.slice(start)
}

const SCHEME = 'bearer '

/** Why credentials are refused that do not begin with the scheme and a space. */
function reasonAgainst(credentials: string): MaskinportenReason {
  if (credentials === '') return 'no_credentials'
  if (!BEARER.test(credentials)) {
    return JOINED_CREDENTIALS.test(credentials) ? 'ambiguous_credentials' : 'other_scheme'
  }
  if (credentials.includes(',')) return 'ambiguous_credentials'
  return credentials.length < SCHEME.length ? 'empty_token' : 'malformed_token'
}

/** `Bearer2` is another scheme; `Bearer<TAB>` is ours. */
const BEARER = /^bearer(?![!#$%&'*+.^_`|~0-9A-Za-z-])/i

/** After a comma, `scheme SP something` begins a second credential; `name=value` goes on with the first. */
const JOINED_CREDENTIALS = /,[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+ +[^ =]/

/** RFC 9110 §5.5: white space around a field value is not part of it. Without a regular expression: linear. */
function trimmed(value: string): string {
  for (let start = 0; start < value.length; start++) {
    if (isBlank(value.charCodeAt(start))) continue
    let end = value.length
    // Stops at the character just found, at the latest.
    while (isBlank(value.charCodeAt(end - 1))) end--
    return value.slice(start, end)
  }
  return ''
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
