import { type Attack, authorization, forEach } from '../attack.js'
import type { Forge } from '../forge.js'

type Values = (token: string) => string[]

const NONE: readonly (readonly [string, Values])[] = [
  ['no header', () => []],
  ['an empty header', () => ['']],
  ['a header of white space', () => [' \t ']],
]

const EMPTY: readonly (readonly [string, Values])[] = [
  ['the scheme alone', () => ['Bearer']],
  ['the scheme alone, in lower case', () => ['bearer']],
  ['the scheme and spaces', () => ['Bearer     ']],
]

const MALFORMED: readonly (readonly [string, Values])[] = [
  ['a tab after the scheme', (token) => [`Bearer\t${token}`]],
  ['a space and a tab after the scheme', (token) => [`Bearer \t${token}`]],
  ['an equals sign after the scheme', (token) => [`Bearer=${token}`]],
  ['a colon after the scheme', (token) => [`Bearer:${token}`]],
  ['a quoted token', (token) => [`Bearer "${token}"`]],
  ['a token in angle brackets', (token) => [`Bearer <${token}>`]],
  ['a token after its name', (token) => [`Bearer token=${token}`]],
  ['an escaped space after the scheme', (token) => [`Bearer %20${token}`]],
  ['two tokens with a space between', (token) => [`Bearer ${token} ${token}`]],
  ['two tokens with a semicolon between', (token) => [`Bearer ${token};${token}`]],
  ['the scheme twice', (token) => [`Bearer Bearer ${token}`]],
  ['a letter outside ASCII in the token', (token) => [`Bearer ${token}\xe9`]],
  ['a no-break space after the scheme', (token) => [`Bearer \xa0${token}`]],
  ['the word undefined', () => ['Bearer undefined']],
  ['the word null', () => ['Bearer null']],
  ['an object that became text', () => ['Bearer [object Object]']],
  ['an opaque token', () => ['Bearer 2YotnFZFEjr1zCsicMWpAA']],
]

const OTHER: readonly (readonly [string, Values])[] = [
  ['Basic', () => ['Basic dTpw']],
  ['Basic with the token for a password', (token) => [`Basic ${btoa(`u:${token}`)}`]],
  ['DPoP', (token) => [`DPoP ${token}`]],
  ['a scheme that begins like ours', (token) => [`Bearer2 ${token}`]],
  ['a scheme that begins with ours and a hyphen', (token) => [`Bearer-x ${token}`]],
  ['a scheme that ends like ours', (token) => [`XBearer ${token}`]],
  ['Token', (token) => [`Token ${token}`]],
  ['the bare token', (token) => [token]],
  ['a letter of another script in the scheme', (token) => [`B\xeaarer ${token}`]],
  ['Digest with its own commas', () => ['Digest username="u", realm="r"']],
  ['a scheme in quotes', (token) => [`"Bearer" ${token}`]],
  ['a no-break space in place of the space', (token) => [`B\xa0earer ${token}`]],
]

const SEVERAL: readonly (readonly [string, Values])[] = [
  ['a good header and a bad one', (token) => [`Bearer ${token}`, 'Bearer x']],
  ['a bad header and a good one', (token) => ['Bearer x', `Bearer ${token}`]],
  ['the same header twice', (token) => [`Bearer ${token}`, `Bearer ${token}`]],
  ['three headers', (token) => ['Bearer x', `Bearer ${token}`, 'Bearer y']],
  ['Basic and a good header', (token) => ['Basic dTpw', `Bearer ${token}`]],
  ['a good header and Basic', (token) => [`Bearer ${token}`, 'Basic dTpw']],
  ['an empty header and a good one', (token) => ['', `Bearer ${token}`]],
  ['a good header and an empty one', (token) => [`Bearer ${token}`, '']],
  ['the scheme alone and a good header', (token) => ['Bearer', `Bearer ${token}`]],
  ['half a token in each', (token) => [`Bearer ${token.slice(0, 50)}`, token.slice(50)]],
  ['one header with two credentials', (token) => [`Bearer ${token}, Bearer ${token}`]],
  ['one header with two credentials and no space', (token) => [`Bearer ${token},Bearer ${token}`]],
  ['one header with Basic joined on', (token) => [`Bearer ${token}, Basic dTpw`]],
  ['one header that begins with Basic', (token) => [`Basic dTpw, Bearer ${token}`]],
  ['a comma after the token', (token) => [`Bearer ${token},`]],
  ['a comma before the token', (token) => [`Bearer ,${token}`]],
  ['a comma after the scheme', (token) => [`Bearer, ${token}`]],
  ['a comma before everything', (token) => [`,Bearer ${token}`]],
  ['parameters after the token', (token) => [`Bearer ${token}, realm="x"`]],
]

