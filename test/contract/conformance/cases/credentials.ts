import { ALLOWED, AMBIGUOUS, byAuthorization, type Case, invalid, missing } from '../case.js'

/** Cases about the places and forms of credentials. */
export const CREDENTIALS: readonly Case[] = [
  { title: 'a valid token', source: 'RFC 6750 §2.1' },
  ...byAuthorization(ALLOWED, [
    ['a scheme in lower case', 'RFC 9110 §11.1', (token) => [`bearer ${token}`]],
    ['a scheme in mixed case', 'RFC 9110 §11.1', (token) => [`bEARER ${token}`]],
    ['a token after several spaces', 'RFC 6750 §2.1', (token) => [`Bearer    ${token}`]],
    ['white space around the header value', 'RFC 9110 §5.5', (token) => [` \tBearer ${token} \t`]],
  ]),
  {
    title: 'an Authorization header with its name in capitals',
    source: 'RFC 9110 §5.1',
    headers: (token) => [['AUTHORIZATION', `Bearer ${token}`]],
  },

  ...byAuthorization(missing('no_credentials'), [
    ['a request without credentials', 'RFC 6750 §3.1', () => []],
    ['an empty Authorization header', 'RFC 6750 §3.1', () => ['']],
  ]),
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
  ...byAuthorization(missing('other_scheme'), [
    ['a header with the scheme Basic', 'RFC 6750 §3.1', () => ['Basic dTpw']],
    ['a scheme that begins with Bearer', 'RFC 9110 §11.1', (token) => [`Bearer2 ${token}`]],
    ['a token without a scheme', 'RFC 6750 §2.1', (token) => [token]],
  ]),

  ...byAuthorization(AMBIGUOUS, [
    [
      'a malformed Authorization header after a valid one',
      'RFC 6750 §3.1',
      (token) => [`Bearer ${token}`, 'Bearer x'],
    ],
    [
      'a valid Authorization header after a malformed one',
      'RFC 6750 §3.1',
      (token) => ['Bearer x', `Bearer ${token}`],
    ],
    [
      'a valid Authorization header after one with another scheme',
      'RFC 6750 §3.1',
      (token) => ['Basic dTpw', `Bearer ${token}`],
    ],
    [
      'a repeated valid Authorization header',
      'RFC 6750 §3.1',
      (token) => [`Bearer ${token}`, `Bearer ${token}`],
    ],
    ['a second token joined by a comma', 'RFC 9110 §5.3', (token) => [`Bearer ${token}, Bearer ${token}`]],
    ['a second scheme joined by a comma', 'RFC 9110 §5.3', (token) => [`Bearer ${token},Basic dTpw`]],
    [
      'a token and a token response joined by a comma',
      'RFC 9110 §5.3',
      (token) => [`Bearer ${token},{"access_token":"${token}"}`],
    ],
  ]),

  ...byAuthorization(invalid('token_response'), [
    [
      'a whole token response in place of its access_token',
      'RFC 6749 §5.1',
      (token) => [`Bearer {"access_token":"${token}","token_type":"Bearer","expires_in":119}`],
    ],
    [
      'a token response with white space inside',
      'RFC 6749 §5.1',
      (token) => [`bearer   { "token_type" : "Bearer" , "access_token" : "${token}" }`],
    ],
    [
      'a token response with only its access_token',
      'RFC 6749 §5.1',
      (token) => [`Bearer {"access_token":"${token}"}`],
    ],
  ]),

  ...byAuthorization(invalid('empty_token'), [
    ['a scheme without a token', 'RFC 6750 §2.1', () => ['Bearer']],
    ['a scheme followed by spaces', 'RFC 6750 §2.1', () => ['Bearer    ']],
  ]),
  ...byAuthorization(invalid('malformed_token'), [
    ['a tab after the scheme', 'RFC 9110 §11.4', (token) => [`Bearer\t${token}`]],
    ['a second token after a space', 'RFC 6750 §2.1', (token) => [`Bearer ${token} ${token}`]],
    ['a word in place of a token', 'RFC 7515 §3.1', () => ['Bearer abc']],
    ['a padded token', 'RFC 7515 §2', (token) => [`Bearer ${token}==`]],
  ]),
]
