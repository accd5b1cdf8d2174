import { READ, WRITE } from '../api.js'
import { authorization, type Case, INVALID } from '../case.js'

/** What the token itself is. */
export const TOKENS: readonly Case[] = [
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
]
