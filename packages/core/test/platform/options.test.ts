import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import {
  functionOrAbsent,
  isAbsoluteUri,
  isUnwantedPromise,
  numberBetween,
  stringList,
  takeJson,
  takeList,
  takeOptions,
  wholeNumberBetween,
} from '../../src/platform/options.js'
import { withPollutedPrototype } from '../polluted-prototype.js'

interface Options {
  readonly a?: unknown
  readonly b?: unknown
}
const take = (options: unknown) => takeOptions(options as Options, ['a', 'b'], 'makeSomething')
const COPY = 'Copy its members into a plain object'

class WithGetter {
  get a() {
    return 1
  }
}
class WithIsPrototypeOf {
  isPrototypeOf() {
    return false
  }
}

/** Returns a Proxy that supplies the member `a` only in its `get`. */
const proxyOf = (target: object) => new Proxy(target, { get: (_, name) => (name === 'a' ? 1 : undefined) })

it('takeOptions copies the members, so that later changes to the object have no effect', () => {
  const given: { a: number; b: null } = { a: 1, b: null }
  const taken = take(given)
  given.a = 2
  expect({ ...taken }).toEqual({ a: 1, b: null })
  expect(take({})).not.toHaveProperty('toString')
})

it.each<[string, unknown]>([
  ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
  ['a frozen object of another realm', runInNewContext('Object.freeze({ a: 1 })')],
  ['an object with an own getter', Object.defineProperty({}, 'a', { get: () => 1, enumerable: true })],
  ['a Proxy without traps', new Proxy({ a: 1 }, {})],
])('takeOptions accepts %s', (_title, options) => {
  expect({ ...take(options) }).toEqual({ a: 1 })
})

it('takeOptions accepts a module namespace', async () => {
  expect({ ...take(await import('../module-namespace.js')) }).toEqual({ a: 1, b: 2 })
})

const NO_OBJECT = 'makeSomething takes an object of options'
const NOT_PLAIN = `makeSomething takes a plain object, not an instance of a class. ${COPY}`
const LOST = `makeSomething: \`a\` is not an own, enumerable member of the object. ${COPY}`
it.each<[string, unknown, string]>([
  ['null', null, NO_OBJECT],
  ['a list', ['a'], NO_OBJECT],
  ['a function', () => 1, NO_OBJECT],
  ['an unknown name', { a: 1, c: 1 }, 'makeSomething has no option `c`. Its options are a, b'],
  ['an undefined member', { a: undefined }, '`a` is undefined: give it a value, or leave it out'],
  ['an inherited member', Object.create({ a: 1 }), LOST],
  ['a member of a null prototype', Object.create(Object.assign(Object.create(null), { a: 1 })), LOST],
  ['an accessor of a class', new WithGetter(), LOST],
  ['a hidden, undefined member', Object.defineProperty({}, 'a', { value: undefined }), LOST],
  ['a member in the `get` of a Proxy', proxyOf({}), LOST],
  ['a member in the `get` of a Proxy without a prototype', proxyOf(Object.create(null)), LOST],
  ['an instance of a class with a method `isPrototypeOf`', new WithIsPrototypeOf(), NOT_PLAIN],
  ['an object that inherits from another object', Object.assign(Object.create({}), { a: 1 }), NOT_PLAIN],
  ['a Map', new Map([['a', 1]]), NOT_PLAIN],
  ['an instance of a class of another realm', runInNewContext('class C { a = 1 }; new C()'), NOT_PLAIN],
])('takeOptions rejects %s, and says what to write instead', (_title, options, message) => {
  expect(() => take(options)).toThrow(new TypeError(message))
})

it('takeOptions ignores symbol keys, and unknown members that are not enumerable', () => {
  const options = Object.defineProperty({ a: 1, [Symbol('c')]: 1 }, 'c', { value: 1 })
  expect({ ...take(options) }).toEqual({ a: 1 })
})

/** Returns a Proxy of an object, and a list that receives the name of each member that is read. */
function recording<T extends object>(target: T) {
  const read: (string | symbol)[] = []
  const get = (object: T, name: string | symbol, receiver: unknown) => {
    read.push(name)
    return Reflect.get(object, name, receiver)
  }
  return { read, recorded: new Proxy(target, { get }) }
}

it('takeOptions and takeList read each member once', () => {
  const options = recording({ a: 1, b: 2 })
  expect({ ...take(options.recorded) }).toEqual({ a: 1, b: 2 })
  expect(options.read).toEqual(['a', 'b'])
  const list = recording(['a', 'b'])
  expect(takeList(list.recorded, 'x')).toEqual(['a', 'b'])
  expect(list.read).toEqual(['length', '0', '1'])
})

it('takeOptions ignores a polluted Object.prototype', async () => {
  const taken = await withPollutedPrototype({ a: 1, c: 1 }, () => {
    const copy = take({ b: 2 })
    return { a: copy.a, ...copy }
  })
  expect(taken).toStrictEqual({ a: undefined, b: 2 })
})

it('for a record, takeOptions accepts any name and the value undefined', () => {
  const record = { x: 1, ['__proto__']: 2, y: undefined }
  const taken = takeOptions(record, 'any', 'A record')
  expect(Object.entries(taken)).toEqual(Object.entries(record))
  const hidden = Object.defineProperty({}, 'x', { value: 1 })
  for (const other of [hidden, Object.create({ x: 1 })])
    expect(() => takeOptions(other, 'any', 'A record')).toThrow(/^A record.*Copy/)
})

/** A list whose second entry is missing (a hole). */
const withHole = Object.assign(new Array(3), { 0: 'a', 2: 'b' })

