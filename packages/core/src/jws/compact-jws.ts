import { refused } from '../errors/maskinporten-error.js'
import { isObject, isSafeJson, type JsonObject, own } from '../platform/json.js'

/** The signature algorithms that Maskinporten documents. */
export type SignatureAlgorithm = 'RS256' | 'RS384' | 'RS512'

export const ALGORITHMS: readonly SignatureAlgorithm[] = Object.freeze(['RS256', 'RS384', 'RS512'] as const)

/** The algorithm and the key id in a token's header. */
export interface KeyName {
  readonly algorithm: SignatureAlgorithm
  readonly keyId: string
}

/** A parsed, unverified token. Its claims may be used only to refuse it, and must not leave this library. */
export interface CompactJws extends KeyName {
  readonly unverifiedClaims: JsonObject
  /** The whole token, in ASCII. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The signed part of `bytes` (RFC 7515 §5.2). */
  readonly signed: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array<ArrayBuffer>
}

export interface CompactJwsRules {
  readonly algorithms: readonly SignatureAlgorithm[]
  /** In characters. In an HTTP header, each character is one byte. */
  readonly maxTokenLength: number
}

/**
 * Parses a token and checks its size, canonical encoding and header. Uses no cryptography and no I/O, so that
 * a flood of malformed tokens is cheap.
 *
 * @throws {MaskinportenError} `invalid_token`
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-7.1 compact serialization
 */
export function readCompactJws(token: string, rules: CompactJwsRules): CompactJws {
  if (typeof token !== 'string') throw refused('malformed_token')
  if (token === '') throw refused('empty_token')
  if (isJsonObject(token)) throw refused('token_response')
  if (token.length > rules.maxTokenLength) throw refused('token_too_large')

  // RFC 7515 §3.1: a JWS has exactly three parts. A JWE has five (RFC 7516 §3.1), and is not supported.
  const first = token.indexOf('.')
  const last = token.indexOf('.', first + 1)
  if (last < 0 || token.includes('.', last + 1)) throw refused('malformed_token')
  // Non-ASCII characters become bytes that base64url does not allow.
  const bytes = ascii.encode(token)

  // Signature and header are short, so they are decoded first: most malformed tokens are refused without
  // decoding the payload.
  const signature = bytesOf(bytes.subarray(last + 1))
  const known = latest?.algorithms === rules.algorithms && token.startsWith(latest.text) ? latest : undefined
  const header = known ? undefined : jsonOf(bytesOf(bytes.subarray(0, first)))
  const payload = bytesOf(bytes.subarray(first + 1, last))
  if (header) {
    const text = utf8.decode(bytes.subarray(0, first + 1))
    latest = { text, algorithms: rules.algorithms, ...readHeader(header, rules.algorithms) }
  }
  const { algorithm, keyId } = known ?? (latest as Header)
  const unverifiedClaims = jsonOf(payload)
  return { algorithm, keyId, unverifiedClaims, bytes, signed: bytes.subarray(0, last), signature }
}

interface Header extends KeyName {
  /** The header in base64url, and the dot after it. */
  readonly text: string
  readonly algorithms: readonly SignatureAlgorithm[]
}

/** The header of the latest token, cached because most tokens that one key signs have the same header. */
let latest: Header | undefined

/** Whether a text begins like a JSON object, such as a whole token response (RFC 6749 §5.1). */
export function isJsonObject(text: string, start = 0): boolean {
  return text.charCodeAt(start) === 0x7b
}

function bytesOf(part: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = base64urlBytes(part)
  if (!bytes) throw refused('malformed_token')
  return bytes
}

