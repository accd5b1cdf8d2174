import { READ } from '../conformance/api.js'
import type { RawHeaders } from '../conformance/host.js'
import { authorization } from './attack.js'
import { type Forge, type Members, NOW } from './forge.js'

/**
 * A request that resembles an attack and must be allowed, so that a host cannot pass by refusing everything.
 */
export interface Control {
  readonly id: string
  readonly title: string
  readonly headers: (forge: Forge) => RawHeaders
}

const bearer = (id: string, title: string, token: (forge: Forge) => string): Control => ({
  id,
  title,
  headers: (forge) => authorization(`Bearer ${token(forge)}`),
})

const claims = (id: string, title: string, members: Members, header: Members = {}): Control =>
  bearer(id, title, (forge) => forge.token(members, header))

export const CONTROLS: readonly Control[] = [
  claims('S05', 'the valid token from which the attacks are derived', {}),
  bearer('S04', 'an RS512 token signed by a key without alg', (forge) =>
    forge.raw({ ...forge.header, alg: 'RS512' }, forge.claims, forge.known, 'sha512'),
  ),
  claims(
    'S12',
    'a signed token with jku and x5u, which are not fetched',
    {},
    {
      jku: 'https://evil.example/jwk',
      x5u: 'http://169.254.169.254/',
    },
  ),
  bearer('S16', 'a repeated claim whose last value is valid (RFC 7519 §4)', (forge) =>
    forge.raw(forge.header, `{"scope":"nav:other",${JSON.stringify(forge.claims).slice(1)}`),
  ),
  bearer('S16', 'a repeated alg whose last value is the right one (RFC 7515 §4)', (forge) =>
    forge.raw(`{"alg":"none",${JSON.stringify(forge.header).slice(1)}`, forge.claims),
  ),
  claims('S18', 'a token of the type JWT', {}, { typ: 'JWT' }),
  claims('S18', 'a token of the type at+jwt in capitals', {}, { typ: 'AT+JWT' }),
  claims('S18', 'a token of the type application/jwt', {}, { typ: 'application/jwt' }),
  claims('C02', 'an exp with a fraction', { exp: NOW + 0.5 }),
  claims('C03', 'an exp in the last second of the clock tolerance', { exp: NOW - 9, iat: NOW - 129 }),
  claims('C03', 'the longest allowed lifetime', { exp: NOW + 86_400 }),
  claims('C04', 'an nbf within the clock tolerance', { nbf: NOW + 10 }),
  claims('C05', 'an iat within the clock tolerance', { iat: NOW + 10 }),
  claims('C07', 'an audience that is not required', { aud: 'https://other.example.no' }),
  claims('C09', 'spaces around the scopes', { scope: `  nav:other   ${READ} ` }),
  claims('C10', 'a consumer with an id of another authority', {
    consumer: { authority: 'etsi-en-319-412', ID: 'NTRNO-555555555' },
  }),
  claims('D03', 'a token whose claims have names of built-in properties', {
    constructor: {},
    toString: 1,
    prototype: null,
  }),
  {
    id: 'H01',
    title: 'white space around the header value',
    headers: (forge) => authorization(` \tBearer ${forge.token()} \t`),
  },
  {
    id: 'H01',
    title: 'several spaces after the scheme',
    headers: (forge) => authorization(`Bearer   ${forge.token()}`),
  },
  ...['bearer', 'BEARER', 'BeArEr'].map(
    (scheme): Control => ({
      id: 'H02',
      title: `the scheme written as ${scheme}`,
      headers: (forge) => authorization(`${scheme} ${forge.token()}`),
    }),
  ),
]
