import { authorization } from '../../conformance/case.js'
import { type Attack, asTitled, forEach, formHeaders, refused, type Table, type Token } from '../attack.js'

type Values = (token: string) => string[]

const NONE: Table<Values> = {
  'a request without an Authorization header': () => [],
  'an empty Authorization header': () => [''],
  'an Authorization header with only white space': () => [' \t '],
}

const EMPTY: Table<Values> = {
  'the scheme without a token': () => ['Bearer'],
  'the scheme in lower case without a token': () => ['bearer'],
  'the scheme followed by spaces': () => ['Bearer     '],
}

const MALFORMED: Table<Values> = {
  'a tab after the scheme': (token) => [`Bearer\t${token}`],
  'a space and a tab after the scheme': (token) => [`Bearer \t${token}`],
  'an equals sign after the scheme': (token) => [`Bearer=${token}`],
  'a colon after the scheme': (token) => [`Bearer:${token}`],
  'a quoted token': (token) => [`Bearer "${token}"`],
  'a token in angle brackets': (token) => [`Bearer <${token}>`],
  'a token after the text “token=”': (token) => [`Bearer token=${token}`],
  'an escaped space after the scheme': (token) => [`Bearer %20${token}`],
  'a second token after a space': (token) => [`Bearer ${token} ${token}`],
  'a second token after a semicolon': (token) => [`Bearer ${token};${token}`],
  'a repeated scheme': (token) => [`Bearer Bearer ${token}`],
  'a letter outside ASCII in the token': (token) => [`Bearer ${token}\xe9`],
  'a no-break space after the scheme': (token) => [`Bearer \xa0${token}`],
  'the word undefined': () => ['Bearer undefined'],
  'the word null': () => ['Bearer null'],
  'an object converted to a string': () => ['Bearer [object Object]'],
  'an opaque token': () => ['Bearer 2YotnFZFEjr1zCsicMWpAA'],
}

const OTHER: Table<Values> = {
  Basic: () => ['Basic dTpw'],
  'Basic with the token as password': (token) => [`Basic ${btoa(`u:${token}`)}`],
  DPoP: (token) => [`DPoP ${token}`],
  Bearer2: (token) => [`Bearer2 ${token}`],
  'Bearer-x': (token) => [`Bearer-x ${token}`],
  XBearer: (token) => [`XBearer ${token}`],
  Token: (token) => [`Token ${token}`],
  'none, only the token': (token) => [token],
  'a letter of another script in the scheme': (token) => [`B\xeaarer ${token}`],
  'Digest with its own commas': () => ['Digest username="u", realm="r"'],
  'Bearer in quotes': (token) => [`"Bearer" ${token}`],
  'a no-break space within the scheme': (token) => [`B\xa0earer ${token}`],
}

const SEVERAL: Table<Values> = {
  'a malformed header after a valid one': (token) => [`Bearer ${token}`, 'Bearer x'],
  'a malformed header before a valid one': (token) => ['Bearer x', `Bearer ${token}`],
  'a repeated valid header': (token) => [`Bearer ${token}`, `Bearer ${token}`],
  'a valid header between two malformed ones': (token) => ['Bearer x', `Bearer ${token}`, 'Bearer y'],
  'a Basic header before a valid one': (token) => ['Basic dTpw', `Bearer ${token}`],
  'a Basic header after a valid one': (token) => [`Bearer ${token}`, 'Basic dTpw'],
  'an empty header before a valid one': (token) => ['', `Bearer ${token}`],
  'an empty header after a valid one': (token) => [`Bearer ${token}`, ''],
  'a header with only the scheme before a valid one': (token) => ['Bearer', `Bearer ${token}`],
  'a token split over two headers': (token) => [`Bearer ${token.slice(0, 50)}`, token.slice(50)],
  'a header with two credentials': (token) => [`Bearer ${token}, Bearer ${token}`],
  'a header with two credentials and no space': (token) => [`Bearer ${token},Bearer ${token}`],
  'a header with Basic credentials after the token': (token) => [`Bearer ${token}, Basic dTpw`],
  'a header with Basic credentials before the token': (token) => [`Basic dTpw, Bearer ${token}`],
  'a comma after the token': (token) => [`Bearer ${token},`],
  'a comma before the token': (token) => [`Bearer ,${token}`],
  'a comma after the scheme': (token) => [`Bearer, ${token}`],
  'a comma before the scheme': (token) => [`,Bearer ${token}`],
  'a parameter after the token': (token) => [`Bearer ${token}, realm="x"`],
}

