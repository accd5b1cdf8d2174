import type { MaskinportenReason } from '@portvakt/core'
import type { IssueTokenOptions } from '@portvakt/mock'
import { AUDIENCE, READ, WRITE, WRITER } from './api.js'
import type { RawHeaders } from './host.js'

/** A request, and the one answer to it. */
export interface Case {
  readonly title: string
  /** What demands this answer. */
  readonly source: string
  readonly path?: string
  readonly method?: string
  /** Makes a token, and the headers that carry it. */
  readonly token?: IssueTokenOptions
  readonly headers?: (token: string) => RawHeaders
  /** Absent where the request is let in. */
  readonly refused?: MaskinportenReason
  readonly challenge?: string
  /** What only a host can answer on which guards stack. */
  readonly stacked?: true
  /** Where the answer is the application's own business. */
  readonly status?: number
}

const REALM = 'Bearer realm="maskinporten"'
const INVALID = `${REALM}, error="invalid_token"`
const AMBIGUOUS = `${REALM}, error="invalid_request"`
const lacks = (scope: string) => `${REALM}, error="insufficient_scope", scope="${scope}"`

const authorization = (...values: string[]): RawHeaders => values.map((value) => ['Authorization', value])
const raw = (...values: string[]) => ({ headers: () => authorization(...values) })

