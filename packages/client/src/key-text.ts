import { takeOptions } from '@portvakt/core/internal'
import type { JWK } from 'jose'

/** @throws {TypeError} naming what is wrong; never the key */
export function readJwk(given: JWK | string): JWK & { kid: string } {
  const jwk = typeof given === 'string' ? parseJwk(given) : takeOptions(given, 'any', '`key.jwk`')
  const { kty, kid, n, d } = jwk
  if (kty !== 'RSA' || !n || !d || typeof kid !== 'string' || kid === '') {
    throw new TypeError('The JWK must be a private RSA key with kid, n and d')
  }
  return { ...jwk, kid }
}

function parseJwk(text: string): JWK {
  const json = withoutMark(text)
  try {
    const jwk: unknown = JSON.parse(decodedBase64(json) ?? json)
    return typeof jwk === 'object' && jwk !== null ? jwk : {}
  } catch {
    // Without a cause: the parser's message quotes the key.
    throw new TypeError('The private JWK is not JSON, and not base64 of JSON')
  }
}

/**
 * Finds certificates in PEM.
 *
 * @returns base64 of the DER, not base64url, the signing certificate first (RFC 7515 §4.1.6)
 * @throws {TypeError}
 */
export function readChain(pem: unknown): string[] {
  const blocks = typeof pem === 'string' ? pemBlocks(pem) : []
  const chain = blocks.filter(({ label }) => label === 'CERTIFICATE').map(({ body }) => body)
  if (chain.length > 0 && !chain.includes(undefined)) return chain.filter((body) => body !== undefined)
  throw new TypeError('`key.certificateChain` must hold certificates in PEM')
}

/** One block of a PEM text. */
export interface PemBlock {
  readonly label: string
  /** Base64 without white space; undefined where the END line is missing or the content is not base64. */
  readonly body: string | undefined
}

/**
 * The blocks of a PEM text. Whatever stands around them is skipped, such as the bag attributes of
 * `openssl pkcs12`, quotes and a byte order mark. Line breaks may be written as `\n`, and the text may be base64
 * of a PEM text.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7468
 */
export function pemBlocks(given: string): readonly PemBlock[] {
  const text = (decodedBase64(withoutMark(given)) ?? given).replace(/\\{1,4}[nr]/g, '\n')
  return text
    .split('-----BEGIN ')
    .slice(1)
    .map((part) => {
      const [label = '', ...rest] = part.split('-----')
      // Between the BEGIN line and the END line.
      const body = (rest[0] ?? '').replace(/\s/g, '')
      const isWhole = rest[1] === `END ${label}` && rest.length > 2
      return { label, body: isWhole && /^[A-Za-z0-9+/]+={0,2}$/.test(body) ? body : undefined }
    })
}

/** The text behind base64 or base64url; undefined where the text is neither, or stands for no text. */
export function decodedBase64(text: string): string | undefined {
  const base64 = text.replace(/\s/g, '').replaceAll('-', '+').replaceAll('_', '/')
  if (!/^[A-Za-z0-9+/]{16,}={0,2}$/.test(base64)) return undefined
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    return withoutMark(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}

/** Without white space at its ends, and without a byte order mark. */
function withoutMark(text: string): string {
  return text.replace(/^\ufeff/, '').trim()
}
