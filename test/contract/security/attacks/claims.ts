import { AUDIENCE } from '../../conformance/api.js'
import { type Attack, asJson, asTitled, forEach, refused, type Table } from '../attack.js'
import { ISSUER, type Members, NOW } from '../forge.js'

/** The default `clockTolerance` in seconds. */
const TOLERANCE = 10

/** Values of `exp` as JSON, with the refusal reason. `JSON.stringify` cannot write all of these values. */
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

/** Issuers that resemble the configured issuer. */
const ISSUERS = [
  ...['https://test.maskinporten.no', 'https://test.maskinporten.no//', 'https://test.maskinporten.no/.'],
  ...['https://TEST.maskinporten.no/', 'HTTPS://test.maskinporten.no/', 'http://test.maskinporten.no/'],
  ...['https://test.maskinporten.no:443/', 'https://user@test.maskinporten.no/', 'test.maskinporten.no', ''],
  ...['https://test.maskinporten.no./', 'https://test.maskinporten.no/?', 'https://test.maskinporten.no/#'],
  ...['https://test.maskinporten.no/evil', 'https://test.maskinporten.no.evil.example/'],
  ...['https://evil.example/https://test.maskinporten.no/', 'https://xn--tst-qdd.maskinporten.no/'],
  // The second letter of the host name is the Cyrillic `е`.
  'https://tеst.maskinporten.no/',
  ...[' https://test.maskinporten.no/', 'https://test.maskinporten.no/ '],
  ...['https://test.maskinporten.no/\0', 'https://test.maskinporten.no/\ud800'],
]

const NOT_ISSUERS = [[ISSUER], ['https://evil.example/', ISSUER], null, 1, true, { iss: ISSUER }]

/** Valid audiences that an API with a required audience refuses. */
const OTHER_AUDIENCES: Table<unknown> = {
  absent: undefined,
  'the legacy value': 'unspecified',
  'the legacy value in a list': ['unspecified'],
  'an empty list': [],
  'an empty string': '',
  'another one': 'https://other.example.no',
  'a list of two others': ['https://other.example.no', 'https://third.example.no'],
  'the right one with a trailing slash': `${AUDIENCE}/`,
  'the right one in capitals': AUDIENCE.toUpperCase(),
  'the right one with http in place of https': AUDIENCE.replace('https:', 'http:'),
  'a path below the right one': `${AUDIENCE}/users`,
  'a prefix of the right one': AUDIENCE.slice(0, -1),
  'the right one and another in one string': `${AUDIENCE} https://other.example.no`,
}

const INVALID_AUDIENCES: Table<unknown> = {
  'a list in a list': [[AUDIENCE]],
  'a list of the right one and a number': [AUDIENCE, 1],
  null: null,
  'a number': 1,
  'an object': { 0: AUDIENCE, length: 1 },
}

const REQUIRED = { exp: 'C01', iat: 'C05', iss: 'C06', scope: 'C08', consumer: 'C10' } as const

/** An attack, without its `title`, with a token that must be refused because of these claims. */
const claiming = (id: string, reason: Attack['refused'], claims: Members) =>
  refused(id, reason, (forge) => forge.token(claims))

/** Attacks C01 to C07, on times, issuer and audience, and some on other claims. */
export const CLAIMS: readonly Attack[] = [
  ...Object.entries(REQUIRED).map(
    ([claim, id]): Attack => ({
      title: `a token without ${claim}`,
      ...claiming(id, 'missing_claim', { [claim]: undefined }),
    }),
  ),
  ...EXPIRIES.map(
    ([json, reason]): Attack => ({
      title: `a token with exp ${json}`,
      ...refused(
        reason === 'expired' && json.startsWith(`${NOW}`.slice(0, 6)) ? 'C03' : 'C02',
        reason,
        (forge) => forge.literal('exp', json),
      ),
    }),
  ),
  {
    title: 'a token presented exactly at exp, without clock tolerance,',
    ...claiming('C03', 'expired', { exp: NOW, iat: NOW - 120 }),
    against: () => ({ options: { clockTolerance: 0 } }),
  },
  {
    title: 'a token presented exactly at the end of the largest clock tolerance',
    ...claiming('C03', 'expired', { exp: NOW - 300, iat: NOW - 420 }),
    against: () => ({ options: { clockTolerance: 300 } }),
  },
  {
    title: 'a token with a lifetime of two minutes, where maxTokenLifetime is one minute,',
    ...claiming('C03', 'lifetime_too_long', {}),
    against: () => ({ options: { maxTokenLifetime: 60 } }),
  },
  ...OTHER_TIMES.map(
    ([claim, json, reason]): Attack => ({
      title: `a token with ${claim} ${json}`,
      ...refused(claim === 'nbf' ? 'C04' : 'C05', reason, (forge) => forge.literal(claim, json)),
    }),
  ),
  ...forEach(asJson(ISSUERS), 'the issuer %s', (iss) => claiming('C06', 'wrong_issuer', { iss })),
  {
    title: 'the issuer maskinporten.no of another environment',
    ...claiming('C06', 'wrong_environment', { iss: 'https://maskinporten.no/' }),
  },
  ...forEach(asTitled(['ver1', 'ver2']), 'the phased-out issuer %s.maskinporten.no', (name) =>
    claiming('C06', 'phased_out_environment', { iss: `https://${name}.maskinporten.no/` }),
  ),
  ...forEach(asJson(NOT_ISSUERS), 'the non-string issuer %s', (iss) =>
    claiming('C06', 'malformed_claims', { iss }),
  ),
  ...forEach(OTHER_AUDIENCES, 'an audience that is %s', (aud) => ({
    ...claiming('C07', 'wrong_audience', { aud }),
    request: () => ({ target: '/audience' }),
  })),
  ...forEach(INVALID_AUDIENCES, 'an audience that is %s', (aud) => ({
    ...claiming('C07', 'malformed_claims', { aud }),
    request: () => ({ target: '/audience' }),
  })),
  ...forEach(
    asJson([1, null, {}, [1], [['x']]]),
    'the invalid audience %s, where the route requires no audience,',
    (aud) => claiming('C07', 'malformed_claims', { aud }),
  ),
  ...forEach(asJson([{ jkt: 'x' }, {}, null, 'x', false]), 'a bearer token with cnf %s', (cnf) =>
    claiming('H03', 'sender_constrained', { cnf }),
  ),
  ...forEach(
    asJson(['0584899835', '058489983567', '05848998356\n', '０５８４８９９８３５６']),
    'the invalid pid %s',
    (pid) => claiming('C10', 'malformed_claims', { pid }),
  ),
  ...forEach(asJson([1, null, {}, ['x'], true]), 'the non-string sub %s', (sub) =>
    claiming('C10', 'malformed_claims', { sub }),
  ),
]
