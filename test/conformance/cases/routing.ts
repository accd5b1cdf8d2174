import { type Case, REALM } from '../case.js'

/** Where the guard stands, and what happens around it. */
export const ROUTING: readonly Case[] = [
  {
    title: 'a good token while nobody can be asked',
    source: 'RFC 9110 §15.6.4',
    path: '/offline',
    token: {},
    refused: 'keys_unavailable',
    texas: { refused: 'introspection_unavailable' },
  },
  {
    title: 'no token while nobody can be asked',
    source: 'RFC 6750 §3.1',
    path: '/offline',
    headers: () => [],
    refused: 'no_credentials',
    challenge: REALM,
  },

  { title: 'a router’s own guard', source: 'the framework’s routing', path: '/router/read', token: {} },
  {
    title: 'a router’s own guard, without a token',
    source: 'the framework’s routing',
    path: '/router/read',
    headers: () => [],
    refused: 'no_credentials',
    challenge: REALM,
  },
  { title: 'a mounted app’s own guard', source: 'the framework’s routing', path: '/mounted/read', token: {} },
  {
    title: 'a mounted app’s own guard, without a token',
    source: 'the framework’s routing',
    path: '/mounted/read',
    headers: () => [],
    refused: 'no_credentials',
    challenge: REALM,
  },

  ...['PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method) => ({
    title: `${method} without a token`,
    source: 'RFC 6750 §3.1',
    method,
    headers: () => [],
    refused: 'no_credentials' as const,
    challenge: REALM,
  })),
]
