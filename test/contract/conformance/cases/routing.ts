import { type Case, missing } from '../case.js'

/** Cases about guards of routers and mounted apps, request methods, and unavailable keys. */
export const ROUTING: readonly Case[] = [
  {
    title: 'a valid token, while Maskinporten or Texas is unreachable,',
    source: 'RFC 9110 §15.6.4',
    path: '/offline',
    token: {},
    refused: 'keys_unavailable',
    texas: { refused: 'introspection_unavailable' },
  },
  {
    title: 'a call without a token, while Maskinporten or Texas is unreachable,',
    source: 'RFC 6750 §3.1',
    path: '/offline',
    headers: () => [],
    ...missing('no_credentials'),
  },

  {
    title: 'a valid token for a router with its own guard',
    source: 'the framework’s routing',
    path: '/router/read',
    token: {},
  },
  {
    title: 'a call without a token to a router with its own guard',
    source: 'the framework’s routing',
    path: '/router/read',
    headers: () => [],
    ...missing('no_credentials'),
  },
  {
    title: 'a valid token for a mounted app with its own guard',
    source: 'the framework’s routing',
    path: '/mounted/read',
    token: {},
  },
  {
    title: 'a call without a token to a mounted app with its own guard',
    source: 'the framework’s routing',
    path: '/mounted/read',
    headers: () => [],
    ...missing('no_credentials'),
  },

  ...['PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method) => ({
    title: `a ${method} request without a token`,
    source: 'RFC 6750 §3.1',
    method,
    headers: () => [],
    ...missing('no_credentials'),
  })),
]
