import { maskPersons } from '@portvakt/core/internal'

/** Characters that are kept of a foreign text. */
const MAX_LENGTH = 300

/** Read of a foreign text; the rest is only searched for national identity numbers. */
const MAX_READ = 4000

/** The characters of JWTs, and of opaque tokens in base64, and of scopes. */
const RUN = /[A-Za-z0-9_~+/=.-]{24,}/g

/** A run of letters that is a scope's name, and no token: `accessmanagement/authorizedparties.resourceowner`. */
const SCOPE_NAME = /^[a-z_./-]{1,64}$/

/** The beginning of a JWT, whatever its length: base64url of `{"`. */
const JWT = /eyJ[A-Za-z0-9_.-]*/g

/**
 * A foreign text that is safe to log: only the characters of RFC 6749 §5.2 (others become `?`), without anything
 * like a token, without runs of 11 digits, and not longer than 300 characters.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
export function printable(text: string): string {
  // Numbers go before the text is cut, so that none is cut into a shorter one.
  return maskPersons(text, '[removed]')
    .slice(0, MAX_READ)
    .replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '?')
    .replace(JWT, '[removed]')
    .replace(RUN, (run) => (SCOPE_NAME.test(run) ? run : '[removed]'))
    .slice(0, MAX_LENGTH)
}
