import { type Case, INVALID } from '../case.js'

/** Tokens of other issuers, environments and purposes. */
export const FOREIGNERS: readonly Case[] = [
  {
    title: 'a token from production',
    source: 'RFC 8725 §3.8',
    token: { issuer: 'https://maskinporten.no/' },
    refused: 'wrong_environment',
    challenge: INVALID,
  },
  {
    title: 'a token from an unknown issuer',
    source: 'RFC 8725 §3.8',
    token: { issuer: 'https://evil.example/' },
    refused: 'wrong_issuer',
    challenge: INVALID,
  },
  {
    title: 'a token from production with an unknown kid',
    source: 'RFC 8725 §3.8',
    token: { issuer: 'https://maskinporten.no/', header: { kid: 'production' } },
    refused: 'wrong_environment',
    challenge: INVALID,
  },
  {
    title: 'a token from the phased-out environment ver2',
    source: 'Digdir, phasing out of ver2',
    token: { issuer: 'https://ver2.maskinporten.no/' },
    refused: 'phased_out_environment',
    challenge: INVALID,
  },
  {
    title: 'a token from ID-porten',
    source: 'RFC 8725 §3.8',
    token: { issuer: 'https://test.idporten.no' },
    refused: 'idporten_token',
    challenge: INVALID,
  },
  {
    title: 'a token from Skyporten',
    source: 'RFC 8725 §3.8',
    token: { issuer: 'https://test.sky.maskinporten.no' },
    refused: 'skyporten_token',
    challenge: INVALID,
  },
  {
    title: 'a token exchanged at Altinn',
    source: 'RFC 8725 §3.8',
    token: { issuer: 'https://platform.tt02.altinn.no/authentication/api/v1/openid/' },
    refused: 'altinn_token',
    challenge: INVALID,
  },
  {
    title: 'a client assertion in place of a token',
    source: 'RFC 8725 §3.11',
    token: { issuer: 'a-client', audience: 'https://test.maskinporten.no/' },
    refused: 'client_assertion',
    challenge: INVALID,
  },
  {
    title: 'an expired token from production',
    source: 'RFC 7519 §4.1.4',
    token: { issuer: 'https://maskinporten.no/', expiresIn: -60 },
    refused: 'expired',
    challenge: INVALID,
  },
  {
    title: 'an issuer without its trailing slash',
    source: 'RFC 8725 §3.8',
    token: { issuer: 'https://test.maskinporten.no' },
    refused: 'wrong_issuer',
    challenge: INVALID,
  },
]
