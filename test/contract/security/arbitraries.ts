import fc from 'fast-check'
import { it } from 'vitest'
import { READ } from '../conformance/api.js'
import { type Forge, ISSUER, type Members, NOW } from './forge.js'

/** The total number of cases for all properties: 10,000 by default, 100,000 with `test:deep`. */
const CASES = Number(process.env['PORTVAKT_CASES'] ?? 10_000)

/** Declares a test of a property. The test runs `part`, a share of the total number of cases. */
export function holds<T>(title: string, part: number, property: fc.IAsyncProperty<T>): void {
  const numRuns = Math.round(CASES * part)
  it(title, () => fc.assert(property, { numRuns }), 20_000 + numRuns * 20)
}

interface Edit {
  readonly kind: 'replace' | 'insert' | 'remove' | 'double' | 'swap' | 'flip'
  readonly at: number
  readonly length: number
  readonly text: string
}

const SIGNS = [...'ABCXYZabcxyz0189-_.=+/ ~%\t\n\0é\u2028', '..', '==', '%2E', 'eyJ', 'Bearer ', ', ']

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom('replace', 'insert', 'remove', 'double', 'swap', 'flip'),
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  length: fc.integer({ min: 1, max: 40 }),
  text: fc.constantFrom(...SIGNS),
})

/** One to four changes to a token. */
export const edits = fc.array(edit, { minLength: 1, maxLength: 4 })

export function applied(token: string, changes: readonly Edit[]): string {
  return changes.reduce(changed, token)
}

function changed(token: string, { kind, at, length, text }: Edit): string {
  const from = Math.floor(at * token.length)
  const [before, piece, after] = [
    token.slice(0, from),
    token.slice(from, from + length),
    token.slice(from + length),
  ]
  switch (kind) {
    case 'replace':
      return before + text + token.slice(from + text.length)
    case 'insert':
      return before + text + token.slice(from)
    case 'remove':
      return before + after
    case 'double':
      return before + piece + piece + after
    case 'swap':
      return after + piece + before
    case 'flip':
      return flipped(token, from, length)
  }
}

/** Flips one bit in the decoded bytes of one part of a token. */
function flipped(token: string, from: number, bit: number): string {
  const parts = token.split('.')
  const index = Math.min(token.slice(0, from).split('.').length - 1, parts.length - 1)
  const bytes = Buffer.from(parts[index] ?? '', 'base64url')
  const at = from % Math.max(bytes.length, 1)
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit % 8))
  parts[index] = bytes.toString('base64url')
  return parts.join('.')
}

/** Mostly the valid value, sometimes another value or undefined. */
function mostly(good: unknown, ...others: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 40, arbitrary: fc.constant(good) },
    { weight: others.length > 0 ? 3 : 0, arbitrary: fc.constantFrom(...others, undefined) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  )
}

const organisation = { authority: 'iso6523-actorid-upis', ID: '0192:889640782' }
const times = [NOW - 130, NOW - 10, NOW - 9, NOW, NOW + 9, NOW + 10, NOW + 11, NOW + 0.5, -1, 1e300, `${NOW}`]

/** Claims that are valid or have a few errors. */
export const claims: fc.Arbitrary<Members> = fc.record({
  iss: mostly(ISSUER, ISSUER.slice(0, -1), 'https://maskinporten.no/', [ISSUER], ''),
  exp: mostly(NOW + 120, ...times, NOW + 86_401),
  iat: mostly(NOW, ...times),
  nbf: mostly(undefined, ...times),
  scope: mostly(READ, `nav:a ${READ}`, ` ${READ} `, `nav:a\t${READ}`, `${READ}x`, '', [READ]),
  consumer: mostly(
    organisation,
    { ...organisation, ID: '' },
    { authority: 'a', ID: 'b', x: 1 },
    '0192:889640782',
  ),
  supplier: mostly(undefined, organisation, { ID: 'b' }, 'x'),
  delegation_source: mostly(undefined, 'https://www.altinn.no', 1),
  client_id: mostly('client', 1),
  client_amr: mostly('private_key_jwt', null),
  jti: mostly('a', 1),
  sub: mostly(undefined, '0192:889640782', 1, null, ['a']),
  aud: mostly(undefined, 'unspecified', 'https://a.no', ['https://a.no', 'x'], [], [1]),
  pid: mostly(undefined, '05848998356', '5848998356', 5848998356),
  authorization_details: fc.constantFrom(undefined, undefined, undefined, [], 'x', null, {}, [1]),
  cnf: fc.oneof({ weight: 60, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constant({}) }),
})

/** Headers that are valid or have a few errors. */
export const headers = ({ header, bystander }: Forge): fc.Arbitrary<Members> =>
  fc.record({
    alg: mostly('RS256', 'RS384', 'RS512', 'none', 'HS256', 'PS256', 'ES256', 'rs256', ['RS256']),
    kid: mostly(header['kid'], bystander.jwk.kid, 'unknown', '', '__proto__', 1, 'a b', 'x'.repeat(257)),
    typ: mostly(undefined, 'JWT', 'at+jwt', 'AT+JWT', 'application/jwt', 'JWE', 'dpop+jwt', 1),
    crit: mostly(undefined, [], ['exp'], null),
    b64: mostly(undefined, true, false),
    jwk: mostly(undefined, bystander.jwk),
    jku: mostly(undefined, 'https://evil.example/'),
    zip: mostly(undefined, 'DEF'),
    enc: mostly(undefined, 'A256GCM', null),
  })
