import { type Case, REALM } from '../case.js'

/** Guards of routers and mounted apps, methods, and unavailable keys. */
export const ROUTING: readonly Case[] = [
  {
    title: 'a valid token while Maskinporten or Texas is unreachable',
    source: 'RFC 9110 §15.6.4',
    path: '/offline',
    token: {},
    refused: 'keys_unavailable',
    texas: { refused: 'introspection_unavailable' },
  },
  {
    title: 'a call without a token while Maskinporten or Texas is unreachable',
    source: 'RFC 6750 §3.1',
    path: '/offline',
    headers: () => [],
    refused: 'no_credentials',
    challenge: REALM,
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
    refused: 'no_credentials',
    challenge: REALM,
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
    refused: 'no_credentials',
    challenge: REALM,
  },

  ...['PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method) => ({
    title: `a ${method} request without a token`,
    source: 'RFC 6750 §3.1',
    method,
    headers: () => [],
    refused: 'no_credentials' as const,
    challenge: REALM,
  })),
]
