import { expect, it } from 'vitest'
import { freezeJson, isObject, isSafeJson, own } from '../../src/platform/json.js'
import { isDeeplyFrozen } from '../deeply-frozen.js'

const nested = (depth: number): unknown => (depth === 0 ? 'leaf' : [nested(depth - 1)])

it('isSafeJson accepts a value of 32 levels, and rejects more levels', () => {
  expect(isSafeJson(nested(32))).toBe(true)
  expect(isSafeJson(nested(33))).toBe(false)
  expect(isSafeJson({ a: [nested(30)] })).toBe(true)
  expect(isSafeJson({ a: [nested(31)] })).toBe(false)
  expect(isSafeJson({ a: nested(32) })).toBe(false)
})

it.each([
  '{"__proto__":0}',
  '{"a":{"__proto__":{}}}',
  '[{"a":[{},{"__proto__":null}]}]',
  '{"\\u005f_proto__":[]}',
])('isSafeJson rejects a __proto__ member: %s', (text) => {
  expect(isSafeJson(JSON.parse(text))).toBe(false)
})

it.each(['{}', '[]', '"__proto__"', '["__proto__"]', '{"proto":{"constructor":[1,null,true]}}'])(
  'isSafeJson accepts a value without a __proto__ member: %s',
  (text) => {
    expect(isSafeJson(JSON.parse(text))).toBe(true)
  },
)

it('freezeJson freezes every part of a value', () => {
  const value = JSON.parse('{"a":{"b":[{"c":{}},[[]]]},"d":"x"}')
  freezeJson(value)
  expect(isDeeplyFrozen(value)).toBe(true)
})

it('freezeJson returns a larger size for each further member and character', () => {
  const memory = (text: string) => freezeJson(JSON.parse(text))
  expect([memory('1'), memory('null'), memory('true')]).toEqual([0, 0, 0])
  for (const [less, more] of [
    ['""', '"a"'],
    ['[]', '[1]'],
    ['[""]', '["a"]'],
    ['{}', '{"a":1}'],
    ['{"a":1}', '{"aa":1}'],
    ['{"a":1}', '{"a":{}}'],
    ['[[]]', '[{}]'],
  ] as const) {
    expect(memory(more), more).toBeGreaterThan(memory(less))
  }
})

it.each([null, [], [{}], 'x', 7, undefined, true])('isObject returns false for %j', (value) => {
  expect(isObject(value)).toBe(false)
})

it('`own` reads only own members', () => {
  const value = Object.assign(Object.create({ iss: 'inherited' }), { aud: 'own' })
  expect(isObject(value)).toBe(true)
  const members = ['iss', 'aud', 'toString'].map((name) => own(value, name))
  expect(members).toEqual([undefined, 'own', undefined])
})
