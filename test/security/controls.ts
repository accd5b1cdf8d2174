import { READ } from '../conformance/api.js'
import type { RawHeaders } from '../conformance/host.js'
import { authorization } from './attack.js'
import { type Forge, type Members, NOW } from './forge.js'

/** What resembles an attack and is let in: without these, a host that refuses everything would pass. */
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
  claims('S05', 'the token that every attack is made from', {}),
  bearer('S04', 'RS512 by a key that names no algorithm', (forge) =>
    forge.raw({ ...forge.header, alg: 'RS512' }, forge.claims, forge.known, 'sha512'),
  ),
  claims(
    'S12',
    'a signed token that names a key of its own, which nobody fetches',
    {},
    {
      jku: 'https://evil.example/jwk',
      x5u: 'http://169.254.169.254/',
    },
  ),
  bearer('S16', 'two claims of one name, the last one good (RFC 7519 §4)', (forge) =>
    forge.raw(forge.header, `{"scope":"nav:other",${JSON.stringify(forge.claims).slice(1)}`),
  ),
  bearer('S16', 'two algorithms, none and then the right one (RFC 7515 §4)', (forge) =>
    forge.raw(`{"alg":"none",${JSON.stringify(forge.header).slice(1)}`, forge.claims),
  ),
  claims('S18', 'the type JWT', {}, { typ: 'JWT' }),
  claims('S18', 'the type at+jwt in capitals', {}, { typ: 'AT+JWT' }),
  claims('S18', 'the type application/jwt', {}, { typ: 'application/jwt' }),
  claims('C02', 'an expiry with a fraction', { exp: NOW + 0.5 }),
  claims('C03', 'the last second of the tolerance', { exp: NOW - 9, iat: NOW - 129 }),
  claims('C03', 'the longest life', { exp: NOW + 86_400 }),
  claims('C04', 'a beginning within the tolerance', { nbf: NOW + 10 }),
  claims('C05', 'an issuing within the tolerance', { iat: NOW + 10 }),
  claims('C07', 'an audience that nobody asked for', { aud: 'https://other.example.no' }),
  claims('C09', 'spaces around the scopes', { scope: `  nav:other   ${READ} ` }),
  claims('C10', 'an organisation of another register', {
    consumer: { authority: 'etsi-en-319-412', ID: 'NTRNO-555555555' },
  }),
  claims('D03', 'claims with the names of an object’s own', {
    constructor: {},
    toString: 1,
    prototype: null,
  }),
  {
    id: 'H01',
    title: 'white space around the header',
    headers: (forge) => authorization(` \tBearer ${forge.token()} \t`),
  },
  { id: 'H01', title: 'several spaces', headers: (forge) => authorization(`Bearer   ${forge.token()}`) },
  ...['bearer', 'BEARER', 'BeArEr'].map(
    (scheme): Control => ({
      id: 'H02',
      title: `the scheme written ${scheme}`,
      headers: (forge) => authorization(`${scheme} ${forge.token()}`),
    }),
  ),
]
