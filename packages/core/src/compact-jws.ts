import { base64url } from 'jose'
import { refused } from './errors.js'
import { freezeJson, isObject, type JsonObject, own } from './json.js'

/** The signature algorithms that Maskinporten documents. */
export type SignatureAlgorithm = 'RS256' | 'RS384' | 'RS512'

export const ALGORITHMS: readonly SignatureAlgorithm[] = ['RS256', 'RS384', 'RS512']

/** A token whose spelling is right. Nothing about it is proven: its claims may only choose a refusal's reason. */
export interface CompactJws {
  readonly token: string
  readonly algorithm: SignatureAlgorithm
  readonly keyId: string
  /** Parsed and frozen, but not yet verified. */
  readonly unverifiedClaims: JsonObject
}

/** What the pre-check needs to know of the configuration. */
export interface CompactJwsRules {
  readonly algorithms: readonly SignatureAlgorithm[]
  /** Longest accepted token, in characters (which are bytes: a token is ASCII). */
  readonly maxTokenLength: number
}

/**
 * Checks everything about a token that needs no key: size, the one canonical spelling, and a header that we
 * understand completely. Costs no cryptography and no I/O, so a flood of garbage stays cheap.
 *
 * @throws {MaskinportenError} `invalid_token`
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-7.1 compact serialization
 */
export function readCompactJws(token: string, rules: CompactJwsRules): CompactJws {
  if (typeof token !== 'string') throw refused('malformed_token')
  if (token === '') throw refused('empty_token')
  if (token.length > rules.maxTokenLength) throw refused('token_too_large')

  // RFC 7515 §3.1: exactly three parts. Two is unsigned, five is encrypted (a JWE is never decrypted here).
  const [header, payload, signature, ...more] = token.split('.', 4)
  if (!isCanonical(header) || !isCanonical(payload) || !isCanonical(signature) || more.length > 0) {
    throw refused('malformed_token')
  }

  const { algorithm, keyId } = readHeader(jsonOf(header), rules.algorithms)
  return { token, algorithm, keyId, unverifiedClaims: jsonOf(payload) }
}

function readHeader(header: JsonObject, algorithms: readonly SignatureAlgorithm[]) {
  // RFC 8725 §3.1: the algorithm is ours to choose; the token only says which of ours it used.
  const alg = own(header, 'alg')
  const algorithm = algorithms.find((ours) => ours === alg)
  if (algorithm === undefined) throw refused('unsupported_algorithm')

  // RFC 7515 §4.1.11: an extension that must be understood, and we understand none. RFC 7797: `b64` changes
  // what is signed; some libraries ignore it without `crit`, so its mere presence is refused.
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) {
    throw refused('unsupported_header')
  }

  // RFC 8725 §3.11: tokens of another kind are not access tokens. Maskinporten itself sends no `typ`.
  const typ = own(header, 'typ')
  if (typ !== undefined && !(typeof typ === 'string' && ACCEPTED_TYPES.has(typ.toLowerCase()))) {
    throw refused('wrong_type')
  }

  // Maskinporten always names its key. Without that we would have to try keys, and never do.
  const keyId = own(header, 'kid')
  if (keyId === undefined) {
    // Only a client's grant names its key by a certificate chain instead; the chain itself is never looked at.
    throw refused(Object.hasOwn(header, 'x5c') ? 'client_assertion' : 'missing_key_id')
  }
  if (!isKeyId(keyId)) throw refused('malformed_token')
  return { algorithm, keyId }
}

// RFC 9068 §2.1 names `at+jwt`, with or without the media type's prefix.
const ACCEPTED_TYPES: ReadonlySet<string> = new Set(['jwt', 'at+jwt', 'application/at+jwt'])

/** A key's name: short, printable ASCII without quotes or backslash, so that it can be logged as it is. */
export function isKeyId(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/.test(value)
}

/**
 * RFC 7515 §2: base64url without padding or white space, with its unused last bits zero (RFC 4648 §3.5).
 * Decoders are laxer, so without this one token would have many accepted spellings.
 */
export function isCanonical(part: string | undefined): part is string {
  if (part === undefined || !/^[A-Za-z0-9_-]+$/.test(part)) return false
  const last = part.charAt(part.length - 1)
  switch (part.length % 4) {
    case 0:
      return true
    case 2:
      return 'AQgw'.includes(last)
    case 3:
      return 'AEIMQUYcgkosw048'.includes(last)
    default:
      return false
  }
}

// Invalid UTF-8 and a byte order mark are errors, not something to repair (RFC 7519 §7.2).
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function jsonOf(part: string): JsonObject {
  const bytes = atob(part.replaceAll('-', '+').replaceAll('_', '/'))
  // Garbage shows in its first byte; the decoder's exception, or the parser's, would cost more than all the rest.
  if (!mayBeginObject(bytes.charCodeAt(0))) throw refused('malformed_token')
  let value: unknown
  try {
    // Nearly every token is ASCII, whose bytes are its text.
    value = JSON.parse(/[\x80-\xff]/.test(bytes) ? utf8.decode(base64url.decode(part)) : bytes)
  } catch {
    // Without a cause: the parser's message quotes the token.
    throw refused('malformed_token')
  }
  if (!isObject(value) || !freezeJson(value)) throw refused('malformed_token')
  return value
}

/** RFC 8259 §2: a brace, or white space before it. */
function mayBeginObject(code: number): boolean {
  return code === 0x7b || code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d
}