function readHeader(header: JsonObject, algorithms: readonly SignatureAlgorithm[]) {
  // RFC 8725 §3.1: the configuration decides which algorithms are accepted.
  const alg = own(header, 'alg')
  const algorithm = algorithms.find((ours) => ours === alg)
  if (algorithm === undefined) throw refused('unsupported_algorithm')

  // RFC 7515 §4.1.11: `crit` names extensions, which are not supported. RFC 7797: `b64` changes the signed
  // text. Some libraries ignore `b64` without `crit`; this library refuses such a token. RFC 7516 §9: `enc`
  // marks a JWE.
  if (['crit', 'b64', 'enc'].some((name) => Object.hasOwn(header, name))) throw refused('unsupported_header')

  // RFC 8725 §3.11: `typ` can show that a JWT is not an access token. Maskinporten's tokens lack `typ`.
  const typ = own(header, 'typ')
  if (typ !== undefined && !isAcceptedType(typ)) throw refused('wrong_type')

  // Maskinporten's tokens always have `kid`. Only a client's grant can have `x5c` in place of `kid`. The
  // certificates in `x5c` are not read.
  const keyId = own(header, 'kid')
  if (keyId === undefined) throw refused(Object.hasOwn(header, 'x5c') ? 'client_assertion' : 'missing_key_id')
  if (!isKeyId(keyId)) throw refused('malformed_token')
  return { algorithm, keyId }
}

/**
 * `JWT` (RFC 7519 §5.1) or `at+jwt` (RFC 9068 §2.1) in any letter case. `application/` is optional (RFC 7515
 * §4.1.9).
 */
function isAcceptedType(typ: unknown): boolean {
  // A regular expression, because `toLowerCase` is slow for thousands of non-ASCII letters.
  return typeof typ === 'string' && /^(?:application\/)?(?:at\+)?jwt$/i.test(typ)
}

/** 1 to 256 printable ASCII characters without quotes or backslash, so that the id can be logged. */
export function isKeyId(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/.test(value)
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The base64url value of each character code; 255 for characters outside the alphabet. */
const VALUES = new Uint8Array(256).fill(255)
for (const [value, character] of [...ALPHABET].entries()) VALUES[character.charCodeAt(0)] = value

const ascii = new TextEncoder()

/**
 * Decodes canonical base64url: without padding or white space, with unused bits zero (RFC 7515 §2, RFC 4648
 * §3.5). Returns undefined for any other text. Does not use `atob`, because `atob` accepts several encodings
 * of the same bytes. Translating base64url to the alphabet of `atob` also takes 20 times as long for hyphens
 * as for letters.
 *
 * @param codes the ASCII codes of the text
 */
export function base64urlBytes(codes: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  if (codes.length === 0) return undefined
  const rest = codes.length % 4
  const whole = codes.length - rest
  const bytes = new Uint8Array((codes.length * 3) >> 2)
  let seen = 0
  let to = 0
  for (let from = 0; from < whole; from += 4) {
    const a = valueAt(codes, from)
    const b = valueAt(codes, from + 1)
    const c = valueAt(codes, from + 2)
    const d = valueAt(codes, from + 3)
    seen |= a | b | c | d
    bytes[to++] = (a << 2) | (b >> 4)
    bytes[to++] = (b << 4) | (c >> 2)
    bytes[to++] = (c << 6) | d
  }
  if (rest > 0) {
    const a = valueAt(codes, whole)
    // A missing second character counts as outside the alphabet. A missing third one counts as zero bits.
    const b = valueAt(codes, whole + 1)
    const c = rest === 3 ? valueAt(codes, whole + 2) : 0
    const unused = rest === 3 ? c & 0b11 : b & 0b1111
    if (unused !== 0) return undefined
    seen |= a | b | c
    bytes[to++] = (a << 2) | (b >> 4)
    // Two characters encode only one byte: for them, this write is past the end and is ignored.
    bytes[to] = (b << 4) | (c >> 2)
  }
  return seen < ALPHABET.length ? bytes : undefined
}

function valueAt(codes: Uint8Array, index: number): number {
  return VALUES[codes[index] ?? 0] ?? 0
}

// Rejects invalid UTF-8 (RFC 7519 §7.2).
const utf8 = new TextDecoder('utf-8', { fatal: true })

function jsonOf(bytes: Uint8Array): JsonObject {
  // RFC 8259 §2: an object begins with a brace or white space, and not with a byte order mark. Checked before
  // decoding, because an exception from the decoder or the parser would cost more than the rest of
  // `readCompactJws`.
  if (![0x7b, 0x20, 0x09, 0x0a, 0x0d].includes(bytes[0] ?? 0)) throw refused('malformed_token')
  let value: unknown
  try {
    value = JSON.parse(utf8.decode(bytes))
  } catch {
    // Refused below, without a cause, because the parser's message quotes the token.
  }
  if (!isObject(value) || !isSafeJson(value)) throw refused('malformed_token')
  return value
}
