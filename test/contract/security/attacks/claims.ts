import { AUDIENCE } from '../../conformance/api.js'
import { type Attack, asJson, forEach } from '../attack.js'
import { ISSUER, type Members, NOW } from '../forge.js'

/** The default `clockTolerance` in seconds. */
const TOLERANCE = 10

/** Values of `exp` as JSON, with the reason. `JSON.stringify` cannot write all of them. */
const EXPIRIES: readonly (readonly [json: string, refused: Attack['refused']])[] = [
  [`"${NOW + 120}"`, 'malformed_claims'],
  ['null', 'malformed_claims'],
  ['true', 'malformed_claims'],
  [`[${NOW + 120}]`, 'malformed_claims'],
  ['{}', 'malformed_claims'],
  ['1e400', 'malformed_claims'],
  ['-1e400', 'malformed_claims'],
  ['1e300', 'lifetime_too_long'],
  ['9007199254740993', 'lifetime_too_long'],
  ['253402300800', 'lifetime_too_long'],
  [`${NOW + 86_401}`, 'lifetime_too_long'],
  [`${NOW}000`, 'time_in_milliseconds'],
  [`${NOW + 120}999.5`, 'time_in_milliseconds'],
  ['-1', 'expired'],
  ['0', 'expired'],
  ['-0', 'expired'],
  ['1.5', 'expired'],
  [`${NOW - TOLERANCE}`, 'expired'],
  [`${NOW - TOLERANCE}.0`, 'expired'],
  [`${NOW - TOLERANCE - 1}.999`, 'expired'],
]

const OTHER_TIMES: readonly (readonly [claim: string, json: string, refused: Attack['refused']])[] = [
  ['nbf', `${NOW + TOLERANCE + 1}`, 'not_yet_valid'],
  ['nbf', `${NOW + TOLERANCE}.001`, 'not_yet_valid'],
  ['nbf', `${NOW}000`, 'time_in_milliseconds'],
  ['nbf', '1e300', 'not_yet_valid'],
  ['nbf', '1e400', 'malformed_claims'],
  ['nbf', `"${NOW}"`, 'malformed_claims'],
  ['nbf', 'null', 'malformed_claims'],
  ['iat', `${NOW + TOLERANCE + 1}`, 'issued_in_future'],
  ['iat', `${NOW + 31_536_000}`, 'issued_in_future'],
  ['iat', `${NOW}000`, 'time_in_milliseconds'],
  ['iat', '1e300', 'issued_in_future'],
  ['iat', '1e400', 'malformed_claims'],
  ['iat', '-1e400', 'malformed_claims'],
  ['iat', `"${NOW}"`, 'malformed_claims'],
  ['iat', 'null', 'malformed_claims'],
  ['iat', '-1', 'lifetime_too_long'],
  ['iat', '0', 'lifetime_too_long'],
]

/** Issuers that resemble the right one. */
const ISSUERS = [
  'https://test.maskinporten.no',
  'https://test.maskinporten.no//',
  'https://test.maskinporten.no/.',
  'https://TEST.maskinporten.no/',
  'HTTPS://test.maskinporten.no/',
  'http://test.maskinporten.no/',
  'https://test.maskinporten.no:443/',
  'https://user@test.maskinporten.no/',
  'https://test.maskinporten.no./',
  'https://test.maskinporten.no/?',
  'https://test.maskinporten.no/#',
  'https://test.maskinporten.no/evil',
  'https://test.maskinporten.no.evil.example/',
  'https://evil.example/https://test.maskinporten.no/',
  'https://tеst.maskinporten.no/',
  'https://xn--tst-qdd.maskinporten.no/',
  ' https://test.maskinporten.no/',
  'https://test.maskinporten.no/ ',
  'https://test.maskinporten.no/\0',
  'https://test.maskinporten.no/\ud800',
  'test.maskinporten.no',
  '',
]

const NOT_ISSUERS: readonly unknown[] = [
  [ISSUER],
  ['https://evil.example/', ISSUER],
  null,
  1,
  true,
  { iss: ISSUER },
]

/** Audiences that an API with a required audience refuses, and the reason. */
const AUDIENCES: readonly (readonly [string, unknown, Attack['refused']])[] = [
  ['absent', undefined, 'wrong_audience'],
  ['the legacy value', 'unspecified', 'wrong_audience'],
  ['the legacy value in a list', ['unspecified'], 'wrong_audience'],
  ['an empty list', [], 'wrong_audience'],
  ['an empty string', '', 'wrong_audience'],
  ['another one', 'https://other.example.no', 'wrong_audience'],
  ['a list of two others', ['https://other.example.no', 'https://third.example.no'], 'wrong_audience'],
  ['the right one with a trailing slash', `${AUDIENCE}/`, 'wrong_audience'],
  ['the right one in capitals', AUDIENCE.toUpperCase(), 'wrong_audience'],
  ['the right one with http in place of https', AUDIENCE.replace('https:', 'http:'), 'wrong_audience'],
  ['a path below the right one', `${AUDIENCE}/users`, 'wrong_audience'],
  ['a prefix of the right one', AUDIENCE.slice(0, -1), 'wrong_audience'],
  ['the right one and another in one string', `${AUDIENCE} https://other.example.no`, 'wrong_audience'],
  ['a list in a list', [[AUDIENCE]], 'malformed_claims'],
  ['a list of the right one and a number', [AUDIENCE, 1], 'malformed_claims'],
  ['null', null, 'malformed_claims'],
  ['a number', 1, 'malformed_claims'],
  ['an object', { 0: AUDIENCE, length: 1 }, 'malformed_claims'],
]

