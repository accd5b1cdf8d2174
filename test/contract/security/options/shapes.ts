import { runInNewContext } from 'node:vm'

export type Members = Readonly<Record<string, unknown>>

/** Creates an object with one member that a copy of own, enumerable members would lose. */
export type LosingShape = (members: Members, name: string) => object

const without = (members: Members, name: string): object =>
  Object.fromEntries(Object.entries(members).filter(([other]) => other !== name))

/**
 * Shapes that every taker (see takers.ts) must reject. If the taker knows the names of its members, the error
 * names the lost member.
 */
export const LOSING: Readonly<Record<string, LosingShape>> = {
  'is inherited': (members, name) =>
    Object.assign(Object.create({ [name]: members[name] }), without(members, name)),
  'is an accessor of a class': (members, name) => {
    class Settings {}
    Object.defineProperty(Settings.prototype, name, { get: () => members[name] })
    return Object.assign(new Settings(), without(members, name))
  },
  'is inherited in another realm': (members, name) =>
    Object.assign(
      runInNewContext('Object.create(given)', { given: { [name]: members[name] } }),
      without(members, name),
    ),
  'is not enumerable': (members, name) =>
    Object.defineProperty(without(members, name), name, { value: members[name] }),
}

/** More shapes like {@link LOSING}, only for takers that know the names of their members. */
export const LOSING_BY_NAME: Readonly<Record<string, LosingShape>> = {
  'exists only for the `get` of a Proxy': (members, name) =>
    new Proxy(without(members, name), {
      get: (target, asked, receiver) =>
        asked === name ? members[name] : Reflect.get(target, asked, receiver),
    }),
}

/** Objects that every taker must reject. The error must advise the caller to copy the members. */
export const INSTANCES: Readonly<Record<string, (members: Members) => object>> = {
  'an instance of a class': (members) => Object.assign(new (class Settings {})(), members),
  'an object that inherits from a plain one': (members) => Object.assign(Object.create({}), members),
}

/** Objects that every taker must accept like a plain object. */
export const ACCEPTED: Readonly<Record<string, (members: Members) => object | Promise<object>>> = {
  'a plain object': (members) => ({ ...members }),
  'a frozen object': (members) => Object.freeze({ ...members }),
  'an object without a prototype': (members) => Object.assign(Object.create(null), members),
  'an object of another realm': (members) => Object.assign(runInNewContext('({})'), members),
  'a module namespace': namespaceOf,
  'an object whose members can be read once': (members) => {
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
    return once
  },
}

/** More objects like {@link ACCEPTED}, only for takers that know the names of their members. */
export const ACCEPTED_BY_NAME: typeof ACCEPTED = {
  'an object with symbols and hidden members': (members) =>
    Object.defineProperty({ ...members, [Symbol('x')]: 1 }, 'anotherName', { value: 1 }),
}

const KEY = Symbol.for('portvakt/test/members')
let modules = 0

/** Returns the namespace of a module with these exports, loaded by Node. */
async function namespaceOf(members: Members): Promise<object> {
  Reflect.set(globalThis, KEY, members)
  const source = Object.keys(members).map(
    (name, index) =>
      `const m${index} = given[${JSON.stringify(name)}]; export { m${index} as ${JSON.stringify(name)} }`,
  )
  const text = `// ${modules++}\nconst given = globalThis[Symbol.for('portvakt/test/members')]\n${source.join('\n')}`
  return import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(text)}`)
}

/** A list that records its reads. Its iterator yields nothing. */
export function recorded(entries: readonly unknown[]) {
  const reads: (string | symbol)[] = []
  const silent = Object.assign([...entries], { [Symbol.iterator]: () => [][Symbol.iterator]() })
  const given = new Proxy(silent, {
    get(target, name, receiver) {
      reads.push(name)
      return Reflect.get(target, name, receiver)
    },
  })
  return { given, reads }
}

/** Lists that every taker must accept like a plain list. */
export const ACCEPTED_LISTS: Readonly<Record<string, (entries: readonly unknown[]) => unknown>> = {
  'a plain list': (entries) => [...entries],
  'a frozen list': (entries) => Object.freeze([...entries]),
  'a list of another realm': (entries) => runInNewContext('Array.from(given)', { given: entries }),
  'an instance of a subclass of Array': (entries) => class Consumers extends Array<unknown> {}.from(entries),
}

/** Values that every taker of a list must reject. */
export const REJECTED_LISTS: Readonly<Record<string, (entries: readonly unknown[]) => unknown>> = {
  'a list that ends with a hole': (entries) => Object.assign(new Array(entries.length + 1), entries),
  'a list that begins with undefined': (entries) => [undefined, ...entries],
  'a set': (entries) => new Set(entries),
}
