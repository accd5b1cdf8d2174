import { byHeaders, byToken, type Case, missing } from '../case.js'

const ROUTING_SOURCE = 'the framework’s routing'
const REFUSALS = 'RFC 6750 §3.1'
const withoutToken = (path: string, title: string, source = REFUSALS) =>
  byHeaders(path, [[title, source, () => [], missing('no_credentials')]])

/** Cases about request methods, unavailable keys, and the guards of routers and mounted apps. */
export const ROUTING: readonly Case[] = [
  ...byToken('/offline', [
    [
      'a valid token, while Maskinporten or Texas is unreachable,',
      'RFC 9110 §15.6.4',
      {},
      { refused: 'keys_unavailable', texas: { refused: 'introspection_unavailable' } },
    ],
  ]),
  ...withoutToken('/offline', 'a call without a token, while Maskinporten or Texas is unreachable,'),

  ...[
    ['a router', '/router/read'],
    ['a mounted app', '/mounted/read'],
  ].flatMap(([target, path = '']) => [
    ...byToken(path, [[`a valid token for ${target} with its own guard`, ROUTING_SOURCE, {}]]),
    ...withoutToken(path, `a call without a token to ${target} with its own guard`, ROUTING_SOURCE),
  ]),

  ...['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].flatMap((method) =>
    withoutToken('/read', `a ${method} request without a token`).map((one) => ({ ...one, method })),
  ),
]
