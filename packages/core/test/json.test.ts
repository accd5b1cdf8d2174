import { describe, expect, it, test } from 'vitest'
import { freezeJson, isObject, own } from '../src/json.js'

const nested = (depth: number): unknown => (depth === 0 ? 'leaf' : [nested(depth - 1)])

describe('a parsed value', () => {
  it('may nest 32 deep, and no deeper', () => {
    expect(freezeJson(nested(32))).toBe(true)
    expect(freezeJson(nested(33))).toBe(false)
    expect(freezeJson({ a: [nested(31)] })).toBe(false)
  })

  test.each([null, [], [{}], 'x', 7, undefined, true])('is no object when it is %j', (value) => {
    expect(isObject(value)).toBe(false)
  })

  it('has the members that are its own', () => {
    const value = Object.assign(Object.create({ iss: 'inherited' }), { aud: 'own' })
    expect(isObject(value)).toBe(true)
    expect([own(value, 'iss'), own(value, 'aud'), own(value, 'toString')]).toEqual([
      undefined,
      'own',
      undefined,
    ])
  })
})
