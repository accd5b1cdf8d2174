import { ALLOWED, AMBIGUOUS, byAuthorization, byHeaders, type Case, invalid, missing } from '../case.js'

const NO_CREDENTIALS = missing('no_credentials')
const inHeader = (name: string, value: string) => (token: string) =>
  [[name, value.replace('{token}', token)]] as const

/** Cases about the places and forms of credentials. */
export const CREDENTIALS: readonly Case[] = [
  { title: 'a valid token', source: 'RFC 6750 §2.1' },
  ...byAuthorization(ALLOWED, [
    ['a scheme in lower case', 'RFC 9110 §11.1', 'bearer {token}'],
    ['a scheme in mixed case', 'RFC 9110 §11.1', 'bEARER {token}'],
    ['a token after several spaces', 'RFC 6750 §2.1', 'Bearer    {token}'],
    ['white space around the header value', 'RFC 9110 §5.5', ' \tBearer {token} \t'],
  ]),
  ...byHeaders('/read', [
    [
      'an Authorization header with its name in capitals',
      'RFC 9110 §5.1',
      inHeader('AUTHORIZATION', 'Bearer {token}'),
    ],
  ]),

  ...byAuthorization(NO_CREDENTIALS, [
    ['a request without credentials', 'RFC 6750 §3.1'],
    ['an empty Authorization header', 'RFC 6750 §3.1', ''],
  ]),
  ...byHeaders('/read?access_token=x', [
    ['a token in the query', 'RFC 9700 §4.3.2', () => [], NO_CREDENTIALS],
  ]),
  ...byHeaders('/read', [
    [
      'a token in another header',
      'RFC 6750 §2',
      inHeader('X-Authorization', 'Bearer {token}'),
      NO_CREDENTIALS,
    ],
    ['a token in a cookie', 'RFC 6750 §2', inHeader('Cookie', 'access_token={token}'), NO_CREDENTIALS],
  ]),
  ...byAuthorization(missing('other_scheme'), [
    ['a header with the scheme Basic', 'RFC 6750 §3.1', 'Basic dTpw'],
    ['a scheme that begins with Bearer', 'RFC 9110 §11.1', 'Bearer2 {token}'],
    ['a token without a scheme', 'RFC 6750 §2.1', '{token}'],
  ]),

  ...byAuthorization(AMBIGUOUS, [
    ['a malformed Authorization header after a valid one', 'RFC 6750 §3.1', 'Bearer {token}', 'Bearer x'],
    ['a valid Authorization header after a malformed one', 'RFC 6750 §3.1', 'Bearer x', 'Bearer {token}'],
    [
      'a valid Authorization header after one with another scheme',
      'RFC 6750 §3.1',
      'Basic dTpw',
      'Bearer {token}',
    ],
    ['a repeated valid Authorization header', 'RFC 6750 §3.1', 'Bearer {token}', 'Bearer {token}'],
    ['a second token joined by a comma', 'RFC 9110 §5.3', 'Bearer {token}, Bearer {token}'],
    ['a second scheme joined by a comma', 'RFC 9110 §5.3', 'Bearer {token},Basic dTpw'],
    [
      'a token and a token response joined by a comma',
      'RFC 9110 §5.3',
      'Bearer {token},{"access_token":"{token}"}',
    ],
  ]),

  ...byAuthorization(invalid('token_response'), [
    [
      'a whole token response in place of its access_token',
      'RFC 6749 §5.1',
      'Bearer {"access_token":"{token}","token_type":"Bearer","expires_in":119}',
    ],
    [
      'a token response with white space inside',
      'RFC 6749 §5.1',
      'bearer   { "token_type" : "Bearer" , "access_token" : "{token}" }',
    ],
    ['a token response with only its access_token', 'RFC 6749 §5.1', 'Bearer {"access_token":"{token}"}'],
  ]),

  ...byAuthorization(invalid('empty_token'), [
    ['a scheme without a token', 'RFC 6750 §2.1', 'Bearer'],
    ['a scheme followed by spaces', 'RFC 6750 §2.1', 'Bearer    '],
  ]),
  ...byAuthorization(invalid('malformed_token'), [
    ['a tab after the scheme', 'RFC 9110 §11.4', 'Bearer\t{token}'],
    ['a second token after a space', 'RFC 6750 §2.1', 'Bearer {token} {token}'],
    ['a word in place of a token', 'RFC 7515 §3.1', 'Bearer abc'],
    ['a padded token', 'RFC 7515 §2', 'Bearer {token}=='],
  ]),
]