/**
 * Repeated Authorization headers without a token, with the refusal reason on hosts that join repeated headers
 * with commas. A joined value that begins with `Bearer` is ambiguous. Any other joined value is ambiguous
 * only if it has a comma before a scheme and a value.
 */
const SEVERAL_WITHOUT_TOKEN: readonly (readonly [string, string[], Attack['refused']])[] = [
  ['a pair of empty headers', ['', ''], 'other_scheme'],
  ['a triple of empty headers', ['', '', ''], 'other_scheme'],
  ['a pair of headers with only white space', [' ', '\t'], 'other_scheme'],
  ['a repeated Basic header', ['Basic dTpw', 'Basic dTpw'], 'ambiguous_credentials'],
  ['a repeated Basic header with padding', ['Basic dTo=', 'Basic dTo='], 'ambiguous_credentials'],
  ['a Basic header before a Digest header', ['Basic dTpw', 'Digest username="u"'], 'ambiguous_credentials'],
  ['a repeated Digest header', ['Digest username="u"', 'Digest username="u"'], 'ambiguous_credentials'],
  ['a repeated header with only the scheme Basic', ['Basic', 'Basic'], 'other_scheme'],
  ['a Basic header before an empty one', ['Basic dTpw', ''], 'other_scheme'],
  ['an empty header before a Basic one', ['', 'Basic dTpw'], 'ambiguous_credentials'],
  ['a repeated header with only the scheme Bearer', ['Bearer', 'Bearer'], 'ambiguous_credentials'],
  ['a header with only the scheme Bearer before an empty one', ['Bearer', ''], 'ambiguous_credentials'],
  ['an empty header before one with only the scheme Bearer', ['', 'Bearer'], 'other_scheme'],
]

/** Other places for a token. The guard reads none of them (RFC 9700 §4.3.2). */
const ELSEWHERE: Table<(token: string) => [string, string]> = {
  'the header X-Authorization': (token) => ['X-Authorization', `Bearer ${token}`],
  'the header Proxy-Authorization': (token) => ['Proxy-Authorization', `Bearer ${token}`],
  'X-Forwarded-Authorization': (token) => ['X-Forwarded-Authorization', `Bearer ${token}`],
  'the header X-Original-Authorization': (token) => ['X-Original-Authorization', `Bearer ${token}`],
  'a cookie': (token) => ['Cookie', `access_token=${token}; Authorization=Bearer ${token}`],
  'the header Access-Token': (token) => ['Access-Token', token],
  'the header X-Api-Key': (token) => ['X-Api-Key', token],
  'the header Sec-WebSocket-Protocol': (token) => ['Sec-WebSocket-Protocol', `bearer, ${token}`],
  'a header with an underscore in its name': (token) => ['Authorization_', `Bearer ${token}`],
}

/** Line breaks, terminal escapes and quotation marks, for injection into logs and headers. */
const INJECTION = 'x\r\nSet-Cookie: a=b\u001b[2J\u2028"\\'

