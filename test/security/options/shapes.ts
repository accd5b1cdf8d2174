import { runInNewContext } from 'node:vm'

/** The members of an option object, by name. */
export type Members = Readonly<Record<string, unknown>>

/** An object that has one of its members where a copy of own enumerable members does not find it. */
export type LosingShape = (members: Members, name: string) => object

const without = (members: Members, name: string): object =>
  Object.fromEntries(Object.entries(members).filter(([other]) => other !== name))

/** Each must throw, and name the member where the names are known. */
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

/** The same, where the names are known. */
export const LOSING_BY_NAME: Readonly<Record<string, LosingShape>> = {
  'exists only for the `get` of a Proxy': (members, name) =>
    new Proxy(without(members, name), {
      get: (target, asked, receiver) =>
        asked === name ? members[name] : Reflect.get(target, asked, receiver),
    }),
}

/** Each must throw and say to copy the members. */
export const INSTANCES: Readonly<Record<string, (members: Members) => object>> = {
  'an instance of a class': (members) => Object.assign(new (class Settings {})(), members),
  'an object that inherits from a plain one': (members) => Object.assign(Object.create({}), members),
}

/** Each must do what a plain object does. */
export const ACCEPTED: Readonly<Record<string, (members: Members) => object | Promise<object>>> = {
  'a plain object': (members) => ({ ...members }),
  'a frozen object': (members) => Object.freeze({ ...members }),
  'an object without a prototype': (members) => Object.assign(Object.create(null), members),
  'an object of another realm': (members) => Object.assign(runInNewContext('({})'), members),
  'a module namespace': namespaceOf,
  'an object whose every member is read once': (members) => {
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

/** The same, where the names are known. */
export const ACCEPTED_BY_NAME: typeof ACCEPTED = {
  'an object with symbols and hidden members': (members) =>
    Object.defineProperty({ ...members, [Symbol('x')]: 1 }, 'anotherName', { value: 1 }),
}

const KEY = Symbol.for('portvakt/test/members')
let modules = 0

/** The namespace of a real module, which Node loads. */
async function namespaceOf(members: Members): Promise<object> {
  Reflect.set(globalThis, KEY, members)
  const source = Object.keys(members).map(
    (name, index) =>
      `const m${index} = given[${JSON.stringify(name)}]; export { m${index} as ${JSON.stringify(name)} }`,
  )
  const text = `// ${modules++}\nconst given = globalThis[Symbol.for('portvakt/test/members')]\n${source.join('\n')}`
  return import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(text)}`)
}

/** A list that is recorded while it is read. Its iterator gives nothing. */
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

/** Each must do what a plain list does. */
export const ACCEPTED_LISTS: Readonly<Record<string, (entries: readonly unknown[]) => unknown>> = {
  'a plain list': (entries) => [...entries],
  'a frozen list': (entries) => Object.freeze([...entries]),
  'a list of another realm': (entries) => runInNewContext('Array.from(given)', { given: entries }),
  'a list of a class': (entries) => class Consumers extends Array<unknown> {}.from(entries),
}

/** Each must throw. */
export const REJECTED_LISTS: Readonly<Record<string, (entries: readonly unknown[]) => unknown>> = {
  'a list that ends with a hole': (entries) => Object.assign(new Array(entries.length + 1), entries),
  'a list that begins with undefined': (entries) => [undefined, ...entries],
  'a set': (entries) => new Set(entries),
}