/**
 * Several headers of which none holds a token, and what a host that sees them joined takes them for. Joined, a second
 * credential shows only by a scheme with something after it; what has none is one header of another scheme.
 */
const SEVERAL_WITHOUT_TOKEN: readonly (readonly [string, string[], Attack['refused']])[] = [
  ['two empty headers', ['', ''], 'other_scheme'],
  ['three empty headers', ['', '', ''], 'other_scheme'],
  ['two headers of white space', [' ', '\t'], 'other_scheme'],
  ['Basic twice', ['Basic dTpw', 'Basic dTpw'], 'ambiguous_credentials'],
  ['Basic twice, with padding', ['Basic dTo=', 'Basic dTo='], 'ambiguous_credentials'],
  ['two schemes, neither ours', ['Basic dTpw', 'Digest username="u"'], 'ambiguous_credentials'],
  ['Digest twice', ['Digest username="u"', 'Digest username="u"'], 'ambiguous_credentials'],
  ['the scheme Basic alone, twice', ['Basic', 'Basic'], 'other_scheme'],
  ['Basic and an empty header', ['Basic dTpw', ''], 'other_scheme'],
  ['an empty header and Basic', ['', 'Basic dTpw'], 'ambiguous_credentials'],
  ['the scheme alone, twice', ['Bearer', 'Bearer'], 'ambiguous_credentials'],
  ['the scheme alone and an empty header', ['Bearer', ''], 'ambiguous_credentials'],
  ['an empty header and the scheme alone', ['', 'Bearer'], 'other_scheme'],
]

const form = (body: string): [string, string][] => [
  ['Content-Type', 'application/x-www-form-urlencoded'],
  ['Content-Length', `${body.length}`],
]

/** Where else somebody may have learned to put a token; none of it is read (RFC 9700 §4.3.2). */
const ELSEWHERE: readonly (readonly [string, (forge: Forge) => [string, string]])[] = [
  ['another header', (forge) => ['X-Authorization', `Bearer ${forge.token()}`]],
  ['a proxy’s header', (forge) => ['Proxy-Authorization', `Bearer ${forge.token()}`]],
  ['a forwarded header', (forge) => ['X-Forwarded-Authorization', `Bearer ${forge.token()}`]],
  ['the header that some proxies rename', (forge) => ['X-Original-Authorization', `Bearer ${forge.token()}`]],
  ['a cookie', (forge) => ['Cookie', `access_token=${forge.token()}; Authorization=Bearer ${forge.token()}`]],
  ['a header of its own', (forge) => ['Access-Token', forge.token()]],
  ['an API key', (forge) => ['X-Api-Key', forge.token()]],
  ['a websocket’s protocol', (forge) => ['Sec-WebSocket-Protocol', `bearer, ${forge.token()}`]],
  ['a header with an underscore', (forge) => ['Authorization_', `Bearer ${forge.token()}`]],
]

/** What a log or a header would take for the end of a line, an order to a terminal, or the end of a quotation. */
const INJECTION = 'x\r\nSet-Cookie: a=b\u001b[2J\u2028"\\'