const signed = (claims: Members): Pick<Attack, 'token'> => ({ token: (forge) => forge.token(claims) })

/** Attacks C01 to C07, on times, issuer and audience, and some on other claims. */
export const CLAIMS: readonly Attack[] = [
  ...['exp', 'iat', 'iss', 'scope', 'consumer'].map(
    (claim): Attack => ({
      id: { exp: 'C01', iat: 'C05', iss: 'C06', scope: 'C08', consumer: 'C10' }[claim] ?? '',
      title: `a token without ${claim}`,
      ...signed({ [claim]: undefined }),
      refused: 'missing_claim',
    }),
  ),
  ...EXPIRIES.map(
    ([json, refused]): Attack => ({
      id: refused === 'expired' && json.startsWith(`${NOW}`.slice(0, 6)) ? 'C03' : 'C02',
      title: `a token with exp ${json}`,
      token: (forge) => forge.literal('exp', json),
      refused,
    }),
  ),
  {
    id: 'C03',
    title: 'a token presented exactly at exp, without clock tolerance,',
    ...signed({ exp: NOW, iat: NOW - 120 }),
    against: () => ({ options: { clockTolerance: 0 } }),
    refused: 'expired',
  },
  {
    id: 'C03',
    title: 'a token presented exactly at the end of the largest clock tolerance',
    ...signed({ exp: NOW - 300, iat: NOW - 420 }),
    against: () => ({ options: { clockTolerance: 300 } }),
    refused: 'expired',
  },
  {
    id: 'C03',
    title: 'a token with a lifetime of two minutes, where maxTokenLifetime is one minute,',
    ...signed({}),
    against: () => ({ options: { maxTokenLifetime: 60 } }),
    refused: 'lifetime_too_long',
  },
  ...OTHER_TIMES.map(
    ([claim, json, refused]): Attack => ({
      id: claim === 'nbf' ? 'C04' : 'C05',
      title: `a token with ${claim} ${json}`,
      token: (forge) => forge.literal(claim, json),
      refused,
    }),
  ),
  ...forEach(
    asJson(ISSUERS),
    (iss) => ({ id: 'C06', ...signed({ iss }), refused: 'wrong_issuer' }),
    (title) => `the issuer ${title}`,
  ),
  ...forEach(
    [['maskinporten.no', 'https://maskinporten.no/'] as const],
    (iss) => ({ id: 'C06', ...signed({ iss }), refused: 'wrong_environment' }),
    (title) => `the issuer ${title} of another environment`,
  ),
  ...forEach(
    ['ver1', 'ver2'].map((name) => [name, `https://${name}.maskinporten.no/`] as const),
    (iss) => ({ id: 'C06', ...signed({ iss }), refused: 'phased_out_environment' }),
    (title) => `the phased-out issuer ${title}.maskinporten.no`,
  ),
  ...forEach(
    asJson(NOT_ISSUERS),
    (iss) => ({ id: 'C06', ...signed({ iss }), refused: 'malformed_claims' }),
    (title) => `the non-string issuer ${title}`,
  ),
  ...AUDIENCES.map(
    ([title, aud, refused]): Attack => ({
      id: 'C07',
      title: `an audience that is ${title}`,
      ...signed({ aud }),
      request: () => ({ target: '/audience' }),
      refused,
    }),
  ),
  ...forEach(
    asJson([1, null, {}, [1], [['x']]]),
    (aud) => ({ id: 'C07', ...signed({ aud }), refused: 'malformed_claims' }),
    (title) => `the invalid audience ${title}, where the route requires no audience,`,
  ),
  ...forEach(
    asJson([{ jkt: 'x' }, {}, null, 'x', false]),
    (cnf) => ({ id: 'H03', ...signed({ cnf }), refused: 'sender_constrained' }),
    (title) => `a bearer token with cnf ${title}`,
  ),
  ...forEach(
    asJson(['0584899835', '058489983567', '05848998356\n', '０５８４８９９８３５６']),
    (pid) => ({ id: 'C10', ...signed({ pid }), refused: 'malformed_claims' }),
    (title) => `the invalid pid ${title}`,
  ),
  ...forEach(
    asJson([1, null, {}, ['x'], true]),
    (sub) => ({ id: 'C10', ...signed({ sub }), refused: 'malformed_claims' }),
    (title) => `the non-string sub ${title}`,
  ),
]