const INJECTED: readonly (readonly [string, Attack['refused'], Token])[] = [
  ['the scope', 'insufficient_scope', (forge) => forge.token({ scope: INJECTION })],
  ['the issuer', 'wrong_issuer', (forge) => forge.token({ iss: INJECTION })],
  [
    'the issuer of a token with an unknown kid',
    'wrong_issuer',
    (forge) => forge.token({ iss: INJECTION }, { kid: 'invented' }),
  ],
  ['the consumer', 'malformed_claims', (forge) => forge.token({ consumer: INJECTION })],
  ['the kid', 'malformed_token', (forge) => forge.token({}, { kid: INJECTION })],
  ['the algorithm', 'unsupported_algorithm', (forge) => forge.token({}, { alg: INJECTION })],
  ['the type', 'wrong_type', (forge) => forge.token({}, { typ: INJECTION })],
  ['the name of a claim', 'expired', (forge) => forge.token({ [INJECTION]: 1, exp: 1 })],
]

/** Returns a function that makes an attack, without its `title`, from Authorization values to be refused. */
const byHeaders =
  (id: Attack['id'], reason: Attack['refused']) =>
  (values: Values): Omit<Attack, 'title'> => ({
    id,
    headers: (forge) => authorization(...values(forge.token())),
    refused: reason,
  })

/** Attacks H01, H03 to H06, H09 and H10, on the header, the scheme and other places for a token. */
export const HTTP: readonly Attack[] = [
  ...forEach(NONE, '%s', byHeaders('H01', 'no_credentials')),
  ...forEach(EMPTY, '%s', byHeaders('H01', 'empty_token')),
  ...forEach(MALFORMED, '%s', byHeaders('H05', 'malformed_token')),
  ...forEach(OTHER, 'an unsupported scheme (%s)', byHeaders('H03', 'other_scheme')),
  ...forEach(SEVERAL, '%s', byHeaders('H04', 'ambiguous_credentials')),
  ...SEVERAL_WITHOUT_TOKEN.map(
    ([title, values, refusedJoined]): Attack => ({
      title,
      ...byHeaders('H04', 'ambiguous_credentials')(() => values),
      refusedJoined,
    }),
  ),
  {
    id: 'H04',
    title: 'a second Authorization header with its name in capitals',
    headers: (forge) => [
      ['authorization', 'Bearer x'],
      ['AUTHORIZATION', `Bearer ${forge.token()}`],
    ],
    refused: 'ambiguous_credentials',
  },
  {
    id: 'H06',
    title: 'a token in the query',
    headers: () => [],
    request: (forge) => ({
      target: `/read?access_token=${forge.token()}&authorization=Bearer+${forge.token()}`,
    }),
    refused: 'no_credentials',
  },
  {
    id: 'H06',
    title: 'a token in a form body',
    headers: (forge) => formHeaders(`access_token=${forge.token()}`),
    request: (forge) => ({ method: 'POST', body: `access_token=${forge.token()}` }),
    refused: 'no_credentials',
  },
  {
    id: 'H06',
    title: 'a token in a trailer',
    headers: () =>
      Object.entries({
        'Transfer-Encoding': 'chunked',
        'Content-Type': 'application/json',
        Trailer: 'Authorization',
      }),
    request: (forge) => ({
      method: 'POST',
      body: `2\r\n{}\r\n0\r\nAuthorization: Bearer ${forge.token()}\r\n\r\n`,
    }),
    refused: 'no_credentials',
  },
  {
    id: 'H06',
    title: 'a malformed Authorization header with a valid token in the query',
    headers: () => authorization('Bearer x'),
    request: (forge) => ({ target: `/read?access_token=${forge.token()}` }),
    refused: 'malformed_token',
  },
  ...forEach(ELSEWHERE, 'a token in %s', (header) => ({
    id: 'H06',
    headers: (forge) => [header(forge.token())],
    refused: 'no_credentials',
  })),
  ...forEach(
    asTitled(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']),
    'a %s request with a forged token',
    (method) => ({
      ...refused('H09', 'bad_signature', (forge) => forge.forged()),
      request: () => ({ method }),
      byHost: true,
    }),
  ),
  ...INJECTED.map(
    ([title, reason, token]): Attack => ({
      title: `an injection of line breaks, escape sequences and quotes into ${title}`,
      ...refused('H10', reason, token),
      byHost: true,
    }),
  ),
]
