export interface PemBlock {
  readonly label: string
  /** The text between the lines, without white space; empty if the END line is missing. */
  readonly body: string
}

/**
 * Reads the blocks of a PEM text. Skips other text, such as the bag attributes of `openssl pkcs12`, quotes
 * and a byte order mark. Line breaks can be written as `\n`, and the whole text can be in base64.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7468
 */
export function pemBlocks(given: string): readonly PemBlock[] {
  const text = (decodedBase64(given) ?? given).replace(/\\{1,4}[nr]/g, '')
  return text
    .split('-----BEGIN ')
    .slice(1)
    .map((part) => {
      const [label = '', ...rest] = part.split('-----')
      // The text between the BEGIN line and the END line.
      const body = (rest[0] ?? '').replace(/\s/g, '')
      const isWhole = rest[1] === `END ${label}` && rest.length > 2
      return { label, body: isWhole ? body : '' }
    })
}

/** Decodes UTF-8 text in base64 or base64url. Returns undefined for any other text. */
export function decodedBase64(text: string): string | undefined {
  const base64 = text.replace(/\s/g, '').replaceAll('-', '+').replaceAll('_', '/')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(base64)) || undefined
  } catch {
    // The bytes are not UTF-8.
  }
  return undefined
}

/** Decodes base64. Returns an empty array if the text is not base64. */
export function bytesOf(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  } catch {
    return new Uint8Array()
  }
}
