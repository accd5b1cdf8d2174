import { invalidToken, NOT_MASKINPORTEN, SEND_ACCESS_TOKEN } from './reason.js'

/** Refusals because of a token's form, header, key or signature, or because of Texas's verdict. */
export const TOKEN = {
  token_too_large: invalidToken('The token is larger than this API accepts.', {
    cause: 'The token is longer than `maxTokenLength`.',
    fix:
      'The caller requests fewer scopes at a time, or you raise `maxTokenLength`. Above 16 KiB also start Node ' +
      'with a higher `--max-http-header-size`: otherwise Node answers 431 itself.',
  }),
  malformed_token: invalidToken('The token is not a signed JWT in compact form.', {
    cause: 'The token is not a signed JWT in the one canonical encoding.',
    fix: `The token is opaque, cut off or padded, or it contains the word Bearer. ${SEND_ACCESS_TOKEN}`,
  }),
  unsupported_algorithm: invalidToken('The token uses an algorithm that this API does not accept.', {
    cause: 'The token’s `alg` is not among `algorithms`, or the key that it names is for another `alg`.',
    fix: NOT_MASKINPORTEN,
  }),
  unsupported_header: invalidToken('The token has a header parameter that this API does not accept.', {
    cause: 'The token’s header has `crit`, `b64` or `enc`, which change what a token means.',
    fix: NOT_MASKINPORTEN,
  }),
  wrong_type: invalidToken('The token is not an access token.', {
    cause: 'The `typ` in the token’s header names another kind of token.',
    fix: SEND_ACCESS_TOKEN,
  }),
  missing_key_id: invalidToken('The token does not name the key that signed it.', {
    cause: 'The token’s header does not name a key (`kid`).',
    fix: NOT_MASKINPORTEN,
  }),
  unknown_key: invalidToken('The token is signed with a key that Maskinporten does not publish.', {
    cause: 'The token names the accepted issuer, which does not publish a key with the token’s `kid`.',
    fix: 'The caller gets a new token. This one is forged, very old, or from a mock that has new keys.',
  }),
  unusable_key: invalidToken('The token is signed with a key that this API does not accept.', {
    cause: 'The key that the token names is published, but it must not be used: see `keyProblem`.',
    fix: 'Report the key to the issuer, which may be a mock. `health()` lists the unusable keys.',
  }),
  bad_signature: invalidToken('The signature of the token is not valid.', {
    cause: 'The signature does not match the token’s header and claims.',
    fix: `The token was changed or cut off. ${SEND_ACCESS_TOKEN}`,
  }),
  inactive_token: invalidToken('The token is not an active token of Maskinporten.', {
    cause: 'Texas says that the token is not active. The token itself does not show why.',
    fix: 'See Texas’s own log: the algorithm may not be RS256, or Texas may accept another issuer.',
  }),
}
