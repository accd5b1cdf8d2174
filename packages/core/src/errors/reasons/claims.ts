import { invalidToken, NOT_MASKINPORTEN } from './reason.js'

/** Refusals because of a missing or malformed claim, a claim `cnf`, or the token's times. */
export const CLAIMS = {
  malformed_claims: invalidToken('A claim of the token does not have the form that Maskinporten gives it.', {
    cause: 'The claim that `claim` names does not have the form that Maskinporten, or Altinn, gives it.',
    fix: 'Use @portvakt/mock for tests. Hand-made tokens often have `scope` as a list or times as text.',
  }),
  missing_claim: invalidToken('The token lacks a claim that tokens from Maskinporten always have.', {
    cause: 'The claim that `claim` names is missing. Every token from Maskinporten has it.',
    fix: 'Use @portvakt/mock for tests. Hand-made tokens and those of general mocks often lack claims.',
  }),
  general_mock_token: invalidToken('The token is from a general mock and lacks what Maskinporten sets.', {
    cause:
      'The claim that `claim` names is missing or malformed. The token is from a general mock of an OAuth server: ' +
      'its issuer is an http URL, and it does not have `client_amr`.',
    fix: 'Use @portvakt/mock for tests, or make that mock set `consumer`, and `scope` as a string.',
  }),
  sender_constrained: invalidToken('The token is bound to a key, and this API cannot verify that binding.', {
    cause: 'The token is bound to a key (`cnf`), and this library does not verify the proof of that key.',
    fix: NOT_MASKINPORTEN,
  }),
  expired: invalidToken('The token has expired. Get a new one.', {
    cause: 'The token’s `exp` has passed.',
    fix: 'The caller gets a new token and repeats the call. If new tokens fail too, check this machine’s clock.',
  }),
  not_yet_valid: invalidToken('The token is not valid yet.', {
    cause: 'The token’s `nbf` is in the future.',
    fix: 'Check this machine’s clock: it is probably slow.',
  }),
  issued_in_future: invalidToken('The issue time of the token is in the future.', {
    cause: 'The token’s `iat` is in the future.',
    fix: 'Check this machine’s clock: it is probably slow.',
  }),
  lifetime_too_long: invalidToken('The token is valid for longer than this API accepts.', {
    cause: 'The token’s lifetime is longer than `maxTokenLifetime`.',
    fix: `Maskinporten’s tokens are valid for minutes. ${NOT_MASKINPORTEN}`,
  }),
  time_in_milliseconds: invalidToken('A time in the token is in milliseconds; it must be in seconds.', {
    cause: 'The token’s `iat`, `nbf` or `exp` is in milliseconds. A JWT uses seconds (RFC 7519 §2).',
    fix: 'Divide `Date.now()` by 1000 where a test makes the token. Maskinporten’s tokens use seconds.',
  }),
}