const INJECTED: readonly (readonly [string, (forge: Forge) => string, Attack['refused']])[] = [
  ['the scope', (forge) => forge.token({ scope: INJECTION }), 'insufficient_scope'],
  ['the issuer', (forge) => forge.token({ iss: INJECTION }), 'wrong_issuer'],
  [
    'the issuer of an invented key',
    (forge) => forge.token({ iss: INJECTION }, { kid: 'invented' }),
    'wrong_issuer',
  ],
  ['the consumer', (forge) => forge.token({ consumer: INJECTION }), 'malformed_claims'],
  ['the name of the key', (forge) => forge.token({}, { kid: INJECTION }), 'malformed_token'],
  ['the algorithm', (forge) => forge.token({}, { alg: INJECTION }), 'unsupported_algorithm'],
  ['the type', (forge) => forge.token({}, { typ: INJECTION }), 'wrong_type'],
  ['the name of a claim', (forge) => forge.token({ [INJECTION]: 1, exp: 1 }), 'expired'],
]

const refusedAs =
  (id: string, refused: Attack['refused']) =>
  (values: Values): Omit<Attack, 'title'> => ({
    id,
    headers: (forge) => authorization(...values(forge.token())),
    refused,
  })

/** H01, H03 to H06, H09 and H10: one header, one scheme, one token. */
export const HTTP: readonly Attack[] = [
  ...forEach(NONE, refusedAs('H01', 'no_credentials'), (title) => title),
  ...forEach(EMPTY, refusedAs('H01', 'empty_token'), (title) => title),
  ...forEach(MALFORMED, refusedAs('H05', 'malformed_token'), (title) => title),
  ...forEach(OTHER, refusedAs('H03', 'other_scheme'), (title) => `another scheme: ${title}`),
  ...forEach(SEVERAL, refusedAs('H04', 'ambiguous_credentials'), (title) => title),
  ...SEVERAL_WITHOUT_TOKEN.map(
    ([title, values, refusedJoined]): Attack => ({
      id: 'H04',
      title,
      headers: () => authorization(...values),
      refused: 'ambiguous_credentials',
      refusedJoined,
    }),
  ),
  {
    id: 'H04',
    title: 'two headers in different cases',
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
    title: 'a token in a form',
    headers: (forge) => form(`access_token=${forge.token()}`),
    request: (forge) => ({ method: 'POST', body: `access_token=${forge.token()}` }),
    refused: 'no_credentials',
  },
  {
    id: 'H06',
    title: 'a token in a trailer',
    headers: () => [
      ['Transfer-Encoding', 'chunked'],
      ['Content-Type', 'application/json'],
      ['Trailer', 'Authorization'],
    ],
    request: (forge) => ({
      method: 'POST',
      body: `2\r\n{}\r\n0\r\nAuthorization: Bearer ${forge.token()}\r\n\r\n`,
    }),
    refused: 'no_credentials',
  },
  {
    id: 'H06',
    title: 'a bad header beside a good query',
    headers: () => authorization('Bearer x'),
    request: (forge) => ({ target: `/read?access_token=${forge.token()}` }),
    refused: 'malformed_token',
  },
  ...forEach(
    ELSEWHERE,
    (header) => ({ id: 'H06', headers: (forge) => [header(forge)], refused: 'no_credentials' }),
    (title) => `a token in ${title}`,
  ),
  ...forEach(
    ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method) => [method, method] as const),
    (method) => ({
      id: 'H09',
      token: (forge) => forge.forged(),
      request: () => ({ method }),
      refused: 'bad_signature',
    }),
    (title) => `${title} with a forged token`,
  ),
  ...INJECTED.map(
    ([title, token, refused]): Attack => ({
      id: 'H10',
      title: `line breaks, escape sequences and quotes in ${title}`,
      token,
      refused,
    }),
  ),
]
