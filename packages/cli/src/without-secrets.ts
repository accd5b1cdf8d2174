/**
 * Whether a text could be a key or a token: JSON, several lines, base64 of JSON, or more than 200 characters.
 */
export const couldBeSecret = (text: string) =>
  text.length > 200 || (text.length > 30 && /[{\n]|eyJ/.test(text))

/** The arguments and values of options in which a key or a token may have been given by mistake. */
const SECRETS = [...process.argv.slice(2), process.env['PORTVAKT_MOCK_URL'] ?? '']
  .flatMap((text) => [text, text.slice(text.indexOf('=') + 1)])
  .map((text) => text.trim())
  .filter(couldBeSecret)

const REMOVED = '[removed: it could be a key or a token]'

/**
 * Removes from a message every argument that could be a key or a token. Messages of commander, of Node and of
 * other packages quote what they refuse, in whole or in part. Any part is dangerous: half of a prime factor,
 * the first member of some JWKs, is enough to compute the whole key.
 */
export function withoutSecrets(message: string): string {
  const text = SECRETS.reduce((rest, secret) => rest.replaceAll(secret, REMOVED), message)
  // The characters of base64 and of base64url.
  return text.replace(/[\w+/=-]{16,}/g, (run) =>
    SECRETS.some((secret) => secret.includes(run)) ? REMOVED : run,
  )
}