export const CASES: readonly Case[] = [
  { title: 'a good call', source: 'RFC 6750 §2.1', token: {} },
  {
    title: 'a scheme in lower case',
    source: 'RFC 9110 §11.1',
    headers: (token) => authorization(`bearer ${token}`),
  },
  {
    title: 'a scheme in mixed case',
    source: 'RFC 9110 §11.1',
    headers: (token) => authorization(`bEARER ${token}`),
  },
  {
    title: 'several spaces',
    source: 'RFC 6750 §2.1',
    headers: (token) => authorization(`Bearer    ${token}`),
  },
  {
    title: 'white space around the value',
    source: 'RFC 9110 §5.5',
    headers: (token) => authorization(` \tBearer ${token} \t`),
  },
  {
    title: 'a header name in capitals',
    source: 'RFC 9110 §5.1',
    headers: (token) => [['AUTHORIZATION', `Bearer ${token}`]],
  },
  {
    title: 'several scopes, in any order',
    source: 'RFC 6749 §3.3',
    token: { scope: `nav:other ${READ} ${WRITE}` },
  },
  {
    title: 'an audience that nobody asked for',
    source: 'Digdir, audience-restricted tokens',
    token: { audience: 'https://other.no' },
  },
  {
    title: 'the legacy audience',
    source: 'Digdir, audience-restricted tokens',
    token: { audience: 'unspecified' },
  },
  { title: 'a delegated token', source: 'Digdir, delegation', token: { supplier: '991825827' } },
  {
    title: 'another algorithm of Maskinporten’s',
    source: 'Digdir, access token',
    token: { algorithm: 'RS512' },
  },

  {
    title: 'no credentials',
    source: 'RFC 6750 §3.1',
    headers: () => [],
    refused: 'no_credentials',
    challenge: REALM,
  },
  {
    title: 'an empty header',
    source: 'RFC 6750 §3.1',
    ...raw(''),
    refused: 'no_credentials',
    challenge: REALM,
  },
  {
    title: 'another scheme',
    source: 'RFC 6750 §3.1',
    ...raw('Basic dTpw'),
    refused: 'other_scheme',
    challenge: REALM,
  },
  {
    title: 'a scheme that begins like ours',
    source: 'RFC 9110 §11.1',
    headers: (token) => authorization(`Bearer2 ${token}`),
    refused: 'other_scheme',
    challenge: REALM,
  },
  {
    title: 'a bare token',
    source: 'RFC 6750 §2.1',
    headers: (token) => authorization(token),
    refused: 'other_scheme',
    challenge: REALM,
  },
  {
    title: 'a token in the query',
    source: 'RFC 9700 §4.3.2',
    path: '/read?access_token=x',
    headers: () => [],
    refused: 'no_credentials',
    challenge: REALM,
  },
  {
    title: 'a token in another header',
    source: 'RFC 6750 §2',
    headers: (token) => [['X-Authorization', `Bearer ${token}`]],
    refused: 'no_credentials',
    challenge: REALM,
  },
  {
    title: 'a token in a cookie',
    source: 'RFC 6750 §2',
    headers: (token) => [['Cookie', `access_token=${token}`]],
    refused: 'no_credentials',
    challenge: REALM,
  },

  {
    title: 'two headers, the good one first',
    source: 'RFC 6750 §3.1',
    headers: (token) => authorization(`Bearer ${token}`, 'Bearer x'),
    refused: 'ambiguous_credentials',
    challenge: AMBIGUOUS,
  },
  {
    title: 'two headers, the good one last',
    source: 'RFC 6750 §3.1',
    headers: (token) => authorization('Bearer x', `Bearer ${token}`),
    refused: 'ambiguous_credentials',
    challenge: AMBIGUOUS,
  },
  {
    title: 'two headers of two schemes',
    source: 'RFC 6750 §3.1',
    headers: (token) => authorization('Basic dTpw', `Bearer ${token}`),
    refused: 'ambiguous_credentials',
    challenge: AMBIGUOUS,
  },
  {
    title: 'the same header twice',
    source: 'RFC 6750 §3.1',
    headers: (token) => authorization(`Bearer ${token}`, `Bearer ${token}`),
    refused: 'ambiguous_credentials',
    challenge: AMBIGUOUS,
  },
  {
    title: 'two tokens joined by a comma',
    source: 'RFC 9110 §5.3',
    headers: (token) => authorization(`Bearer ${token}, Bearer ${token}`),
    refused: 'ambiguous_credentials',
    challenge: AMBIGUOUS,
  },
  {
    title: 'another scheme joined on',
    source: 'RFC 9110 §5.3',
    headers: (token) => authorization(`Bearer ${token},Basic dTpw`),
    refused: 'ambiguous_credentials',
    challenge: AMBIGUOUS,
  },

  {
    title: 'the scheme alone',
    source: 'RFC 6750 §2.1',
    ...raw('Bearer'),
    refused: 'empty_token',
    challenge: INVALID,
  },
  {
    title: 'the scheme and spaces',
    source: 'RFC 6750 §2.1',
    ...raw('Bearer    '),
    refused: 'empty_token',
    challenge: INVALID,
  },
  {
    title: 'a tab after the scheme',
    source: 'RFC 9110 §11.4',
    headers: (token) => authorization(`Bearer\t${token}`),
    refused: 'malformed_token',
    challenge: INVALID,
  },
  {
    title: 'two tokens in one',
    source: 'RFC 6750 §2.1',
    headers: (token) => authorization(`Bearer ${token} ${token}`),
    refused: 'malformed_token',
    challenge: INVALID,
  },
  {
    title: 'a word',
    source: 'RFC 7515 §3.1',
    ...raw('Bearer abc'),
    refused: 'malformed_token',
    challenge: INVALID,
  },
  {
    title: 'a padded token',
    source: 'RFC 7515 §2',
    headers: (token) => authorization(`Bearer ${token}==`),
    refused: 'malformed_token',
    challenge: INVALID,
  },
  {
    title: 'a token without its signature',
    source: 'RFC 8725 §3.1',
    headers: (token) => authorization(`Bearer ${token.slice(0, token.lastIndexOf('.') + 1)}`),
    refused: 'malformed_token',
    challenge: INVALID,
  },
  {
    title: 'a signature of something else',
    source: 'RFC 7515 §5.2',
    headers: (token) => authorization(`Bearer ${token.slice(0, -8)}AAAAAAAA`),
    refused: 'bad_signature',
    challenge: INVALID,
  },
  {
    title: 'an unknown key',
    source: 'RFC 8725 §3.10',
    token: { header: { kid: 'unknown' } },
    refused: 'unknown_key',
    challenge: INVALID,
  },
  {
    title: 'no key',
    source: 'RFC 8725 §3.10',
    token: { header: { kid: undefined } },
    refused: 'missing_key_id',
    challenge: INVALID,
  },
  {
    title: 'a token of another type',
    source: 'RFC 8725 §3.11',
    token: { header: { typ: 'dpop+jwt' } },
    refused: 'wrong_type',
    challenge: INVALID,
  },
  {
    title: 'an expired token',
    source: 'RFC 7519 §4.1.4',
    token: { expiresIn: -60 },
    refused: 'expired',
    challenge: INVALID,
  },
  {
    title: 'an expired token that also lacks the scope',
    source: 'RFC 6750 §3.1',
    token: { expiresIn: -60, scope: 'nav:other' },
    refused: 'expired',
    challenge: INVALID,
  },
  {
    title: 'a token from production',
    source: 'RFC 8725 §3.8',
    token: { issuer: 'https://maskinporten.no/' },
    refused: 'wrong_environment',
    challenge: INVALID,
  },
  {
    title: 'a token from elsewhere',
    source: 'RFC 8725 §3.8',
    token: { issuer: 'https://evil.example/' },
    refused: 'wrong_issuer',
    challenge: INVALID,
  },
  {
    title: 'scopes as a list',
    source: 'RFC 8693 §4.2',
    token: { claims: { scope: [READ] } },
    refused: 'malformed_claims',
    challenge: INVALID,
  },
  {
    title: 'no consumer',
    source: 'Digdir, access token',
    token: { claims: { consumer: undefined } },
    refused: 'missing_claim',
    challenge: INVALID,
  },
  {
    title: 'a token bound to its sender',
    source: 'RFC 7800',
    token: { claims: { cnf: { jkt: 'x' } } },
    refused: 'sender_constrained',
    challenge: INVALID,
  },

  {
    title: 'a scope that begins alike',
    source: 'RFC 6749 §3.3',
    token: { scope: `${READ}.more` },
    refused: 'insufficient_scope',
    challenge: lacks(READ),
  },
  {
    title: 'a scope in capitals',
    source: 'RFC 6749 §3.3',
    token: { scope: READ.toUpperCase() },
    refused: 'insufficient_scope',
    challenge: lacks(READ),
  },
  {
    title: 'no scope',
    source: 'RFC 6750 §3.1',
    token: { scope: '' },
    refused: 'insufficient_scope',
    challenge: lacks(READ),
  },

  {
    title: 'a route behind two guards',
    source: 'RFC 6750 §3.1',
    path: '/write',
    token: { scope: `${READ} ${WRITE}`, consumer: WRITER },
  },
  {
    title: 'the first of two guards',
    stacked: true,
    source: 'RFC 6750 §3.1',
    path: '/write',
    token: { scope: WRITE, consumer: WRITER },
    refused: 'insufficient_scope',
    challenge: lacks(READ),
  },
  {
    title: 'the second of two guards',
    stacked: true,
    source: 'RFC 6750 §3.1',
    path: '/write',
    token: { scope: READ, consumer: WRITER },
    refused: 'insufficient_scope',
    challenge: lacks(WRITE),
  },
  {
    title: 'a consumer that is not on the list',
    source: 'Digdir, access control by consumer',
    path: '/write',
    token: { scope: `${READ} ${WRITE}` },
    refused: 'consumer_not_allowed',
  },

  {
    title: 'the audience of the route',
    source: 'RFC 8707 §2',
    path: '/audience',
    token: { audience: ['https://other.no', AUDIENCE] },
  },
  {
    title: 'no audience where one is asked for',
    source: 'RFC 8707 §2',
    path: '/audience',
    token: {},
    refused: 'wrong_audience',
    challenge: INVALID,
  },
  {
    title: 'the legacy audience where one is asked for',
    source: 'RFC 8707 §2',
    path: '/audience',
    token: { audience: 'unspecified' },
    refused: 'wrong_audience',
    challenge: INVALID,
  },
  {
    title: 'another audience',
    source: 'RFC 7519 §4.1.3',
    path: '/audience',
    token: { audience: `${AUDIENCE}/` },
    refused: 'wrong_audience',
    challenge: INVALID,
  },

  {
    title: 'a nested requirement that is met',
    source: 'RFC 6749 §3.3',
    path: '/nested',
    token: { scope: `nav:x.admin ${READ}` },
  },
  {
    title: 'a nested requirement that is not',
    source: 'RFC 6750 §3',
    path: '/nested',
    token: { scope: READ },
    refused: 'insufficient_scope',
    challenge: lacks(`${READ} ${WRITE}`),
  },
  {
    title: 'a rule that says no',
    source: 'RFC 9110 §15.5.4',
    path: '/ruled',
    token: {},
    refused: 'not_authorized',
  },
  {
    title: 'a rule that throws',
    source: 'the framework’s own error handling',
    path: '/broken',
    token: {},
    status: 500,
  },

  {
    title: 'a rule that rejects with nothing',
    source: 'the framework’s own error handling',
    path: '/rejecting',
    token: {},
    status: 500,
  },
  {
    title: 'a requirement computed from the request',
    source: 'RFC 6750 §3',
    path: '/computed',
    headers: (token) => [...authorization(`Bearer ${token}`), ['x-scope', 'read']],
  },
  {
    title: 'a computed requirement that is not met',
    source: 'RFC 6750 §3',
    path: '/computed',
    headers: (token) => [...authorization(`Bearer ${token}`), ['x-scope', 'write']],
    refused: 'insufficient_scope',
    challenge: lacks(WRITE),
  },
  {
    title: 'a computed requirement that is none',
    source: 'the framework’s own error handling',
    path: '/computed',
    headers: (token) => [...authorization(`Bearer ${token}`), ['x-scope', 'a b']],
    status: 500,
  },
  {
    title: 'a computed requirement, asked with no token',
    source: 'RFC 6750 §3.1',
    path: '/computed',
    headers: () => [['x-scope', 'a b']],
    refused: 'no_credentials',
    challenge: REALM,
  },

  {
    title: 'a good token while no keys can be had',
    source: 'RFC 9110 §15.6.4',
    path: '/offline',
    token: {},
    refused: 'keys_unavailable',
  },
  {
    title: 'no token while no keys can be had',
    source: 'RFC 6750 §3.1',
    path: '/offline',
    headers: () => [],
    refused: 'no_credentials',
    challenge: REALM,
  },

  { title: 'a router’s own guard', source: 'the framework’s routing', path: '/router/read', token: {} },
  {
    title: 'a router’s own guard, without a token',
    source: 'the framework’s routing',
    path: '/router/read',
    headers: () => [],
    refused: 'no_credentials',
    challenge: REALM,
  },
  { title: 'a mounted app’s own guard', source: 'the framework’s routing', path: '/mounted/read', token: {} },
  {
    title: 'a mounted app’s own guard, without a token',
    source: 'the framework’s routing',
    path: '/mounted/read',
    headers: () => [],
    refused: 'no_credentials',
    challenge: REALM,
  },

  ...['PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method) => ({
    title: `${method} without a token`,
    source: 'RFC 6750 §3.1',
    method,
    headers: () => [],
    refused: 'no_credentials' as const,
    challenge: REALM,
  })),
]
