import { maskPersons } from '@portvakt/core/internal'

/** Matches a run of the characters that occur in JWTs, in opaque tokens in base64, and in scopes. */
const RUN = /[A-Za-z0-9_~+/=.-]{24,}/g

/**
 * Matches a run that is part of a scope's name, not a token:
 * `accessmanagement/authorizedparties.resourceowner`.
 */
const SCOPE_NAME = /^[a-z_./-]{1,64}$/

/** Matches a JWT of any length: `eyJ` is base64url of `{"`. */
const JWT = /eyJ[A-Za-z0-9_.-]*/g

/** Replaces every national identity number, and all text that resembles a token or a part of a key. */
export function withoutSecrets(text: string): string {
  return maskPersons(text, '[removed]')
    .replace(JWT, '[removed]')
    .replace(RUN, (run) => (SCOPE_NAME.test(run) ? run : '[removed]'))
}
