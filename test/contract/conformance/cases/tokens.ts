import { READ, SUPPLIER, UNUSABLE_KEYS, WRITE } from '../api.js'
import { authorization, type Case, INACTIVE, invalid } from '../case.js'

/** The time in seconds since the epoch, this much later. */
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds

/** Cases about the header, signature and claims of a token. */
export const TOKENS: readonly Case[] = [
  {
    title: 'a token with several scopes',
    source: 'RFC 6749 §3.3',
    token: { scope: `nav:other ${READ} ${WRITE}` },
  },
  {
    title: 'a token with an audience that the route does not require',
    source: 'Digdir, audience-restricted tokens',
    token: { audience: 'https://other.no' },
  },
  {
    title: 'a token with the legacy audience',
    source: 'Digdir, audience-restricted tokens',
    token: { audience: 'unspecified' },
  },
  { title: 'a delegated token', source: 'Digdir, delegation', token: { supplier: SUPPLIER } },
  {
    title: 'a token signed with RS512',
    source: 'Digdir, access token',
    token: { algorithm: 'RS512' },
    texas: INACTIVE,
  },

  {
    title: 'a token without its signature',
    source: 'RFC 8725 §3.1',
    headers: (token) => authorization(`Bearer ${token.slice(0, token.lastIndexOf('.') + 1)}`),
    ...invalid('malformed_token'),
  },
  {
    title: 'a token whose signature does not match',
    source: 'RFC 7515 §5.2',
    headers: (token) => authorization(`Bearer ${token.slice(0, -8)}AAAAAAAA`),
    ...invalid('bad_signature'),
  },
  {
    title: 'a token with an unknown kid',
    source: 'RFC 8725 §3.10',
    token: { header: { kid: 'unknown' } },
    ...invalid('unknown_key'),
  },
  ...UNUSABLE_KEYS.map(({ kid }) => ({
    title: `a token with the kid of the unusable key “${kid}”`,
    source: 'RFC 7517 §5',
    token: { header: { kid } },
    ...invalid('unusable_key'),
  })),
  {
    title: 'a token without a kid',
    source: 'RFC 8725 §3.10',
    token: { header: { kid: undefined } },
    ...invalid('missing_key_id'),
  },
  {
    title: 'a token with the algorithm none',
    source: 'RFC 8725 §3.1',
    token: { header: { alg: 'none' } },
    ...invalid('unsupported_algorithm'),
  },
  {
    title: 'a token with a critical header parameter',
    source: 'RFC 7515 §4.1.11',
    token: { header: { crit: ['exp'] } },
    ...invalid('unsupported_header'),
  },
  {
    title: 'a token longer than maxTokenLength',
    source: 'RFC 8725 §3.11',
    token: { claims: { padding: 'x'.repeat(5000) } },
    ...invalid('token_too_large'),
  },
  {
    title: 'a token of the type application/jwt',
    source: 'RFC 7515 §4.1.9',
    token: { header: { typ: 'application/jwt' } },
  },
  {
    title: 'a signed token with the header enc',
    source: 'RFC 7516 §9',
    token: { header: { enc: 'A256GCM' } },
    ...invalid('unsupported_header'),
  },
  {
    title: 'a token whose sub is a number',
    source: 'RFC 7519 §4.1.2',
    token: { claims: { sub: 7 } },
    ...invalid('malformed_claims'),
  },
  {
    title: 'a token whose sub is null',
    source: 'RFC 7519 §4.1.2',
    token: { claims: { sub: null } },
    ...invalid('malformed_claims'),
  },
  { title: 'a token whose sub is a string', source: 'RFC 7519 §4.1.2', token: { claims: { sub: 'x' } } },
  {
    title: 'a token of the type dpop+jwt',
    source: 'RFC 8725 §3.11',
    token: { header: { typ: 'dpop+jwt' } },
    ...invalid('wrong_type'),
  },
  {
    title: 'a token that expired 60 s ago',
    source: 'RFC 7519 §4.1.4',
    token: { expiresIn: -60 },
    ...invalid('expired'),
  },
  {
    title: 'an expired token without the scope',
    source: 'RFC 6750 §3.1',
    token: { expiresIn: -60, scope: 'nav:other' },
    ...invalid('expired'),
  },
  {
    title: 'a token that expired 30 s ago',
    source: 'RFC 7519 §4.1.4',
    token: { expiresIn: -30 },
    ...invalid('expired'),
  },
  {
    title: 'a token whose nbf is 30 s ahead',
    source: 'RFC 7519 §4.1.5',
    // Texas accepts the token, because its clock tolerance is 60 s. The validator's own check rejects it.
    token: () => ({ claims: { nbf: inSeconds(30) } }),
    ...invalid('not_yet_valid'),
  },
  {
    title: 'a token whose nbf is 90 s ahead',
    source: 'RFC 7519 §4.1.5',
    token: () => ({ claims: { nbf: inSeconds(90) } }),
    ...invalid('not_yet_valid'),
  },
  {
    title: 'a token whose iat is 30 s ahead',
    source: 'RFC 7519 §4.1.6',
    token: () => ({ claims: { iat: inSeconds(30) } }),
    ...invalid('issued_in_future'),
  },
  {
    title: 'a token with a lifetime of 100,000 s',
    source: 'Digdir, lifetime of tokens',
    token: { expiresIn: 100_000 },
    ...invalid('lifetime_too_long'),
  },
  {
    title: 'a token whose iat and exp are in milliseconds',
    source: 'RFC 7519 §2',
    token: () => ({ claims: { iat: Date.now(), exp: Date.now() + 120_000 } }),
    ...invalid('time_in_milliseconds'),
  },
  {
    title: 'a token whose exp is in milliseconds',
    source: 'RFC 7519 §2',
    token: () => ({ claims: { exp: Date.now() + 120_000 } }),
    ...invalid('time_in_milliseconds'),
  },
  {
    title: 'a token whose nbf is in milliseconds',
    source: 'RFC 7519 §2',
    token: () => ({ claims: { nbf: Date.now() } }),
    ...invalid('time_in_milliseconds'),
  },
  {
    title: 'an expired token whose iat is in milliseconds',
    source: 'RFC 7519 §4.1.4',
    token: () => ({ claims: { iat: Date.now(), exp: inSeconds(-60) } }),
    ...invalid('expired'),
  },
  {
    title: 'a token without exp',
    source: 'RFC 9068 §2.2',
    token: { claims: { exp: undefined } },
    ...invalid('missing_claim'),
  },
  {
    title: 'a token whose scope is a list',
    source: 'RFC 8693 §4.2',
    token: { claims: { scope: [READ] } },
    ...invalid('malformed_claims'),
  },
  {
    title: 'a token without a consumer',
    source: 'Digdir, access token',
    token: { claims: { consumer: undefined } },
    ...invalid('missing_claim'),
  },
  {
    title: 'a token from mock-oauth2-server',
    source: 'navikt/mock-oauth2-server',
    token: {
      issuer: 'http://localhost:8080/default',
      claims: { consumer: undefined, client_amr: undefined, scope: [READ], sub: 'x' },
    },
    ...invalid('general_mock_token'),
  },
  {
    title: 'a sender-constrained token',
    source: 'RFC 7800',
    token: { claims: { cnf: { jkt: 'x' } } },
    ...invalid('sender_constrained'),
  },
]
