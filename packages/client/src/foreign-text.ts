import { maskPersons } from '@portvakt/core/internal'

/** In characters. */
const MAX_LENGTH = 300

/** In characters. The rest of a longer text is dropped before the expressions below run. */
const MAX_READ = 4000

/** The characters of JWTs, and of opaque tokens in base64, and of scopes. */
const RUN = /[A-Za-z0-9_~+/=.-]{24,}/g

/** A run that is the name of a scope, not a token: `accessmanagement/authorizedparties.resourceowner`. */
const SCOPE_NAME = /^[a-z_./-]{1,64}$/

/** The beginning of a JWT, whatever its length: base64url of `{"`. */
const JWT = /eyJ[A-Za-z0-9_.-]*/g

/**
 * Makes a foreign text safe to log: only the characters of RFC 6749 §5.2 (others become `?`), nothing like a token,
 * no run of 11 digits, at most 300 characters.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
export function printable(text: string): string {
  // Numbers are masked before the text is cut: a cut number would be too short to be found.
  return maskPersons(text, '[removed]')
    .slice(0, MAX_READ)
    .replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '?')
    .replace(JWT, '[removed]')
    .replace(RUN, (run) => (SCOPE_NAME.test(run) ? run : '[removed]'))
    .slice(0, MAX_LENGTH)
}
