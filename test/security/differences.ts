import type { MaskinportenReason } from '@portvakt/core'

/**
 * What other libraries let in and this one refuses, by the reason with which it does. There is nothing the
 * other way round: what this library lets in, both of them let in.
 */
export const DIFFERENCES: Readonly<
  Record<'jose' | 'aws-jwt-verify', Partial<Record<MaskinportenReason, string>>>
> = {
  jose: {
    malformed_token:
      'jose decodes leniently: padding, unused bits, and members named __proto__; and it takes any string for a kid.',
    unsupported_header:
      'jose understands `b64` and ignores `enc` in a signed token; no access token has a use for either.',
    wrong_type: 'jose checks `typ` only where it is told which.',
    missing_key_id: 'jose takes the only key that fits; Maskinporten always names its key.',
    missing_claim:
      'jose requires what it is told to; Maskinporten’s tokens always have iss, iat, exp, scope and consumer.',
    malformed_claims: 'jose knows the registered claims alone, and takes infinity for a time.',
    sender_constrained: 'jose leaves `cnf` to its caller.',
    issued_in_future: 'jose judges `iat` only where it is told a longest age.',
    lifetime_too_long: 'jose knows no longest lifetime.',
    time_in_milliseconds: 'As for `issued_in_future` and `lifetime_too_long`.',
    insufficient_scope: 'jose leaves `scope` to its caller.',
    token_too_large: 'jose has no limit, and says so.',
  },
  'aws-jwt-verify': {
    malformed_token:
      'aws-jwt-verify decodes leniently: padding, unused bits; it drops members named __proto__.',
    unsupported_header: 'aws-jwt-verify ignores `crit`, `b64` and `enc`.',
    wrong_type: 'aws-jwt-verify does not read `typ`.',
    missing_claim: 'aws-jwt-verify takes a token without iat, exp, scope or consumer.',
    unsupported_algorithm: 'aws-jwt-verify takes ES256 for RS256 where the published key names no algorithm.',
    malformed_claims: 'aws-jwt-verify knows the registered claims alone.',
    expired:
      'aws-jwt-verify lets a token live through the second of its expiry; RFC 7519 §4.1.4 ends it there.',
    sender_constrained: 'aws-jwt-verify leaves `cnf` to its caller.',
    issued_in_future: 'aws-jwt-verify does not judge `iat`.',
    lifetime_too_long: 'aws-jwt-verify knows no longest lifetime.',
    time_in_milliseconds: 'As for `issued_in_future` and `lifetime_too_long`.',
    insufficient_scope: 'aws-jwt-verify checks `scope` only where it is told which.',
    token_too_large: 'aws-jwt-verify has no limit.',
  },
}
