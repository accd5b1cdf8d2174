import { describe, expect, it, test } from 'vitest'
import {
  functionOrAbsent,
  isAbsoluteUri,
  numberBetween,
  stringList,
  wholeNumberBetween,
} from '../../src/platform/options.js'

describe('a number', () => {
  test.each([2, 2.5, 3])('may be at either end of its range or between: %d', (value) => {
    expect(numberBetween(value, 2, 3, 'x')).toBe(value)
  })

  test.each([1.9, 3.1, Number.NaN, Number.POSITIVE_INFINITY, '2', null, undefined, 2n, [2]])(
    'is rejected outside its range: %s',
    (value) => {
      expect(() => numberBetween(value, 2, 3, 'x')).toThrow(new TypeError('`x` must be a number from 2 to 3'))
    },
  )
})

describe('a whole number', () => {
  test.each([2, 3, 4])('may be at either end of its range or between: %d', (value) => {
    expect(wholeNumberBetween(value, 2, 4, 'x')).toBe(value)
  })

  test.each([2.5, Number.NaN, Number.POSITIVE_INFINITY, '2', null, undefined, 2n, [2]])(
    'is rejected if it is not whole: %s',
    (value) => {
      const message = '`x` must be a whole number from 2 to 4'
      expect(() => wholeNumberBetween(value, 2, 4, 'x')).toThrow(new TypeError(message))
    },
  )

  test.each([1, 5])('is rejected outside its range: %d', (value) => {
    expect(() => wholeNumberBetween(value, 2, 4, 'x')).toThrow('`x` must be a number from 2 to 4')
  })
})

describe('a function', () => {
  it('can be left out', () => {
    const noop = () => {}
    expect(functionOrAbsent(noop, 'x')).toBe(noop)
    expect(functionOrAbsent(undefined, 'x')).toBeUndefined()
  })

  test.each([null, 0, '', 'noop', {}])('is rejected if it is %j', (value) => {
    expect(() => functionOrAbsent(value, 'x')).toThrow(new TypeError('`x` must be a function'))
  })
})

describe('a list', () => {
  const isShort = (entry: unknown): entry is string => typeof entry === 'string' && entry.length < 3
  const read = (value: unknown) => stringList(value, isShort, 'short', 'x')

  it('can be a single entry', () => {
    expect(read('a')).toEqual(['a'])
  })

  it('is copied and frozen, so that later changes have no effect', () => {
    const mine = ['a', 'b']
    const list = read(mine)
    mine.push('c')
    expect(list).toEqual(['a', 'b'])
    expect(Object.isFrozen(list)).toBe(true)
  })

  it('is rejected if it is empty', () => {
    expect(() => read([])).toThrow(new TypeError('`x` is empty: leave it out, or name at least one'))
  })

  test.each([['abc'], [['a', 'abc']], [7], [null], [undefined], [['a', 7]]])(
    'is rejected if any entry is malformed: %j',
    (value) => {
      expect(() => read(value)).toThrow(new TypeError('`x` must be short'))
    },
  )

  it('is rejected with a hole, whose index the message names', () => {
    expect(() => read(new Array(1))).toThrow(
      new TypeError('`x[0]` is undefined: give it a value, or leave it out'),
    )
  })
})

test('isAbsoluteUri accepts absolute URIs without white space', () => {
  for (const uri of ['https://a.no', 'urn:x:y', 'api://x']) expect(isAbsoluteUri(uri)).toBe(true)
  for (const none of [
    '',
    'a.no',
    '/a',
    '//a.no',
    ' https://a.no',
    'https://a.no\n',
    'https://a .no/',
    'https://a.no/\tb',
    7,
    null,
    undefined,
    new URL('https://a.no'),
  ]) {
    expect(isAbsoluteUri(none)).toBe(false)
  }
})
