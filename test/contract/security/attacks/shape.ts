import { authorization } from '../../conformance/case.js'
import { type Attack, forEach, refused, type Table, tokens } from '../attack.js'
import { extended, type Forge, type Members, NOW } from '../forge.js'

const nested = (depth: number, open: string, close: string, inner = '') =>
  open.repeat(depth) + inner + close.repeat(depth)
const DEEP: Table<string> = {
  '40 arrays': nested(40, '[', ']'),
  '2,000 arrays': nested(2000, '[', ']'),
  '40 objects': nested(40, '{"a":', '}', '1'),
  '800 objects': nested(800, '{"a":', '}', '1'),
}

const polluted = (members: Members, value: string) => extended(members, `"__proto__":${value}`)
const withJson = (members: Members, json: string) => JSON.stringify(members).replace('"@"', () => json)

/**
 * Claims as JSON with a `__proto__` member. `JSON.parse` turns `__proto__` into an own member of the object.
 */
const POLLUTED_CLAIMS: Table<(forge: Forge) => string> = {
  'the claims': ({ claims }) => polluted(claims, '{"scope":"nav:x.read"}'),
  'the claims, with its name escaped,': ({ claims }) =>
    polluted(claims, '{}').replace('__proto__', '\\u005f_proto__'),
  'the consumer': ({ claims }) =>
    withJson(
      { ...claims, consumer: '@' },
      '{"__proto__":{"authority":"iso6523-actorid-upis","ID":"0192:889640782"}}',
    ),
  'a nested object of the claims': ({ claims }) =>
    withJson({ ...claims, x: [{ y: '@' }] }, '[{"__proto__":null}]'),
}

/** Claims that lack a required claim, and contain a claim with the name of a built-in property. */
const BORROWED: Table<Members> = {
  constructor: { scope: undefined, constructor: { scope: 'nav:x.read' } },
  prototype: { scope: undefined, prototype: { scope: 'nav:x.read' } },
  toString: { iat: undefined, toString: NOW, valueOf: NOW },
  hasOwnProperty: { consumer: undefined, hasOwnProperty: true },
}

/** Header values for which a regular expression with nested repetitions takes exponential time. */
const LONG_TEXTS: readonly (readonly [title: string, value: string, refused: Attack['refused']])[] = [
  ['12,000 spaces and a word', `Bearer${' '.repeat(12_000)}x`, 'malformed_token'],
  ['12,000 spaces and a comma', `Bearer x${' '.repeat(12_000)},`, 'ambiguous_credentials'],
  ['12,000 tabs', `Bearer\t${'\t'.repeat(12_000)}x`, 'malformed_token'],
  ['the scheme Bearer 1,500 times', 'Bearer '.repeat(1500), 'malformed_token'],
  ['the scheme Bearer 1,500 times, joined by commas,', 'Bearer,'.repeat(1500), 'ambiguous_credentials'],
  ['another scheme and 12,000 commas', `Basic x${','.repeat(12_000)}`, 'other_scheme'],
  ['another scheme and 4,000 commas and spaces', `Basic x${', ,'.repeat(4000)}`, 'other_scheme'],
  ['12,000 letters of base64url and another one', `Bearer ${'A'.repeat(12_000)}!`, 'malformed_token'],
  ['12,000 dots', `Bearer ${'.'.repeat(12_000)}`, 'malformed_token'],
]

/** Attacks D01 to D04, on size, depth and names. */
export const SHAPE: readonly Attack[] = [
  ...[
    ...tokens('D01', 'token_too_large', {
      'a valid token longer than maxTokenLength': (forge) => forge.token({ padding: 'x'.repeat(1024) }),
      'a string of letters one character longer than maxTokenLength': () => 'A'.repeat(1025),
    }),
    ...tokens('D01', 'malformed_token', {
      'a string of letters as long as maxTokenLength': () => 'A'.repeat(1024),
    }),
  ].map(
    (attack): Attack => ({
      ...attack,
      against: () => ({ options: { maxTokenLength: 1024 } }),
      byHost: true,
    }),
  ),
  ...forEach(DEEP, 'signed claims with %s', (json) =>
    refused('D02', 'malformed_token', (forge) => forge.literal('deep', json)),
  ),
  ...forEach(DEEP, 'a JOSE header with %s', (json) =>
    refused('D02', 'malformed_token', (forge) =>
      forge.raw(withJson({ ...forge.header, deep: '@' }, json), forge.claims),
    ),
  ),
  ...tokens('D03', 'malformed_token', {
    'a __proto__ member in a header': (forge) =>
      forge.raw(polluted(forge.header, '{"alg":"RS256"}'), forge.claims),
  }),
  ...forEach(POLLUTED_CLAIMS, 'a __proto__ member in %s', (claims) =>
    refused('D03', 'malformed_token', (forge) => forge.raw(forge.header, claims(forge))),
  ),
  ...forEach(BORROWED, 'a token that lacks a required claim and has one named %s', (claims) =>
    refused('D03', 'missing_claim', (forge) => forge.token(claims)),
  ),
  ...LONG_TEXTS.map(
    ([title, value, reason]): Attack => ({
      id: 'D04',
      title: `an Authorization header of ${title}`,
      headers: () => authorization(value),
      refused: reason,
    }),
  ),
]
