import { expect, it } from 'vitest'
import { decodeToken, describeToken } from '../src/decode.js'
import { describeTime } from '../src/describe-time.js'

const NOW = Date.parse('2026-11-30T12:00:00Z') / 1000

it.each([
  [NOW + 117, '2026-11-30T12:01:57Z, in 117 s'],
  [NOW, '2026-11-30T12:00:00Z, in 0 s'],
  [NOW - 3, '2026-11-30T11:59:57Z, 3 s ago'],
  [NOW + 120, '2026-11-30T12:02:00Z, in 2 min'],
  [NOW - 7200, '2026-11-30T10:00:00Z, 2 h ago'],
  [NOW + 300 * 86_400, '2027-09-26T12:00:00Z, in 300 d'],
  [NOW + 0.5, '2026-11-30T12:00:00.500Z, in 1 s'],
  [1e300, '1e+300'],
])('describeTime describes the time %d as %s', (time, text) => {
  expect(describeTime(time, NOW)).toBe(text)
})

it('describeToken lists the header and the claims, with readable times', () => {
  const token = {
    header: { alg: 'RS256' },
    claims: { iss: 'a', exp: NOW + 60, consumer: { ID: '0192:1' }, n: 1 },
  }
  expect(describeToken(token, NOW)).toBe(`header
  alg  RS256
claims
  iss       a
  exp       2026-11-30T12:01:00Z, in 60 s
  consumer  {"ID":"0192:1"}
  n         1`)
})

it.each(['opaque', 'a.b.c'])('decodeToken returns undefined for %j', (token) => {
  expect(decodeToken(token)).toBeUndefined()
})
