import { expect, it } from 'vitest'
import {
  functionOrAbsent,
  isAbsoluteUri,
  isUnwantedPromise,
  numberBetween,
  stringList,
  wholeNumberBetween,
} from '../../src/platform/options.js'

it.each([2, 2.5, 3])('numberBetween accepts %d in the range 2–3', (value) => {
  expect(numberBetween(value, 2, 3, 'x')).toBe(value)
})

it.each([1.9, 3.1, Number.NaN, Number.POSITIVE_INFINITY, '2', null, undefined, 2n, [2]])(
  'numberBetween(2, 3) rejects %o',
  (value) => {
    expect(() => numberBetween(value, 2, 3, 'x')).toThrow(new TypeError('`x` must be a number from 2 to 3'))
  },
)

it.each([2, 3, 4])('wholeNumberBetween accepts %d in the range 2–4', (value) => {
  expect(wholeNumberBetween(value, 2, 4, 'x')).toBe(value)
})

it.each<[unknown, string]>([
  [1, 'a number'],
  [5, 'a number'],
  [2.5, 'a whole number'],
  [Number.NaN, 'a whole number'],
  ['2', 'a whole number'],
])('wholeNumberBetween rejects %o, because it must be %s from 2 to 4', (value, form) => {
  expect(() => wholeNumberBetween(value, 2, 4, 'x')).toThrow(
    new TypeError(`\`x\` must be ${form} from 2 to 4`),
  )
})

it('functionOrAbsent accepts a function or undefined', () => {
  const noop = () => {}
  expect(functionOrAbsent(noop, 'x')).toBe(noop)
  expect(functionOrAbsent(undefined, 'x')).toBeUndefined()
})

it.each([null, 0, '', 'noop', {}])('functionOrAbsent rejects %j', (value) => {
  expect(() => functionOrAbsent(value, 'x')).toThrow(new TypeError('`x` must be a function'))
})

const isShort = (entry: unknown): entry is string => typeof entry === 'string' && entry.length < 3
const read = (value: unknown) => stringList(value, isShort, 'short', 'x')

it('stringList accepts a single entry, and returns a frozen copy of a list', () => {
  expect(read('a')).toEqual(['a'])
  const mine = ['a', 'b']
  const list = read(mine)
  mine.push('c')
  expect(list).toEqual(['a', 'b'])
  expect(Object.isFrozen(list)).toBe(true)
})

it.each<[unknown, string]>([
  [[], '`x` is empty: leave it out, or name at least one'],
  ['abc', '`x` must be short'],
  [['a', 'abc'], '`x` must be short'],
  [7, '`x` must be short'],
  [null, '`x` must be short'],
  [undefined, '`x` must be short'],
  [['a', 7], '`x` must be short'],
  [new Array(1), '`x[0]` is undefined: give it a value, or leave it out'],
])('stringList rejects %j with the message: %s', (value, message) => {
  expect(() => read(value)).toThrow(new TypeError(message))
})

it('isAbsoluteUri accepts only absolute URIs without white space', () => {
  for (const uri of ['https://a.no', 'urn:x:y', 'api://x']) expect(isAbsoluteUri(uri)).toBe(true)
  const relative = ['', 'a.no', '/a', '//a.no']
  const spaced = [' https://a.no', 'https://a.no\n', 'https://a .no/', 'https://a.no/\tb']
  for (const other of [...relative, ...spaced, 7, null, undefined, new URL('https://a.no')])
    expect(isAbsoluteUri(other)).toBe(false)
})

it('isUnwantedPromise recognizes promises and thenables, and catches their rejections', async () => {
  const withThen = (then: unknown) => Object.fromEntries([['then', then]])
  for (const result of [undefined, null, true, 'then', {}, withThen(true), []])
    expect(isUnwantedPromise(result)).toBe(false)
  const rejecting = withThen((_fulfil: unknown, reject: (reason: Error) => void) => reject(new Error('own')))
  for (const result of [Promise.resolve(), Promise.reject(new Error('own')), rejecting])
    expect(isUnwantedPromise(result)).toBe(true)
  // Vitest fails if a rejection is unhandled.
  await new Promise(setImmediate)
})
