import { type Case, invalid } from '../case.js'

/** Cases about tokens from other issuers and environments, or for other purposes. */
export const FOREIGNERS: readonly Case[] = [
  {
    title: 'a token from production',
    source: 'RFC 8725 §3.8',
    token: { issuer: 'https://maskinporten.no/' },
    ...invalid('wrong_environment'),
  },
  {
    title: 'a token from an unknown issuer',
    source: 'RFC 8725 §3.8',
    token: { issuer: 'https://evil.example/' },
    ...invalid('wrong_issuer'),
  },
  {
    title: 'a token from production with an unknown kid',
    source: 'RFC 8725 §3.8',
    token: { issuer: 'https://maskinporten.no/', header: { kid: 'production' } },
    ...invalid('wrong_environment'),
  },
  {
    title: 'a token from the phased-out environment ver2',
    source: 'Digdir, phasing out of ver2',
    token: { issuer: 'https://ver2.maskinporten.no/' },
    ...invalid('phased_out_environment'),
  },
  {
    title: 'a token from ID-porten',
    source: 'RFC 8725 §3.8',
    token: { issuer: 'https://test.idporten.no' },
    ...invalid('idporten_token'),
  },
  {
    title: 'a token from Skyporten',
    source: 'RFC 8725 §3.8',
    token: { issuer: 'https://test.sky.maskinporten.no' },
    ...invalid('skyporten_token'),
  },
  {
    title: 'a token exchanged at Altinn',
    source: 'RFC 8725 §3.8',
    token: { issuer: 'https://platform.tt02.altinn.no/authentication/api/v1/openid/' },
    ...invalid('altinn_token'),
  },
  {
    title: 'a client assertion in place of a token',
    source: 'RFC 8725 §3.11',
    token: { issuer: 'a-client', audience: 'https://test.maskinporten.no/' },
    ...invalid('client_assertion'),
  },
  {
    title: 'an expired token from production',
    source: 'RFC 7519 §4.1.4',
    token: { issuer: 'https://maskinporten.no/', expiresIn: -60 },
    ...invalid('expired'),
  },
  {
    title: 'a token whose issuer lacks the trailing slash',
    source: 'RFC 8725 §3.8',
    token: { issuer: 'https://test.maskinporten.no' },
    ...invalid('wrong_issuer'),
  },
]
