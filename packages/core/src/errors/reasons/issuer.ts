import { type Hint, invalidToken, SEND_ACCESS_TOKEN } from './reason.js'

/** Refusals of tokens that another issuer issued, or that the client signed itself. */
export const ISSUER = {
  wrong_issuer: invalidToken('The token is not from the Maskinporten environment that this API accepts.', {
    cause: 'The token’s `iss` is not exactly the issuer that this API accepts.',
    fix: 'Compare the configured issuer, trailing slash included, with where the caller gets its tokens.',
  }),
  wrong_environment: invalidToken('This API accepts tokens from another Maskinporten environment.', {
    cause: 'A test token was sent to an API for production, or a production token to an API for test.',
    fix: 'The caller uses the Maskinporten of this API’s environment, or the API of its own environment.',
  }),
  phased_out_environment: invalidToken('The token is from a Maskinporten environment that was shut down.', {
    cause: 'The token is from ver1 or ver2, test environments that Digdir has shut down.',
    fix: 'The caller moves its client to test.maskinporten.no (or to production, maskinporten.no).',
  }),
  idporten_token: invalidToken('The token is from ID-porten. This API accepts tokens from Maskinporten.', {
    cause: 'The token is from ID-porten, which issues tokens to clients in which a person logs in.',
    fix: 'The caller gets its token from Maskinporten, with a client of Maskinporten’s integration type.',
  }),
  skyporten_token: invalidToken('The token is from Skyporten. This API accepts tokens from Maskinporten.', {
    cause: 'The token is from Skyporten, Maskinporten’s variant for cloud platforms.',
    fix: 'The caller gets its token from Maskinporten, or you make a validator for Skyporten’s issuer.',
  }),
  altinn_token: invalidToken('The token is from Altinn. Send the Maskinporten token without exchanging it.', {
    cause: 'The token was exchanged at Altinn, so it is for Altinn’s own APIs.',
    fix: 'The caller sends the token that it got from Maskinporten, without exchanging it.',
  }),
  client_assertion: invalidToken('This is a grant. Exchange it at Maskinporten and send the access token.', {
    cause: 'This is the grant that a client signs to get a token, and not an access token.',
    fix: `The caller posts the grant to Maskinporten’s token endpoint. ${SEND_ACCESS_TOKEN}`,
  }),
}

/** Replaces the hint of `wrong_issuer` when only the trailing slash of the issuer differs. */
export const ADD_SLASH: Hint = Object.freeze({
  cause: 'The token’s `iss` and the issuer that this API accepts differ only in the slash at the end.',
  fix: 'Write the configured issuer exactly as its tokens do. Maskinporten’s own issuers end with a slash.',
})
