import { READ, SUPPLIER, UNUSABLE_KEYS, WRITE } from '../api.js'
import { authorization, byHeaders, bySource, byToken, type Case, INACTIVE, invalid } from '../case.js'

/** The current time plus these seconds, in seconds since the epoch. */
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds

const header = (members: Record<string, unknown>) => ({ header: members })
const claims = (members: Record<string, unknown>) => ({ claims: members })

const UNSUPPORTED = invalid('unsupported_header')
const MISSING = invalid('missing_claim')
const MALFORMED = invalid('malformed_claims')
const NOT_YET_VALID = invalid('not_yet_valid')
const EXPIRED = invalid('expired')
const MILLISECONDS = invalid('time_in_milliseconds')
const [SUB, EXP, NBF] = ['RFC 7519 §4.1.2', 'RFC 7519 §4.1.4', 'RFC 7519 §4.1.5']
const now = Date.now()
const LONG = 'x'.repeat(5000)

/** Cases about the header, signature and claims of a token. */
export const TOKENS: readonly Case[] = [
  ...byHeaders('/read', [
    [
      'a token without its signature',
      'RFC 8725 §3.1',
      (token) => authorization(`Bearer ${token.slice(0, token.lastIndexOf('.') + 1)}`),
      invalid('malformed_token'),
    ],
    [
      'a token whose signature does not match',
      'RFC 7515 §5.2',
      (token) => authorization(`Bearer ${token.slice(0, -8)}AAAAAAAA`),
      invalid('bad_signature'),
    ],
  ]),
  ...byToken('/read', [
    ['a token signed with RS512', 'Digdir, access token', { algorithm: 'RS512' }, { texas: INACTIVE }],
    ['a token with an unknown kid', 'RFC 8725 §3.10', header({ kid: 'unknown' }), invalid('unknown_key')],
    ...UNUSABLE_KEYS.map(({ kid }) => {
      const title = `a token with the kid of the unusable key “${kid}”`
      return [title, 'RFC 7517 §5', header({ kid }), invalid('unusable_key')] as const
    }),
    ['a token without a kid', 'RFC 8725 §3.10', header({ kid: undefined }), invalid('missing_key_id')],
    [
      'a token with the algorithm none',
      'RFC 8725 §3.1',
      header({ alg: 'none' }),
      invalid('unsupported_algorithm'),
    ],
    ['a token with a critical header parameter', 'RFC 7515 §4.1.11', header({ crit: ['exp'] }), UNSUPPORTED],
    ['a token of the type application/jwt', 'RFC 7515 §4.1.9', header({ typ: 'application/jwt' })],
    ['a token of the type dpop+jwt', 'RFC 8725 §3.11', header({ typ: 'dpop+jwt' }), invalid('wrong_type')],
    ['a signed token with the header enc', 'RFC 7516 §9', header({ enc: 'A256GCM' }), UNSUPPORTED],

    ['a token with several scopes', 'RFC 6749 §3.3', { scope: `nav:other ${READ} ${WRITE}` }],
    [
      'a token with an audience that the route does not require',
      'Digdir, audience-restricted tokens',
      { audience: 'https://other.no' },
    ],
    ['a token with the legacy audience', 'Digdir, audience-restricted tokens', { audience: 'unspecified' }],
    ['a delegated token', 'Digdir, delegation', { supplier: SUPPLIER }],
    ['a token longer than maxTokenLength', 'RFC 8725 §3.11', claims({ x: LONG }), invalid('token_too_large')],
    ['a token whose sub is a number', SUB, claims({ sub: 7 }), MALFORMED],
    ['a token whose sub is null', SUB, claims({ sub: null }), MALFORMED],
    ['a token whose sub is a string', SUB, claims({ sub: 'x' })],
    ['a token whose scope is a list', 'RFC 8693 §4.2', claims({ scope: [READ] }), MALFORMED],
    ['a token without exp', 'RFC 9068 §2.2', claims({ exp: undefined }), MISSING],
    ['a token without a consumer', 'Digdir, access token', claims({ consumer: undefined }), MISSING],
    ['a sender-constrained token', 'RFC 7800', claims({ cnf: { jkt: 'x' } }), invalid('sender_constrained')],

    ['a token that expired 60 s ago', EXP, { expiresIn: -60 }, EXPIRED],
    ['a token that expired 30 s ago', EXP, { expiresIn: -30 }, EXPIRED],
    ['an expired token without the scope', 'RFC 6750 §3.1', { expiresIn: -60, scope: 'nav:other' }, EXPIRED],
    // Texas accepts this token, because Texas has a clock tolerance of 60 s. The validator's own check
    // rejects the token.
    ['a token whose nbf is 30 s ahead', NBF, () => claims({ nbf: inSeconds(30) }), NOT_YET_VALID],
    ['a token whose nbf is 90 s ahead', NBF, () => claims({ nbf: inSeconds(90) }), NOT_YET_VALID],
    [
      'a token whose iat is 30 s ahead',
      'RFC 7519 §4.1.6',
      () => claims({ iat: inSeconds(30) }),
      invalid('issued_in_future'),
    ],
    [
      'a token with a lifetime of 100,000 s',
      'Digdir, lifetime of tokens',
      { expiresIn: 100_000 },
      invalid('lifetime_too_long'),
    ],
  ]),
  ...bySource('RFC 7519 §2', '/read', [
    ['a token whose iat and exp are in milliseconds', claims({ iat: now, exp: now + 120_000 }), MILLISECONDS],
    ['a token whose exp is in milliseconds', claims({ exp: now + 120_000 }), MILLISECONDS],
    ['a token whose nbf is in milliseconds', claims({ nbf: now }), MILLISECONDS],
  ]),
  ...bySource(EXP, '/read', [
    ['an expired token whose iat is in milliseconds', claims({ iat: now, exp: inSeconds(-60) }), EXPIRED],
  ]),
]
