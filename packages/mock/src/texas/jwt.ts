/** The reason why a token is inactive, in Texas's words. */
export class Inactive extends Error {
  override readonly name = 'Inactive'
}

export type Json = Readonly<Record<string, unknown>>

/**
 * Reads a token's header as Texas's JWT library does. The library splits the token at the last two dots. It
 * checks the type of every member; a member that it does not know must be a string. It uses only the values
 * of `alg` and `kid`, and ignores even `crit`.
 *
 * @throws {Inactive} `invalid token header: …`
 * @see https://docs.rs/jsonwebtoken
 */
export function readTexasJwt(token: string) {
  const atSignature = token.lastIndexOf('.')
  const atPayload = atSignature > 0 ? token.lastIndexOf('.', atSignature - 1) : -1
  if (atPayload < 0) throw new Inactive('invalid token header: InvalidToken')
  const header = readJson(token.slice(0, atPayload), 'invalid token header', 'struct Header')
  return {
    ...readHeader(header),
    message: token.slice(0, atSignature),
    payload: token.slice(atPayload + 1, atSignature),
    signature: token.slice(atSignature + 1),
  }
}

const ALGORITHMS = 'HS256 HS384 HS512 ES256 ES384 RS256 RS384 RS512 PS256 PS384 PS512 EdDSA'.split(' ')

/**
 * Members of the header. A member in `LISTS` must be a list of strings. A member in `OPTIONAL` can also be
 * `null`.
 */
const LISTS = ['crit', 'x5c']
const OPTIONAL = ['typ', 'cty', 'jku', 'kid', 'x5u', 'x5t', 'x5t#S256', 'enc', 'zip', 'jwk', ...LISTS]

function readHeader(header: Json): { algorithm: string; keyId: string | undefined } {
  const { alg, kid } = header
  if (alg === undefined) throw invalidHeader('missing field `alg`')
  if (typeof alg !== 'string') throw invalidHeader('expected value')
  if (!ALGORITHMS.includes(alg))
    throw invalidHeader(`unknown variant \`${alg}\`, expected one of \`${ALGORITHMS.join('`, `')}\``)
  for (const [name, value] of Object.entries(header)) {
    if (value === null && OPTIONAL.includes(name)) continue
    const isRight = LISTS.includes(name)
      ? Array.isArray(value) && value.every((entry) => typeof entry === 'string')
      : typeof value === (name === 'jwk' ? 'object' : 'string')
    if (!isRight) throw invalidHeader(`invalid type: ${typeName(value)}, expected a string`)
  }
  return { algorithm: alg, keyId: typeof kid === 'string' ? kid : undefined }
}

const invalidHeader = (problem: string) => new Inactive(`invalid token header: JSON error: ${problem}`)

/**
 * Reads canonical base64url without padding.
 *
 * @param what the beginning of the error message
 * @throws {Inactive} `… Base64 error: …`
 */
export function readBase64url(part: string, what: string): Buffer {
  const offset = part.search(/[^A-Za-z0-9_-]/)
  if (offset >= 0) {
    const isPadding = /^=+$/.test(part.slice(offset))
    const symbol = `Invalid symbol ${part.charCodeAt(offset)}, offset ${offset}.`
    throw new Inactive(`${what}: Base64 error: ${isPadding ? 'Invalid padding' : symbol}`)
  }
  if (part.length % 4 === 1) throw new Inactive(`${what}: Base64 error: Invalid input length: ${part.length}`)
  const bytes = Buffer.from(part, 'base64url')
  if (bytes.toString('base64url') === part) return bytes
  const last = part.length - 1
  throw new Inactive(`${what}: Base64 error: Invalid last symbol ${part.charCodeAt(last)}, offset ${last}.`)
}

/**
 * Reads a JSON object in base64url as strictly as Texas does.
 *
 * @param expected the end of the error message
 * @throws {Inactive}
 */
export function readJson(part: string, what: string, expected: string): Json {
  const bytes = readBase64url(part, what)
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    throw new Inactive(`${what}: JSON error: expected value`)
  }
  const problem = problemIn(value)
  if (problem) throw new Inactive(`${what}: JSON error: ${problem}`)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new Inactive(`${what}: JSON error: invalid type: ${typeName(value)}, expected ${expected}`)
}

/** Returns the problem with a value that `JSON.parse` accepts and Texas rejects. */
function problemIn(value: unknown, depth = 1): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'number out of range'
  if (typeof value === 'string')
    return /\p{Surrogate}/u.test(value) ? 'unexpected end of hex escape' : undefined
  if (typeof value !== 'object' || value === null) return undefined
  if (depth > 127) return 'recursion limit exceeded'
  for (const member of [...Object.keys(value), ...Object.values(value)]) {
    const problem = problemIn(member, depth + 1)
    if (problem) return problem
  }
  return undefined
}

/** Returns Texas's name for the type of a JSON value. */
export function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'sequence'
  if (typeof value === 'object') return 'map'
  if (typeof value === 'string') return `string ${JSON.stringify(value)}`
  if (typeof value === 'boolean') return `boolean \`${value}\``
  return `${Number.isInteger(value) ? 'integer' : 'floating point'} \`${value}\``
}
