import { refused } from '../errors/maskinporten-error.js'
import { isObject, isSafeJson, type JsonObject, own } from '../platform/json.js'

/** The signature algorithms that Maskinporten documents. */
export type SignatureAlgorithm = 'RS256' | 'RS384' | 'RS512'

export const ALGORITHMS: readonly SignatureAlgorithm[] = Object.freeze(['RS256', 'RS384', 'RS512'] as const)

/**
 * A parsed token in its one accepted encoding. It is not verified: until then, its claims may only choose the reason of
 * a refusal, and never leave this library.
 */
export interface CompactJws {
  readonly token: string
  readonly algorithm: SignatureAlgorithm
  readonly keyId: string
  /** Parsed, but neither verified nor frozen. */
  readonly unverifiedClaims: JsonObject
}

/** The configuration that parsing needs. */
export interface CompactJwsRules {
  readonly algorithms: readonly SignatureAlgorithm[]
  /** Longest accepted token, in characters (which are bytes: a token is ASCII). */
  readonly maxTokenLength: number
}

/**
 * Parses a token, and checks everything that needs no key: size, the one canonical encoding, and a header without
 * unknown extensions. Uses no cryptography and no I/O, so a flood of garbage stays cheap.
 *
 * @throws {MaskinportenError} `invalid_token`
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-7.1 compact serialization
 */
export function readCompactJws(token: string, rules: CompactJwsRules): CompactJws {
  if (typeof token !== 'string') throw refused('malformed_token')
  if (token === '') throw refused('empty_token')
  if (isJsonObject(token)) throw refused('token_response')
  if (token.length > rules.maxTokenLength) throw refused('token_too_large')

  // RFC 7515 §3.1: exactly three parts. Two is unsigned, five is encrypted (a JWE is never decrypted here).
  const [header = '', payload = '', signature, ...more] = token.split('.', 4)
  if (signature === undefined || more.length > 0) throw refused('malformed_token')

  // The short parts first: most garbage is then refused without decoding the payload.
  bytesOf(signature)
  const headerMembers = jsonOf(bytesOf(header))
  const payloadBytes = bytesOf(payload)
  const { algorithm, keyId } = readHeader(headerMembers, rules.algorithms)
  return { token, algorithm, keyId, unverifiedClaims: jsonOf(payloadBytes) }
}

/** Whether a text that should be a token is a JSON object, such as a whole token response (RFC 6749 §5.1). */
export function isJsonObject(text: string, start = 0): boolean {
  return text.charCodeAt(start) === 0x7b
}

function bytesOf(part: string): Uint8Array {
  const bytes = base64urlBytes(part)
  if (!bytes) throw refused('malformed_token')
  return bytes
}

function readHeader(header: JsonObject, algorithms: readonly SignatureAlgorithm[]) {
  // RFC 8725 §3.1: the configuration chooses the algorithms; the token only names one of them.
  const alg = own(header, 'alg')
  const algorithm = algorithms.find((ours) => ours === alg)
  if (algorithm === undefined) throw refused('unsupported_algorithm')

  // RFC 7515 §4.1.11: an extension that must be understood, and none is. RFC 7797: `b64` changes the signed text;
  // some libraries ignore it without `crit`, so its presence alone is refused.
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) {
    throw refused('unsupported_header')
  }

  // RFC 7516 §9: `enc` marks a JWE, which this library does not decrypt. A signed token never has it.
  if (Object.hasOwn(header, 'enc')) throw refused('unsupported_header')

  // RFC 8725 §3.11: tokens of another kind are not access tokens. Maskinporten itself sends no `typ`.
  const typ = own(header, 'typ')
  if (typ !== undefined && !isAcceptedType(typ)) throw refused('wrong_type')

  // Maskinporten always names its key. Without that we would have to try keys, and never do.
  const keyId = own(header, 'kid')
  if (keyId === undefined) {
    // Only a client's grant names its key by a certificate chain instead; the chain itself is never looked at.
    throw refused(Object.hasOwn(header, 'x5c') ? 'client_assertion' : 'missing_key_id')
  }
  if (!isKeyId(keyId)) throw refused('malformed_token')
  return { algorithm, keyId }
}

/**
 * `JWT` (RFC 7519 §5.1) and `at+jwt` (RFC 9068 §2.1). RFC 7515 §4.1.9: the prefix `application/` may be left out, so
 * both forms mean the same, and case does not matter.
 */
function isAcceptedType(typ: unknown): boolean {
  // The expression has a fixed length: `toLowerCase` on thousands of non-ASCII letters is slow.
  return typeof typ === 'string' && /^(?:application\/)?(?:at\+)?jwt$/i.test(typ)
}

/** A key's name: short, printable ASCII without quotes or backslash, so that it can be logged as it is. */
export function isKeyId(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/.test(value)
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const LARGEST = ALPHABET.length - 1

/** The value of each character, by its code; above the largest for a character outside the alphabet. */
const VALUES = new Uint8Array(256).fill(255)
for (const [value, character] of [...ALPHABET].entries()) VALUES[character.charCodeAt(0)] = value

const ascii = new TextEncoder()

/**
 * Decodes base64url in its one canonical form: without padding or white space, with its unused last bits zero
 * (RFC 7515 §2, RFC 4648 §3.5). Returns undefined for everything else.
 *
 * Not by `atob`: it accepts several forms of the same bytes, and the translation from base64url takes 20 times as
 * long for a text of hyphens as for one of letters. This takes the same time for every text.
 */
export function base64urlBytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  const rest = text.length % 4
  if (text === '' || rest === 1) return undefined
  // Filled up with zero bits, so that every group has four characters.
  const codes = ascii.encode(text.padEnd(text.length + ((4 - rest) % 4), 'A'))
  const bytes = new Uint8Array((codes.length / 4) * 3)
  let seen = 0
  for (let from = 0, to = 0; from < codes.length; from += 4, to += 3) {
    const a = valueAt(codes, from)
    const b = valueAt(codes, from + 1)
    const c = valueAt(codes, from + 2)
    const d = valueAt(codes, from + 3)
    seen |= a | b | c | d
    bytes[to] = (a << 2) | (b >> 4)
    bytes[to + 1] = (b << 4) | (c >> 2)
    bytes[to + 2] = (c << 6) | d
  }
  const length = (text.length * 3) >> 2
  const isCanonical = seen <= LARGEST && bytes.subarray(length).every((unused) => unused === 0)
  return isCanonical ? bytes.subarray(0, length) : undefined
}

function valueAt(codes: Uint8Array, index: number): number {
  return VALUES[codes[index] ?? 0] ?? 0
}

// Invalid UTF-8 and a byte order mark are errors, not something to repair (RFC 7519 §7.2).
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function jsonOf(bytes: Uint8Array): JsonObject {
  // Garbage shows in its first byte; the decoder's exception, or the parser's, would cost more than all the rest.
  if (!mayBeginObject(bytes[0])) throw refused('malformed_token')
  let value: unknown
  try {
    value = JSON.parse(utf8.decode(bytes))
  } catch {
    // Without a cause: the parser's message quotes the token.
    throw refused('malformed_token')
  }
  if (!isObject(value) || !isSafeJson(value)) throw refused('malformed_token')
  return value
}

/** RFC 8259 §2: a brace, or white space before it. */
function mayBeginObject(code: number | undefined): boolean {
  return code === 0x7b || code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d
}
