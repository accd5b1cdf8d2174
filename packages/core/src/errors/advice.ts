import type { MaskinportenError, MaskinportenReason } from './maskinporten-error.js'

/** What a refusal means to those who run the API, and what can be done about it. Fixed texts, safe to log. */
export interface Advice {
  readonly meaning: string
  readonly remedy: string
}

const NEW_TOKEN = 'The caller gets a new token and repeats the call.'
const REAL_TOKEN =
  'The caller sends the `access_token` from the answer of Maskinporten’s token endpoint, unchanged.'
const NOT_MASKINPORTEN =
  'If it goes on, find out where the caller got the token: Maskinporten does not make such ones.'
const OUR_RULE =
  'If the call is right, change the requirement of this route; otherwise nothing is to be done.'

const COME_BACK = 'Callers come back by Retry-After.'
const SEE_FAILURE = `See \`upstreamFailure\` in the event, or \`health()\`. ${COME_BACK}`

const ADVICE: Readonly<Record<MaskinportenReason, Advice>> = {
  no_credentials: {
    meaning: 'The request has no Authorization header.',
    remedy: 'The caller gets a token from Maskinporten and sends it as `Authorization: Bearer …`.',
  },
  other_scheme: {
    meaning: 'The Authorization header does not use the Bearer scheme.',
    remedy: 'The caller sends `Authorization: Bearer …`. A bare token lacks the word.',
  },
  ambiguous_credentials: {
    meaning: 'The request has several credentials, so nobody can say which of them counts.',
    remedy: 'Look for a proxy or a library that adds an Authorization header of its own.',
  },
  empty_token: {
    meaning: 'The Bearer scheme stands there without a token.',
    remedy: 'The caller’s token variable is probably empty: it checks the answer of the token endpoint.',
  },
  token_response: {
    meaning: 'The caller sent a JSON object, probably the whole token response, in place of a token.',
    remedy: 'The caller reads `access_token` from the token response and sends only that value.',
  },
  token_too_large: {
    meaning: 'The token is longer than `maxTokenLength`.',
    remedy:
      'A token with very many scopes: the caller asks for fewer at a time, or raise `maxTokenLength`. Above 16 KiB ' +
      'raise Node’s own limit too, with `--max-http-header-size`: it answers 431 before this library is asked.',
  },
  malformed_token: {
    meaning: 'The token is not a signed JWT in its one canonical spelling.',
    remedy: `Opaque, cut off, padded, or with the word Bearer inside. ${REAL_TOKEN}`,
  },
  unsupported_algorithm: {
    meaning: 'The token’s algorithm is not among `algorithms`, or not that of the key that it names.',
    remedy: NOT_MASKINPORTEN,
  },
  unsupported_header: {
    meaning: 'The header has `crit`, `b64` or `enc`, which change what a token means.',
    remedy: NOT_MASKINPORTEN,
  },
  wrong_type: {
    meaning: 'The header’s `typ` says that this is another kind of token.',
    remedy: REAL_TOKEN,
  },
  missing_key_id: {
    meaning: 'The header does not name a key (`kid`).',
    remedy: NOT_MASKINPORTEN,
  },
  client_assertion: {
    meaning: 'This is the grant that a client signs to get a token, and not a token.',
    remedy: `The caller posts it to Maskinporten’s token endpoint. ${REAL_TOKEN}`,
  },
  unknown_key: {
    meaning: 'The token claims to be from our issuer, but no key of that name is published there.',
    remedy: 'A forged or very old token, or a token of a mock with new keys. The caller gets a new one.',
  },
  unusable_key: {
    meaning:
      'The token names a key that is published, but that must not be used: see `keyProblem`. A key must be RSA ' +
      'of 2048–8192 bits with exponent 65537, public, for verifying, for an `alg` in `algorithms`, and the only one of its `kid`.',
    remedy: 'Report it to the issuer. `health()` lists the unusable keys. A mock may publish such a key too.',
  },
  bad_signature: {
    meaning: 'The signature does not belong to this header and these claims.',
    remedy: `The token was changed or cut off. ${REAL_TOKEN}`,
  },
  inactive_token: {
    meaning: 'Texas says that the token is not active, and nothing in it says why.',
    remedy:
      'It may have another algorithm than RS256, or Texas another issuer. Texas’s own log has the cause.',
  },
  malformed_claims: {
    meaning: 'The claim that `claim` names does not have the form that Maskinporten, or Altinn, gives it.',
    remedy:
      'Typical of test tokens made by hand: scope as a list, times as text. Use @portvakt/mock for tests.',
  },
  missing_claim: {
    meaning: 'The claim that `claim` names is missing. Every token from Maskinporten has it.',
    remedy: 'Typical of test tokens made by hand, and of general mocks. Use @portvakt/mock for tests.',
  },
  general_mock_token: {
    meaning:
      'The token is from a general mock of an OAuth server: its issuer is on http, and it has no `client_amr`. The ' +
      'claim that `claim` names is missing or malformed.',
    remedy: 'Use @portvakt/mock for tests, or have that mock set `scope` as a string, and `consumer`.',
  },
  sender_constrained: {
    meaning: 'The token is bound to a key (`cnf`), and the proof of that key is not verified here.',
    remedy: NOT_MASKINPORTEN,
  },
  expired: {
    meaning: 'The token’s `exp` has passed.',
    remedy: `${NEW_TOKEN} If it happens to new tokens too, compare this machine’s clock.`,
  },
  not_yet_valid: {
    meaning: 'The token’s `nbf` has not come.',
    remedy: 'Compare this machine’s clock with the right time.',
  },
  issued_in_future: {
    meaning: 'The token’s `iat` is in the future.',
    remedy: 'This machine’s clock is slow: synchronise it.',
  },
  lifetime_too_long: {
    meaning: 'The token lives longer than `maxTokenLifetime`.',
    remedy: `Maskinporten’s tokens live for minutes. ${NOT_MASKINPORTEN}`,
  },
  time_in_milliseconds: {
    meaning: 'The token’s `iat`, `nbf` or `exp` is in milliseconds. A JWT has seconds (RFC 7519 §2).',
    remedy:
      'Typical of test tokens made in JavaScript: divide `Date.now()` by 1000. Maskinporten’s own tokens have seconds.',
  },
  wrong_issuer: {
    meaning: 'The token’s `iss` is not exactly the issuer that this API accepts.',
    remedy: 'Compare the configured issuer, trailing slash included, with where the caller gets its tokens.',
  },
  wrong_environment: {
    meaning:
      'A test token at an API that accepts production’s, or a production token at one that accepts test’s.',
    remedy:
      'The caller uses the Maskinporten of this API’s environment, or calls the API of its own environment.',
  },
  phased_out_environment: {
    meaning: 'The token is from ver1 or ver2, test environments that Digdir has shut down.',
    remedy: 'The caller moves its client to test.maskinporten.no (or to production, maskinporten.no).',
  },
  idporten_token: {
    meaning: 'The token is from ID-porten: a person has logged in, or a client of that person’s.',
    remedy: 'The caller gets its token from Maskinporten, with a client of that integration type.',
  },
  skyporten_token: {
    meaning: 'The token is from Skyporten, Maskinporten’s variant for cloud platforms.',
    remedy: 'The caller gets its token from Maskinporten itself, or make a validator for that issuer.',
  },
  altinn_token: {
    meaning: 'The token was exchanged at Altinn: it is Altinn’s, for Altinn’s own APIs.',
    remedy: 'The caller sends the token that it got from Maskinporten, without exchanging it.',
  },
  wrong_audience: {
    meaning: 'The token’s `aud` is not among the accepted audiences, or it has none.',
    remedy:
      'The caller names one of them, written exactly so, as `resource` when it asks Maskinporten for a token.',
  },
  insufficient_scope: {
    meaning: 'The token is valid but does not have the scopes that this route requires.',
    remedy: 'The caller asks for the scope; its organisation may have to be granted it first.',
  },
  nais_scope_name: {
    meaning:
      'The token’s scope and the required one differ only in what NAIS puts before the name in nais.yaml.',
    remedy: 'Write the full name on both sides: naisScopeName({ product, name, separator }) gives it.',
  },
  consumer_not_allowed: {
    meaning: 'The organisation (`consumer`) is not among the requirement’s `consumers`.',
    remedy: OUR_RULE,
  },
  delegation_not_allowed: {
    meaning: 'A supplier calls on another organisation’s behalf, and the requirement forbids delegation.',
    remedy: OUR_RULE,
  },
  delegation_required: {
    meaning: 'An organisation calls for itself, and the requirement lets only suppliers in.',
    remedy: 'The supplier asks for a token with the consumer’s number as `consumer_org`.',
  },
  supplier_not_allowed: {
    meaning: 'The supplier is not among the requirement’s `suppliers`.',
    remedy: OUR_RULE,
  },
  delegation_source_not_allowed: {
    meaning: 'The token’s `delegation_source` is not among the requirement’s `sources`.',
    remedy: 'They are compared exactly, trailing slash included: see `delegationSource` in the event.',
  },
  system_user_required: {
    meaning: 'The token is not that of a system user.',
    remedy: 'The caller asks for a token with `authorization_details` of type urn:altinn:systemuser.',
  },
  consent_required: {
    meaning: 'No consent in the token was given to the consumer and covers what the requirement names.',
    remedy: 'The caller asks for a consent in Altinn, and names it in `authorization_details` of its grant.',
  },
  consent_expired: {
    meaning: 'The consent covers the call, but its `validTo` has passed.',
    remedy: 'The caller asks whoever gave it for a new one.',
  },
  pid_required: {
    meaning: 'The token is not restricted to a person.',
    remedy: 'The caller asks for a token with the person’s number as `pid`.',
  },
  pid_mismatch: {
    meaning: 'The request is about another person than the token, or about nobody.',
    remedy: 'The caller gets a token for each person. If it does, look at the requirement’s `pid` function.',
  },
  not_authorized: {
    meaning: 'The requirement’s own `authorize` did not return true.',
    remedy: 'Look at that function. A promise of true counts, any other value does not.',
  },
  no_guard: {
    meaning: 'The route declares no requirement, and default deny is on.',
    remedy: 'Guard the route, or mark it as public.',
  },
  keys_unavailable: {
    meaning: 'Maskinporten’s keys cannot be had, so nothing can be verified.',
    remedy: SEE_FAILURE,
  },
  introspection_unavailable: {
    meaning: 'Texas could not be asked, or could not check the token.',
    remedy: SEE_FAILURE,
  },
}

/**
 * What to tell an operator about a refusal. Frozen, as every event with this reason has the same object, unless a
 * failure is given.
 *
 * @param failure what failed and what to do about it, for an outage
 */
export function adviceFor(reason: MaskinportenReason, failure?: string): Advice {
  const advice = ADVICE[reason]
  if (failure === undefined || advice.remedy !== SEE_FAILURE) return Object.freeze(advice)
  return Object.freeze({ ...advice, remedy: `${failure}. ${COME_BACK}` })
}

const ADD_SLASH: Advice = Object.freeze({
  meaning: 'The token’s `iss` and the issuer that this API accepts differ only in the slash at the end.',
  remedy:
    'Write the configured issuer exactly as its tokens do. Maskinporten’s own issuers end with a slash.',
})

/** The same for one refusal, which may say more than its reason. */
export function adviceOn({ reason, onlySlashDiffers }: MaskinportenError, failure?: string): Advice {
  return onlySlashDiffers ? ADD_SLASH : adviceFor(reason, failure)
}
