import type { MaskinportenReason } from '@portvakt/core'

/**
 * Explains, for each refusal reason of Portvakt, why another library accepts some tokens that Portvakt
 * refuses. The other libraries accept every token that Portvakt accepts.
 */
export const DIFFERENCES: Readonly<
  Record<'jose' | 'aws-jwt-verify', Partial<Record<MaskinportenReason, string>>>
> = {
  jose: {
    malformed_token:
      'jose decodes leniently (padding, unused bits, members named __proto__) and accepts any string as kid.',
    unsupported_header:
      'jose understands `b64` and ignores `enc` in a signed token. Access tokens need neither.',
    wrong_type: 'jose checks `typ` only if configured.',
    missing_key_id: 'jose uses the only matching key. Maskinporten always names its key.',
    missing_claim:
      'jose requires configured claims only. Maskinporten’s tokens always have iss, iat, exp, scope and consumer.',
    malformed_claims: 'jose checks only the registered claims, and accepts infinity as a time.',
    sender_constrained: 'jose leaves `cnf` to its caller.',
    issued_in_future: 'jose checks `iat` only if a maximum age is configured.',
    lifetime_too_long: 'jose has no maximum lifetime.',
    time_in_milliseconds: 'As for `issued_in_future` and `lifetime_too_long`.',
    insufficient_scope: 'jose leaves `scope` to its caller.',
    token_too_large: 'jose has no limit, as it documents.',
  },
  'aws-jwt-verify': {
    malformed_token:
      'aws-jwt-verify decodes leniently (padding, unused bits) and drops members named __proto__.',
    unsupported_header: 'aws-jwt-verify ignores `crit`, `b64` and `enc`.',
    wrong_type: 'aws-jwt-verify does not read `typ`.',
    missing_claim: 'aws-jwt-verify accepts a token without iat, exp, scope or consumer.',
    unsupported_algorithm: 'aws-jwt-verify verifies ES256 as RS256 if the published key has no algorithm.',
    malformed_claims: 'aws-jwt-verify checks only the registered claims.',
    expired: 'aws-jwt-verify accepts a token in the second of its expiry. RFC 7519 §4.1.4 does not.',
    sender_constrained: 'aws-jwt-verify leaves `cnf` to its caller.',
    issued_in_future: 'aws-jwt-verify does not check `iat`.',
    lifetime_too_long: 'aws-jwt-verify has no maximum lifetime.',
    time_in_milliseconds: 'As for `issued_in_future` and `lifetime_too_long`.',
    insufficient_scope: 'aws-jwt-verify checks `scope` only if configured.',
    token_too_large: 'aws-jwt-verify has no limit.',
  },
}
