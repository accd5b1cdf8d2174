import { invalidRequest, invalidToken, missingToken } from './reason.js'

/** Refusals because of the Authorization header. */
export const CREDENTIALS = {
  no_credentials: missingToken('Send a Maskinporten token in the Authorization header, as a Bearer token.', {
    cause: 'The request has no Authorization header, or an empty one.',
    fix: 'The caller gets a token from Maskinporten and sends it as `Authorization: Bearer …`.',
  }),
  other_scheme: missingToken('The Authorization header must use the Bearer scheme.', {
    cause: 'The Authorization header does not use the Bearer scheme.',
    fix: 'The caller sends `Authorization: Bearer …`. A token without the word Bearer is not accepted.',
  }),
  ambiguous_credentials: invalidRequest('Send exactly one Authorization header with exactly one token.', {
    cause: 'The request has more than one credential, so it is not clear which one counts.',
    fix: 'Look for a proxy or a library that adds an Authorization header of its own.',
  }),
  empty_token: invalidToken('The Authorization header names the Bearer scheme but holds no token.', {
    cause: 'The Authorization header has the word Bearer and no token after it.',
    fix: 'The caller checks the token response: the variable that holds its token is probably empty.',
  }),
  token_response: invalidToken('Send only `access_token` from the token response, not the JSON around it.', {
    cause: 'The caller sent a JSON object, probably the whole token response, in place of a token.',
    fix: 'The caller reads `access_token` from the token response and sends only that value.',
  }),
}
