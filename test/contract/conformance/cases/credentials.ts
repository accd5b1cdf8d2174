import { ambiguous, authorization, type Case, invalid, missing, raw } from '../case.js'

/** Cases about the places and forms of credentials. */
export const CREDENTIALS: readonly Case[] = [
  { title: 'a valid token', source: 'RFC 6750 §2.1', token: {} },
  {
    title: 'a scheme in lower case',
    source: 'RFC 9110 §11.1',
    headers: (token) => authorization(`bearer ${token}`),
  },
  {
    title: 'a scheme in mixed case',
    source: 'RFC 9110 §11.1',
    headers: (token) => authorization(`bEARER ${token}`),
  },
  {
    title: 'a token after several spaces',
    source: 'RFC 6750 §2.1',
    headers: (token) => authorization(`Bearer    ${token}`),
  },
  {
    title: 'white space around the header value',
    source: 'RFC 9110 §5.5',
    headers: (token) => authorization(` \tBearer ${token} \t`),
  },
  {
    title: 'an Authorization header with its name in capitals',
    source: 'RFC 9110 §5.1',
    headers: (token) => [['AUTHORIZATION', `Bearer ${token}`]],
  },

  {
    title: 'a request without credentials',
    source: 'RFC 6750 §3.1',
    headers: () => [],
    ...missing('no_credentials'),
  },
  {
    title: 'an empty Authorization header',
    source: 'RFC 6750 §3.1',
    ...raw(''),
    ...missing('no_credentials'),
  },
  {
    title: 'a header with the scheme Basic',
    source: 'RFC 6750 §3.1',
    ...raw('Basic dTpw'),
    ...missing('other_scheme'),
  },
  {
    title: 'a scheme that begins with Bearer',
    source: 'RFC 9110 §11.1',
    headers: (token) => authorization(`Bearer2 ${token}`),
    ...missing('other_scheme'),
  },
  {
    title: 'a token without a scheme',
    source: 'RFC 6750 §2.1',
    headers: (token) => authorization(token),
    ...missing('other_scheme'),
  },
  {
    title: 'a token in the query',
    source: 'RFC 9700 §4.3.2',
    path: '/read?access_token=x',
    headers: () => [],
    ...missing('no_credentials'),
  },
  {
    title: 'a token in another header',
    source: 'RFC 6750 §2',
    headers: (token) => [['X-Authorization', `Bearer ${token}`]],
    ...missing('no_credentials'),
  },
  {
    title: 'a token in a cookie',
    source: 'RFC 6750 §2',
    headers: (token) => [['Cookie', `access_token=${token}`]],
    ...missing('no_credentials'),
  },

  {
    title: 'a malformed Authorization header after a valid one',
    source: 'RFC 6750 §3.1',
    headers: (token) => authorization(`Bearer ${token}`, 'Bearer x'),
    ...ambiguous,
  },
  {
    title: 'a valid Authorization header after a malformed one',
    source: 'RFC 6750 §3.1',
    headers: (token) => authorization('Bearer x', `Bearer ${token}`),
    ...ambiguous,
  },
  {
    title: 'a valid Authorization header after one with another scheme',
    source: 'RFC 6750 §3.1',
    headers: (token) => authorization('Basic dTpw', `Bearer ${token}`),
    ...ambiguous,
  },
  {
    title: 'a repeated valid Authorization header',
    source: 'RFC 6750 §3.1',
    headers: (token) => authorization(`Bearer ${token}`, `Bearer ${token}`),
    ...ambiguous,
  },
  {
    title: 'a second token joined by a comma',
    source: 'RFC 9110 §5.3',
    headers: (token) => authorization(`Bearer ${token}, Bearer ${token}`),
    ...ambiguous,
  },
  {
    title: 'a second scheme joined by a comma',
    source: 'RFC 9110 §5.3',
    headers: (token) => authorization(`Bearer ${token},Basic dTpw`),
    ...ambiguous,
  },

  {
    title: 'a whole token response in place of its access_token',
    source: 'RFC 6749 §5.1',
    headers: (token) =>
      authorization(`Bearer {"access_token":"${token}","token_type":"Bearer","expires_in":119}`),
    ...invalid('token_response'),
  },
  {
    title: 'a token response with white space inside',
    source: 'RFC 6749 §5.1',
    headers: (token) => authorization(`bearer   { "token_type" : "Bearer" , "access_token" : "${token}" }`),
    ...invalid('token_response'),
  },
  {
    title: 'a token response with only its access_token',
    source: 'RFC 6749 §5.1',
    headers: (token) => authorization(`Bearer {"access_token":"${token}"}`),
    ...invalid('token_response'),
  },
  {
    title: 'a token and a token response joined by a comma',
    source: 'RFC 9110 §5.3',
    headers: (token) => authorization(`Bearer ${token},{"access_token":"${token}"}`),
    ...ambiguous,
  },

  { title: 'a scheme without a token', source: 'RFC 6750 §2.1', ...raw('Bearer'), ...invalid('empty_token') },
  {
    title: 'a scheme followed by spaces',
    source: 'RFC 6750 §2.1',
    ...raw('Bearer    '),
    ...invalid('empty_token'),
  },
  {
    title: 'a tab after the scheme',
    source: 'RFC 9110 §11.4',
    headers: (token) => authorization(`Bearer\t${token}`),
    ...invalid('malformed_token'),
  },
  {
    title: 'a second token after a space',
    source: 'RFC 6750 §2.1',
    headers: (token) => authorization(`Bearer ${token} ${token}`),
    ...invalid('malformed_token'),
  },
  {
    title: 'a word in place of a token',
    source: 'RFC 7515 §3.1',
    ...raw('Bearer abc'),
    ...invalid('malformed_token'),
  },
  {
    title: 'a padded token',
    source: 'RFC 7515 §2',
    headers: (token) => authorization(`Bearer ${token}==`),
    ...invalid('malformed_token'),
  },
]
