import { expect, it } from 'vitest'
import { freezeJson, isObject, isSafeJson, own } from '../../src/platform/json.js'
import { isDeeplyFrozen } from '../deeply-frozen.js'

const nested = (depth: number): unknown => (depth === 0 ? 'leaf' : [nested(depth - 1)])

it('isSafeJson accepts a value of 32 levels, and rejects more levels', () => {
  for (const value of [nested(32), { a: [nested(30)] }]) expect(isSafeJson(value)).toBe(true)
  for (const value of [nested(33), { a: [nested(31)] }]) expect(isSafeJson(value)).toBe(false)
})

it.each<[string, boolean]>([
  ['{"__proto__":0}', false],
  ['[{"a":[{},{"__proto__":null}]}]', false],
  ['{"\\u005f_proto__":[]}', false],
  ['"__proto__"', true],
  ['{"proto":{"constructor":["__proto__",1,null,true]}}', true],
])('isSafeJson accepts a value unless it has a __proto__ member: %s', (text, isSafe) => {
  expect(isSafeJson(JSON.parse(text))).toBe(isSafe)
})

it('freezeJson freezes every part of a value', () => {
  const value = JSON.parse('{"a":{"b":[{"c":{}},[[]]]},"d":"x"}')
  freezeJson(value)
  expect(isDeeplyFrozen(value)).toBe(true)
})

it('freezeJson returns a larger size for each further member and character', () => {
  const memory = (text: string) => freezeJson(JSON.parse(text))
  expect([memory('1'), memory('null')]).toEqual([0, 0])
  for (const [less, more] of [
    ['""', '"a"'],
    ['[]', '[1]'],
    ['[""]', '["a"]'],
    ['{}', '{"a":1}'],
    ['{"a":1}', '{"aa":1}'],
    ['{"a":1}', '{"a":{}}'],
    ['[[]]', '[{}]'],
  ] as const)
    expect(memory(more), more).toBeGreaterThan(memory(less))
})

it('isObject returns false for any value but an object', () => {
  for (const value of [null, [], 'x', undefined]) expect(isObject(value)).toBe(false)
})

it('`own` reads only own members', () => {
  const value = Object.assign(Object.create({ iss: 'inherited' }), { aud: 'own' })
  expect(isObject(value)).toBe(true)
  expect(['iss', 'aud', 'toString'].map((name) => own(value, name))).toEqual([undefined, 'own', undefined])
})
