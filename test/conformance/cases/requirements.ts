import { AUDIENCE, READ, WRITE, WRITER } from '../api.js'
import { authorization, type Case, invalid, lacks, missing } from '../case.js'

/** The requirements of routes. */
export const REQUIREMENT_CASES: readonly Case[] = [
  {
    title: 'a scope that begins with the required one',
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
    title: 'a scope without its prefix, as in nais.yaml',
    source: 'NAIS, scope naming',
    token: { scope: 'x.read' },
    refused: 'nais_scope_name',
    challenge: lacks(READ),
  },
  {
    title: 'a token without scopes',
    source: 'RFC 6750 §3.1',
    token: { scope: '' },
    refused: 'insufficient_scope',
    challenge: lacks(READ),
  },

  {
    title: 'a token for both guards of a route',
    source: 'RFC 6750 §3.1',
    path: '/write',
    token: { scope: `${READ} ${WRITE}`, consumer: WRITER },
  },
  {
    title: 'a token without the scope of the first guard',
    stacked: true,
    source: 'RFC 6750 §3.1',
    path: '/write',
    token: { scope: WRITE, consumer: WRITER },
    refused: 'insufficient_scope',
    challenge: lacks(READ),
  },
  {
    title: 'a token without the scope of the second guard',
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
    title: 'a list of audiences with the required one',
    source: 'RFC 8707 §2',
    path: '/audience',
    token: { audience: ['https://other.no', AUDIENCE] },
  },
  {
    title: 'a token without the required audience',
    source: 'RFC 8707 §2',
    path: '/audience',
    token: {},
    ...invalid('wrong_audience'),
  },
  {
    title: 'the legacy audience where another one is required',
    source: 'RFC 8707 §2',
    path: '/audience',
    token: { audience: 'unspecified' },
    ...invalid('wrong_audience'),
  },
  {
    title: 'the required audience with a trailing slash',
    source: 'RFC 7519 §4.1.3',
    path: '/audience',
    token: { audience: `${AUDIENCE}/` },
    ...invalid('wrong_audience'),
  },

  {
    title: 'a token that meets a nested requirement',
    source: 'RFC 6749 §3.3',
    path: '/nested',
    token: { scope: `nav:x.admin ${READ}` },
  },
  {
    title: 'a token that meets a part of a nested requirement',
    source: 'RFC 6750 §3',
    path: '/nested',
    token: { scope: READ },
    refused: 'insufficient_scope',
    challenge: lacks(`${READ} ${WRITE}`),
  },
  {
    title: 'a call that authorize denies',
    source: 'RFC 9110 §15.5.4',
    path: '/ruled',
    token: {},
    refused: 'not_authorized',
  },
  {
    title: 'a call for which authorize throws',
    source: 'the framework’s own error handling',
    path: '/broken',
    token: {},
    status: 500,
  },

  {
    title: 'a call for which authorize rejects with undefined',
    source: 'the framework’s own error handling',
    path: '/rejecting',
    token: {},
    status: 500,
  },
  {
    title: 'a token that meets a computed requirement',
    source: 'RFC 6750 §3',
    path: '/computed',
    headers: (token) => [...authorization(`Bearer ${token}`), ['x-scope', 'read']],
  },
  {
    title: 'a token that does not meet a computed requirement',
    source: 'RFC 6750 §3',
    path: '/computed',
    headers: (token) => [...authorization(`Bearer ${token}`), ['x-scope', 'write']],
    refused: 'insufficient_scope',
    challenge: lacks(WRITE),
  },
  {
    title: 'a call with an invalid computed requirement',
    source: 'the framework’s own error handling',
    path: '/computed',
    headers: (token) => [...authorization(`Bearer ${token}`), ['x-scope', 'a b']],
    status: 500,
  },
  {
    title: 'a call without a token and with an invalid computed requirement',
    source: 'RFC 6750 §3.1',
    path: '/computed',
    headers: () => [['x-scope', 'a b']],
    ...missing('no_credentials'),
  },
]
