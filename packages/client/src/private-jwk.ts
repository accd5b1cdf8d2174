import { base64urlBytes, isObject, takeOptions } from '@portvakt/core/internal'
import type { JWK } from 'jose'
import { decodedBase64 } from './key-text.js'
import { checkModulus } from './private-key.js'

export interface PrivateJwk {
  /** The id under which the key is registered. */
  readonly kid: string
  /**
   * The key alone. WebCrypto would reject other members, such as `key_ops` with both `sign` and `verify`.
   */
  readonly key: JWK
}

/** The numbers of a private RSA key, all of which WebCrypto requires (RFC 7518 §6.3). */
const NUMBERS = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const

/**
 * @param owner what the error message calls the key
 * @throws {TypeError} naming the mistake and its fix, without quoting the key
 */
export function readJwk(given: JWK | string, owner = 'The JWK'): PrivateJwk {
  const jwk = takeOptions(typeof given === 'string' ? parseJwk(given, owner) : given, 'any', '`key.jwk`')
  const { kty, kid, use } = jwk
  const refuse: (problem: string) => never = (problem) => {
    throw new TypeError(`${owner} ${problem}`)
  }
  if (kty !== 'RSA') refuse('must be a private RSA key, with `kty` "RSA"')
  const bad = NUMBERS.find((name) => bytesOf(jwk[name]) === undefined)
  if (bad !== undefined)
    refuse(
      `must be a private RSA key: its \`${bad}\` is missing, or is not base64url. ` +
        `Give the whole key, with ${NUMBERS.join(', ')}`,
    )
  if (typeof kid !== 'string' || kid === '')
    refuse('must be a private RSA key with kid, the id that the key is registered under')
  checkModulus(bytesOf(jwk.n), owner)
  // `null` counts as absent: some tools write `null` for a missing member.
  const operations: unknown = jwk.key_ops ?? ['sign']
  if ((use ?? 'sig') !== 'sig') refuse('is not for signing: its `use` must be "sig", or be left out')
  if (!Array.isArray(operations) || !operations.includes('sign'))
    refuse('is not for signing: its `key_ops` must contain "sign", or be left out')
  return { kid, key: { kty, ...Object.fromEntries(NUMBERS.map((name) => [name, jwk[name]])) } }
}

function parseJwk(text: string, owner: string): JWK {
  // `trim` also removes a byte order mark.
  const json = text.trim()
  try {
    const jwk: unknown = JSON.parse(decodedBase64(json) ?? json)
    return isObject(jwk) ? jwk : {}
  } catch {
    // The error has no `cause`, because the parser's message quotes the key.
    throw new TypeError(`${owner} is not JSON, and not base64 of JSON`)
  }
}

/** Decodes base64url. Returns undefined for any other value. */
function bytesOf(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' ? base64urlBytes(new TextEncoder().encode(value)) : undefined
}
