import { refused } from '../errors/maskinporten-error.js'
import { isObject, isSafeJson, type JsonObject, own } from '../platform/json.js'

/** The signature algorithms that Maskinporten documents. */
export type SignatureAlgorithm = 'RS256' | 'RS384' | 'RS512'

export const ALGORITHMS: readonly SignatureAlgorithm[] = Object.freeze(['RS256', 'RS384', 'RS512'] as const)

/** A parsed, unverified token. Its claims may be used only to refuse it, and must not leave this library. */
export interface CompactJws {
  readonly token: string
  readonly algorithm: SignatureAlgorithm
  readonly keyId: string
  readonly unverifiedClaims: JsonObject
}

export interface CompactJwsRules {
  readonly algorithms: readonly SignatureAlgorithm[]
  /** In characters. In a header, each character is one byte. */
  readonly maxTokenLength: number
}

/**
 * Parses a token and checks its size, canonical encoding and header. A flood of malformed tokens is cheap,
 * because cryptography and I/O are not used.
 *
 * @throws {MaskinportenError} `invalid_token`
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-7.1 compact serialization
 */
export function readCompactJws(token: string, rules: CompactJwsRules): CompactJws {
  if (typeof token !== 'string') throw refused('malformed_token')
  if (token === '') throw refused('empty_token')
  if (isJsonObject(token)) throw refused('token_response')
  if (token.length > rules.maxTokenLength) throw refused('token_too_large')

  // RFC 7515 §3.1: exactly three parts. Five parts are a JWE (RFC 7516 §3.1), which is not supported.
  const [header = '', payload = '', signature, ...more] = token.split('.', 4)
  if (signature === undefined || more.length > 0) throw refused('malformed_token')

  // The short parts come first, so that most malformed tokens are refused without decoding the payload.
  bytesOf(signature)
  const headerMembers = jsonOf(bytesOf(header))
  const payloadBytes = bytesOf(payload)
  const { algorithm, keyId } = readHeader(headerMembers, rules.algorithms)
  return { token, algorithm, keyId, unverifiedClaims: jsonOf(payloadBytes) }
}

/** Whether a text begins like a JSON object, such as a whole token response (RFC 6749 §5.1). */
export function isJsonObject(text: string, start = 0): boolean {
  return text.charCodeAt(start) === 0x7b
}

function bytesOf(part: string): Uint8Array {
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
  // text; it is refused even without `crit`, because some libraries ignore `b64` then. RFC 7516 §9: `enc` marks
  // a JWE.
  if (['crit', 'b64', 'enc'].some((name) => Object.hasOwn(header, name))) throw refused('unsupported_header')

  // RFC 8725 §3.11: a token of another type is not an access token. Maskinporten does not send `typ`.
  const typ = own(header, 'typ')
  if (typ !== undefined && !isAcceptedType(typ)) throw refused('wrong_type')

  // Maskinporten always sends `kid`. Only a client's grant can have `x5c` instead; its certificates are not
  // read.
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
  // Not `toLowerCase`, which is slow for thousands of non-ASCII letters.
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
 * §3.5). Returns undefined for other texts. Does not use `atob`, because it accepts several encodings of the
 * same bytes, and translating to its alphabet takes 20 times as long for hyphens as for letters.
 */
export function base64urlBytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  const rest = text.length % 4
  if (text === '' || rest === 1) return undefined
  // Padded with zero bits, so that every group has four characters.
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
  const isCanonical = seen < ALPHABET.length && bytes.subarray(length).every((unused) => unused === 0)
  return isCanonical ? bytes.subarray(0, length) : undefined
}

function valueAt(codes: Uint8Array, index: number): number {
  return VALUES[codes[index] ?? 0] ?? 0
}

// Rejects invalid UTF-8 and a byte order mark (RFC 7519 §7.2).
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function jsonOf(bytes: Uint8Array): JsonObject {
  // RFC 8259 §2: an object begins with a brace or white space. Checked first, because an exception of the
  // decoder or the parser would cost more than everything else here.
  if (![0x7b, 0x20, 0x09, 0x0a, 0x0d].includes(bytes[0] ?? 0)) throw refused('malformed_token')
  let value: unknown
  try {
    value = JSON.parse(utf8.decode(bytes))
  } catch {
    // Without a cause, because the parser's message quotes the token.
    throw refused('malformed_token')
  }
  if (!isObject(value) || !isSafeJson(value)) throw refused('malformed_token')
  return value
}
