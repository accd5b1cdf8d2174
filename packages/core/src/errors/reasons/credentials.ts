import { reasonsOf } from './reason.js'

/** Refusals of the Authorization header, before there is a token. */
export const CREDENTIALS = {
  ...reasonsOf('missing_token', {
    no_credentials: {
      detail: 'Send an access token from Maskinporten in the Authorization header, as a Bearer token.',
      cause: 'The request has no Authorization header.',
      fix: 'The caller gets a token from Maskinporten and sends it as `Authorization: Bearer …`.',
    },
    other_scheme: {
      detail: 'The Authorization header must use the Bearer scheme.',
      cause: 'The Authorization header does not use the Bearer scheme.',
      fix: 'The caller sends `Authorization: Bearer …`. A token without the word Bearer is not accepted.',
    },
  }),
  ...reasonsOf('invalid_request', {
    ambiguous_credentials: {
      detail: 'Send exactly one Authorization header with exactly one credential.',
      cause: 'The request has more than one credential, so it is not clear which one counts.',
      fix: 'Look for a proxy or a library that adds an Authorization header of its own.',
    },
  }),
  ...reasonsOf('invalid_token', {
    empty_token: {
      detail: 'The Authorization header names the Bearer scheme but holds no token.',
      cause: 'The Authorization header has the word Bearer and no token after it.',
      fix: 'The caller checks the token response: the variable that holds its token is probably empty.',
    },
    token_response: {
      detail: 'Send only the `access_token` of the token response, without the JSON around it.',
      cause: 'The caller sent a JSON object, probably the whole token response, in place of a token.',
      fix: 'The caller reads `access_token` from the token response and sends only that value.',
    },
  }),
}
