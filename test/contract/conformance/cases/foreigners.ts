import { READ } from '../api.js'
import { bySource, byToken, type Case, invalid } from '../case.js'

const PRODUCTION = 'https://maskinporten.no/'
const ALTINN = 'https://platform.tt02.altinn.no/authentication/api/v1/openid/'
const from = (issuer: string) => ({ issuer })

/** Cases about tokens from other issuers and environments, or for other purposes. */
export const FOREIGNERS: readonly Case[] = [
  ...bySource('RFC 8725 §3.8', '/read', [
    ['a token from production', from(PRODUCTION), invalid('wrong_environment')],
    [
      'a token from production with an unknown kid',
      { ...from(PRODUCTION), header: { kid: 'production' } },
      invalid('wrong_environment'),
    ],
    ['a token from an unknown issuer', from('https://evil.example/'), invalid('wrong_issuer')],
    [
      'a token whose issuer lacks the trailing slash',
      from('https://test.maskinporten.no'),
      invalid('wrong_issuer'),
    ],
    ['a token from ID-porten', from('https://test.idporten.no'), invalid('idporten_token')],
    ['a token from Skyporten', from('https://test.sky.maskinporten.no'), invalid('skyporten_token')],
    ['a token exchanged at Altinn', from(ALTINN), invalid('altinn_token')],
  ]),
  ...byToken('/read', [
    [
      'an expired token from production',
      'RFC 7519 §4.1.4',
      { ...from(PRODUCTION), expiresIn: -60 },
      invalid('expired'),
    ],
    [
      'a token from the phased-out environment ver2',
      'Digdir, phasing out of ver2',
      from('https://ver2.maskinporten.no/'),
      invalid('phased_out_environment'),
    ],
    [
      'a client assertion in place of a token',
      'RFC 8725 §3.11',
      { ...from('a-client'), audience: 'https://test.maskinporten.no/' },
      invalid('client_assertion'),
    ],
    [
      'a token from mock-oauth2-server',
      'navikt/mock-oauth2-server',
      {
        ...from('http://localhost:8080/default'),
        claims: { consumer: undefined, client_amr: undefined, scope: [READ], sub: 'x' },
      },
      invalid('general_mock_token'),
    ],
  ]),
]