it('takeList copies the entries by index, not with the iterator of a subclass', () => {
  class Odd extends Array<string> {
    override [Symbol.iterator]() {
      return [][Symbol.iterator]()
    }
  }
  const taken = takeList(Odd.of('a', 'b'), 'x')
  expect(taken).toEqual(['a', 'b'])
  expect(Object.getPrototypeOf(taken)).toBe(Array.prototype)
  expect(takeList(runInNewContext('["a"]'), 'x')).toEqual(['a'])
})

it.each([undefined, 'ab', { 0: 'a', length: 1 }, new Set(['a'])])('takeList rejects %j', (value) => {
  expect(() => takeList(value as never, 'x')).toThrow(new TypeError('`x` must be a list'))
})

it('takeList rejects an undefined entry and a hole', () => {
  const message = '`x[1]` is undefined: give it a value, or leave it out'
  for (const list of [['a', undefined], withHole])
    expect(() => takeList(list, 'x')).toThrow(new TypeError(message))
})

it('takeJson copies nested JSON', () => {
  const given = { a: [{ b: 'x', c: [1, true, null] }], d: {} }
  const taken = takeJson(given, '`x`')
  given.a.length = 0
  expect(taken).toEqual({ a: [{ b: 'x', c: [1, true, null] }], d: {} })
})

it.each<[string, unknown, string]>([
  ['an inherited member', { a: [Object.create({ b: 1 })] }, '`x.a[0]` takes a plain object'],
  ['a hole', { a: withHole }, '`x.a[1]` is undefined'],
  ['undefined', { a: { b: undefined } }, '`x.a.b` must be JSON'],
  ['a function', { toJSON: () => ({}) }, '`x.toJSON` must be JSON'],
  ['a number that JSON does not have', [Number.NaN], '`x[0]` must be JSON'],
  ['a Date', [new Date(0)], '`x[0]` takes a plain object'],
])('takeJson rejects %s, and names its path', (_title, value, message) => {
  expect(() => takeJson(value, 'x')).toThrow(message)
})

it('takeJson accepts 32 levels, and rejects more, such as a value that contains itself', () => {
  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])
  const circle: Record<string, unknown> = {}
  circle['a'] = circle
  expect(takeJson(nested(32), 'x')).toEqual(nested(32))
  for (const value of [nested(33), circle]) expect(() => takeJson(value, 'x')).toThrow(/nested too deeply/)
})

it('numberBetween accepts only numbers in its range', () => {
  for (const value of [2, 2.5, 3]) expect(numberBetween(value, 2, 3, 'x')).toBe(value)
  const error = new TypeError('`x` must be a number from 2 to 3')
  for (const value of [1.9, 3.1, Number.NaN, '2', null, 2n])
    expect(() => numberBetween(value, 2, 3, 'x')).toThrow(error)
})

it('wholeNumberBetween accepts only whole numbers in its range', () => {
  for (const value of [2, 3, 4]) expect(wholeNumberBetween(value, 2, 4, 'x')).toBe(value)
  for (const [value, form] of [
    [1, 'a number'],
    [5, 'a number'],
    [2.5, 'a whole number'],
    ['2', 'a whole number'],
  ])
    expect(() => wholeNumberBetween(value, 2, 4, 'x')).toThrow(
      new TypeError(`\`x\` must be ${form} from 2 to 4`),
    )
})

it('functionOrAbsent accepts a function or undefined, and rejects any other value', () => {
  const noop = () => {}
  expect([noop, undefined].map((value) => functionOrAbsent(value, 'x'))).toEqual([noop, undefined])
  for (const value of [null, '', {}])
    expect(() => functionOrAbsent(value, 'x')).toThrow(new TypeError('`x` must be a function'))
})

const isShort = (entry: unknown): entry is string => typeof entry === 'string' && entry.length < 3
const readList = (value: unknown) => stringList(value, isShort, 'short', 'x')

it('stringList accepts a single entry, and returns a frozen copy of a list', () => {
  expect(readList('a')).toEqual(['a'])
  const mine = ['a', 'b']
  const list = readList(mine)
  mine.push('c')
  expect(list).toEqual(['a', 'b'])
  expect(Object.isFrozen(list)).toBe(true)
})

it.each<[unknown, string]>([
  [[], '`x` is empty: leave it out, or name at least one'],
  ['abc', '`x` must be short'],
  [['a', 'abc'], '`x` must be short'],
  [null, '`x` must be short'],
  [new Array(1), '`x[0]` is undefined: give it a value, or leave it out'],
])('stringList rejects %j with the message: %s', (value, message) => {
  expect(() => readList(value)).toThrow(new TypeError(message))
})

it('isAbsoluteUri accepts only absolute URIs without white space', () => {
  for (const uri of ['https://a.no', 'urn:x:y']) expect(isAbsoluteUri(uri)).toBe(true)
  for (const other of [
    '',
    'a.no',
    '//a.no',
    'https://a.no\n',
    'https://a.no/\tb',
    7,
    new URL('https://a.no'),
  ])
    expect(isAbsoluteUri(other)).toBe(false)
})

it('isUnwantedPromise recognizes promises and thenables, and catches their rejections', async () => {
  const withThen = (then: unknown) => Object.fromEntries([['then', then]])
  for (const result of [undefined, null, 'then', {}, withThen(true)])
    expect(isUnwantedPromise(result)).toBe(false)
  const rejecting = withThen((_fulfil: unknown, reject: (reason: Error) => void) => reject(new Error('own')))
  for (const result of [Promise.resolve(), Promise.reject(new Error('own')), rejecting])
    expect(isUnwantedPromise(result)).toBe(true)
  // Vitest fails if a rejection is unhandled.
  await new Promise(setImmediate)
})
