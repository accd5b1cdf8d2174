import { describe, expect, it, test } from 'vitest'
import { freezeJson, isObject, isSafeJson, own } from '../../src/platform/json.js'

const nested = (depth: number): unknown => (depth === 0 ? 'leaf' : [nested(depth - 1)])

describe('a parsed value', () => {
  it('is safe to handle up to 32 levels deep', () => {
    expect(isSafeJson(nested(32))).toBe(true)
    expect(isSafeJson(nested(33))).toBe(false)
    expect(isSafeJson({ a: [nested(30)] })).toBe(true)
    expect(isSafeJson({ a: [nested(31)] })).toBe(false)
    expect(isSafeJson({ a: nested(32) })).toBe(false)
  })

  test.each([
    '{"__proto__":0}',
    '{"a":{"__proto__":{}}}',
    '[{"a":[{},{"__proto__":null}]}]',
    '{"\\u005f_proto__":[]}',
  ])('is not safe to handle with a __proto__ member: %s', (text) => {
    expect(isSafeJson(JSON.parse(text))).toBe(false)
  })

  test.each(['{}', '[]', '"__proto__"', '["__proto__"]', '{"proto":{"constructor":[1,null,true]}}'])(
    'is safe to handle without a __proto__ member: %s',
    (text) => {
      expect(isSafeJson(JSON.parse(text))).toBe(true)
    },
  )

  it('is deeply frozen', () => {
    const value = JSON.parse('{"a":{"b":[{"c":{}},[[]]]},"d":"x"}')
    freezeJson(value)
    const parts = [value, value.a, value.a.b, value.a.b[0], value.a.b[0].c, value.a.b[1], value.a.b[1][0]]
    expect(parts.map(Object.isFrozen)).toEqual(parts.map(() => true))
  })

  it('takes more memory with each member and character', () => {
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

  test.each([null, [], [{}], 'x', 7, undefined, true])('is not an object: %j', (value) => {
    expect(isObject(value)).toBe(false)
  })

  it('is read by its own members only', () => {
    const value = Object.assign(Object.create({ iss: 'inherited' }), { aud: 'own' })
    expect(isObject(value)).toBe(true)
    expect([own(value, 'iss'), own(value, 'aud'), own(value, 'toString')]).toEqual([
      undefined,
      'own',
      undefined,
    ])
  })
})
