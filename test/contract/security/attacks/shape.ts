import { type Attack, authorization, forEach } from '../attack.js'
import { type Forge, type Members, NOW } from '../forge.js'

const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth)
const DEEP: readonly (readonly [string, string])[] = [
  ['40 arrays', nested(40, '[', ']')],
  ['2,000 arrays', nested(2000, '[', ']')],
  ['40 objects', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`],
  ['800 objects', `${'{"a":'.repeat(800)}1${'}'.repeat(800)}`],
]

/** A token's parts, one with a `__proto__` member. In JSON, it is an own member. */
const POLLUTION: readonly (readonly [string, (forge: Forge) => [header: string, claims: string]])[] = [
  ['a header', (forge) => [polluted(forge.header, '{"alg":"RS256"}'), JSON.stringify(forge.claims)]],
  ['the claims', (forge) => [JSON.stringify(forge.header), polluted(forge.claims, '{"scope":"nav:x.read"}')]],
  [
    'the claims, with its name escaped,',
    (forge) => [
      JSON.stringify(forge.header),
      polluted(forge.claims, '{}').replace('__proto__', '\\u005f_proto__'),
    ],
  ],
  [
    'the consumer',
    (forge) => [
      JSON.stringify(forge.header),
      JSON.stringify({ ...forge.claims, consumer: '@' }).replace(
        '"@"',
        '{"__proto__":{"authority":"iso6523-actorid-upis","ID":"0192:889640782"}}',
      ),
    ],
  ],
  [
    'a nested object of the claims',
    (forge) => [
      JSON.stringify(forge.header),
      JSON.stringify({ ...forge.claims, x: [{ y: '@' }] }).replace('"@"', '[{"__proto__":null}]'),
    ],
  ],
]

function polluted(members: Members, value: string): string {
  return `${JSON.stringify(members).slice(0, -1)},"__proto__":${value}}`
}

/** Claims that lack a required one, and have one with the name of a built-in property. */
const BORROWED: readonly (readonly [string, Members])[] = [
  ['constructor', { scope: undefined, constructor: { scope: 'nav:x.read' } }],
  ['prototype', { scope: undefined, prototype: { scope: 'nav:x.read' } }],
  ['toString', { iat: undefined, toString: NOW, valueOf: NOW }],
  ['hasOwnProperty', { consumer: undefined, hasOwnProperty: true }],
]

const LONG = { options: { maxTokenLength: 1024 } }

/** Header values for which a regular expression with nested repetitions takes exponential time. */
const LONG_TEXTS: readonly (readonly [string, string, Attack['refused']])[] = [
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
  {
    id: 'D01',
    title: 'a valid token longer than maxTokenLength',
    token: (forge) => forge.token({ padding: 'x'.repeat(1024) }),
    against: () => LONG,
    byHost: 'size',
    refused: 'token_too_large',
  },
  {
    id: 'D01',
    title: 'a string of letters one character longer than maxTokenLength',
    token: () => 'A'.repeat(1025),
    against: () => LONG,
    byHost: 'size',
    refused: 'token_too_large',
  },
  {
    id: 'D01',
    title: 'a string of letters as long as maxTokenLength',
    token: () => 'A'.repeat(1024),
    against: () => LONG,
    byHost: 'size',
    refused: 'malformed_token',
  },
  ...forEach(
    DEEP,
    (json) => ({ id: 'D02', token: (forge) => forge.literal('deep', json), refused: 'malformed_token' }),
    (title) => `signed claims with ${title}`,
  ),
  ...forEach(
    DEEP,
    (json) => ({
      id: 'D02',
      token: (forge) =>
        forge.raw(JSON.stringify({ ...forge.header, deep: '@' }).replace('"@"', json), forge.claims),
      refused: 'malformed_token',
    }),
    (title) => `a JOSE header with ${title}`,
  ),
  ...forEach(
    POLLUTION,
    (parts) => ({ id: 'D03', token: (forge) => forge.raw(...parts(forge)), refused: 'malformed_token' }),
    (title) => `a __proto__ member in ${title}`,
  ),
  ...forEach(
    BORROWED,
    (claims) => ({ id: 'D03', token: (forge) => forge.token(claims), refused: 'missing_claim' }),
    (title) => `a token that lacks a required claim and has one named ${title}`,
  ),
  ...LONG_TEXTS.map(
    ([title, value, refused]): Attack => ({
      id: 'D04',
      title: `an Authorization header of ${title}`,
      headers: () => authorization(value),
      byHost: 'size',
      refused,
    }),
  ),
]
