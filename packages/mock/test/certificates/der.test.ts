import { expect, it } from 'vitest'
import { objectIdentifier, octetString, time } from '../../src/certificates/der.js'

// The expected bytes were derived by hand from X.690 §8 and RFC 5280 §4.1.2.5.
it.each<[string, Buffer, string]>([
  ['an identifier with an arc of 128', objectIdentifier('2.5.128'), '0603558100'],
  ['a time before 1950', time(Date.UTC(1949, 11, 31, 23, 59, 59)), '180f31393439313233313233353935395a'],
  ['the last UTCTime', time(Date.UTC(2049, 11, 31, 23, 59, 59)), '170d3439313233313233353935395a'],
  ['the first GeneralizedTime', time(Date.UTC(2050, 0, 1)), '180f32303530303130313030303030305a'],
])('DER encodes %s', (_title, encoded, expected) => {
  expect(encoded.toString('hex')).toBe(expected)
})

it.each([
  [0x7f, '047f'],
  [0x80, '048180'],
  [0xff, '0481ff'],
  [0x100, '04820100'],
  [0x10000, '0483010000'],
])('DER encodes a length of %i in the shortest form', (length, prefix) => {
  const encoded = octetString(new Uint8Array(length))
  expect(encoded.subarray(0, prefix.length / 2).toString('hex')).toBe(prefix)
  expect(encoded).toHaveLength(prefix.length / 2 + length)
})
