import { describe, expect, test } from 'vitest'
import { CLIENT_LISTS, CLIENT_TAKERS } from './options/clients.js'
import { GUARD_LISTS, GUARD_TAKERS } from './options/guards.js'
import { MOCK_LISTS, MOCK_TAKERS } from './options/mocks.js'
import { type ListTaker, listsOf, type Members, type Taker } from './options/takers.js'

/**
 * Whether each function copies its options by `takeOptions` and its lists by `takeList`. The tests of
 * packages/core/src/platform/options.ts cover more shapes of objects and lists.
 */

const TAKERS: readonly Taker[] = [...GUARD_TAKERS, ...CLIENT_TAKERS, ...MOCK_TAKERS]
const LISTS: readonly ListTaker[] = [
  ...TAKERS.flatMap(listsOf),
  ...GUARD_LISTS,
  ...CLIENT_LISTS,
  ...MOCK_LISTS,
]

/** Returns the error that a function throws or rejects with, or undefined if it accepts the object. */
async function mistakeOf({ take }: Pick<Taker, 'take'>, given: unknown): Promise<unknown> {
  try {
    await take(given as never)
    return undefined
  } catch (error) {
    return error
  }
}

const without = (members: Members, name: string): object =>
  Object.fromEntries(Object.entries(members).filter(([other]) => other !== name))

/** Objects with one member that a copy of own, enumerable members would lose. */
const LOSING: Readonly<Record<string, (members: Members, name: string) => object>> = {
  'is inherited': (members, name) =>
    Object.assign(Object.create({ [name]: members[name] }), without(members, name)),
  'is not enumerable': (members, name) =>
    Object.defineProperty(without(members, name), name, { value: members[name] }),
}

/** A frozen object of which each member can be read once. */
function readOnce(members: Members): object {
  const once = {}
  for (const [name, value] of Object.entries(members)) {
    let wasRead = false
    const get = () => {
      if (wasRead) throw new Error(`\`${name}\` was read twice`)
      wasRead = true
      return value
    }
    Object.defineProperty(once, name, { get, enumerable: true })
  }
  return Object.freeze(once)
}

describe.each(TAKERS)('$title', (taker) => {
  const { title, members, isRecord } = taker

  test(`${title} accepts a frozen object, and reads each member once`, async () => {
    expect(await mistakeOf(taker, readOnce(members))).toBeUndefined()
  })

  test.each(Object.entries(LOSING))(`${title} throws for a member that %s`, async (_title, shape) => {
    for (const name of Object.keys(members)) {
      const mistake = await mistakeOf(taker, shape(members, name))
      expect(mistake, name).toBeInstanceOf(TypeError)
      expect(String(mistake)).toContain('Copy its members into a plain object')
      if (!isRecord) expect(String(mistake)).toContain(`\`${name}\``)
    }
  })

  test(`${title} throws for an instance of a class`, async () => {
    const mistake = await mistakeOf(taker, Object.assign(new (class Settings {})(), members))
    expect(mistake).toBeInstanceOf(TypeError)
    expect(String(mistake)).toContain('Copy its members into a plain object')
  })
})

describe.each(LISTS)('the list $title', (taker) => {
  const { title, entries } = taker

  test(`the list ${title} is read once, by index`, async () => {
    const reads: (string | symbol)[] = []
    const silent = Object.assign([...entries], { [Symbol.iterator]: () => [][Symbol.iterator]() })
    const recorded = new Proxy(silent, {
      get(target, name, receiver) {
        reads.push(name)
        return Reflect.get(target, name, receiver)
      },
    })
    expect(await mistakeOf(taker, recorded)).toBeUndefined()
    expect(reads).toEqual(['length', ...Object.keys(entries)])
  })

  test(`the list ${title} throws for a list that ends with a hole, and for a set`, async () => {
    const withHole = Object.assign(new Array(entries.length + 1), entries)
    for (const given of [withHole, new Set(entries)])
      expect(await mistakeOf(taker, given)).toBeInstanceOf(TypeError)
  })
})
