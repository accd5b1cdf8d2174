import { READ, SUPPLIER, UNUSABLE_KEYS, WRITE } from '../api.js'
import { authorization, type Case, INACTIVE, INVALID } from '../case.js'

/** Seconds since the epoch, so much later. */
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds

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
  { title: 'a delegated token', source: 'Digdir, delegation', token: { supplier: SUPPLIER } },
  {
    title: 'another algorithm of Maskinporten’s',
    source: 'Digdir, access token',
    token: { algorithm: 'RS512' },
    texas: INACTIVE,
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
    texas: INACTIVE,
  },
  {
    title: 'an unknown key',
    source: 'RFC 8725 §3.10',
    token: { header: { kid: 'unknown' } },
    refused: 'unknown_key',
    challenge: INVALID,
    texas: INACTIVE,
  },
  ...UNUSABLE_KEYS.map(({ kid }) => ({
    title: `a key that is published but must not be used: ${kid}`,
    source: 'RFC 7517 §5',
    token: { header: { kid } },
    refused: 'unusable_key' as const,
    challenge: INVALID,
    texas: INACTIVE,
  })),
  {
    title: 'no key',
    source: 'RFC 8725 §3.10',
    token: { header: { kid: undefined } },
    refused: 'missing_key_id',
    challenge: INVALID,
  },
  {
    title: 'an algorithm that is none',
    source: 'RFC 8725 §3.1',
    token: { header: { alg: 'none' } },
    refused: 'unsupported_algorithm',
    challenge: INVALID,
  },
  {
    title: 'a header that asks to be understood',
    source: 'RFC 7515 §4.1.11',
    token: { header: { crit: ['exp'] } },
    refused: 'unsupported_header',
    challenge: INVALID,
  },
  {
    title: 'a token that is too long',
    source: 'RFC 8725 §3.11',
    token: { claims: { padding: 'x'.repeat(5000) } },
    refused: 'token_too_large',
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
    title: 'a token that expired longer ago than clocks may differ',
    source: 'RFC 7519 §4.1.4',
    token: { expiresIn: -30 },
    refused: 'expired',
    challenge: INVALID,
  },
  {
    title: 'a token that is not valid yet',
    source: 'RFC 7519 §4.1.5',
    // To Texas it is: clocks may differ by 60 s there. What is decided here is decided here.
    token: () => ({ claims: { nbf: inSeconds(30) } }),
    refused: 'not_yet_valid',
    challenge: INVALID,
  },
  {
    title: 'a token that is not valid for a good while',
    source: 'RFC 7519 §4.1.5',
    token: () => ({ claims: { nbf: inSeconds(90) } }),
    refused: 'not_yet_valid',
    challenge: INVALID,
  },
  {
    title: 'a token from the future',
    source: 'RFC 7519 §4.1.6',
    token: () => ({ claims: { iat: inSeconds(30) } }),
    refused: 'issued_in_future',
    challenge: INVALID,
  },
  {
    title: 'a token that lives too long',
    source: 'Digdir, lifetime of tokens',
    token: { expiresIn: 100_000 },
    refused: 'lifetime_too_long',
    challenge: INVALID,
  },
  {
    title: 'a token that never ends',
    source: 'RFC 9068 §2.2',
    token: { claims: { exp: undefined } },
    refused: 'missing_claim',
    challenge: INVALID,
    texas: INACTIVE,
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
