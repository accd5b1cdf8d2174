import { READ } from '../conformance/api.js'
import { authorization } from '../conformance/case.js'
import type { RawHeaders } from '../conformance/host.js'
import { type Forge, type Members, NOW } from './forge.js'

/**
 * A request that resembles an attack and must be allowed, so that a host cannot pass by refusing everything.
 */
interface Control {
  readonly id: string
  readonly title: string
  readonly headers: (forge: Forge) => RawHeaders
}

const header = (id: string, title: string, value: (forge: Forge) => string): Control => ({
  id,
  title,
  headers: (forge) => authorization(value(forge)),
})

const claims = (id: string, title: string, members: Members, more: Members = {}): Control =>
  header(id, title, (forge) => `Bearer ${forge.token(members, more)}`)

const ADDRESSES = { jku: 'https://evil.example/jwk', x5u: 'http://169.254.169.254/' }
const OTHER_ID = { authority: 'etsi-en-319-412', ID: 'NTRNO-555555555' }
const BUILT_IN = { constructor: {}, toString: 1, prototype: null }

export const CONTROLS: readonly Control[] = [
  claims('S05', 'the valid token from which the attacks are derived', {}),
  header(
    'S04',
    'an RS512 token signed by a key without alg',
    (forge) => `Bearer ${forge.raw({ ...forge.header, alg: 'RS512' }, forge.claims, forge.known, 'sha512')}`,
  ),
  claims('S12', 'a signed token with jku and x5u, which are not fetched', {}, ADDRESSES),
  header(
    'S16',
    'a repeated claim whose last value is valid (RFC 7519 §4)',
    (forge) =>
      `Bearer ${forge.raw(forge.header, `{"scope":"nav:other",${JSON.stringify(forge.claims).slice(1)}`)}`,
  ),
  header(
    'S16',
    'a repeated alg whose last value is the right one (RFC 7515 §4)',
    (forge) => `Bearer ${forge.raw(`{"alg":"none",${JSON.stringify(forge.header).slice(1)}`, forge.claims)}`,
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
  claims('C10', 'a consumer with an id of another authority', { consumer: OTHER_ID }),
  claims('D03', 'a token whose claims have names of built-in properties', BUILT_IN),
  header('H01', 'white space around the header value', (forge) => ` \tBearer ${forge.token()} \t`),
  header('H01', 'several spaces after the scheme', (forge) => `Bearer   ${forge.token()}`),
  ...['bearer', 'BEARER', 'BeArEr'].map((scheme) =>
    header('H02', `the scheme written as ${scheme}`, (forge) => `${scheme} ${forge.token()}`),
  ),
]
