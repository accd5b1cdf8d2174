/**
 * Copies an object of options, and reads each member once. Throws rather than ignore a member, because an
 * ignored option can mean a skipped check:
 *
 * - The prototype must be null or the `Object.prototype` of any realm (Jest runs tests in another realm). An
 *   instance of a class is rejected, because its accessors and inherited members are not own members.
 * - Own enumerable members are copied, the values of getters included. A polluted `Object.prototype` supplies
 *   nothing.
 * - A known member is rejected if it is not enumerable, or if only the `get` of a Proxy supplies it. Symbols
 *   are ignored, and so are unknown members that are not enumerable.
 * - An enumerable member is rejected if its name is unknown or its value is undefined, as with
 *   `audience: process.env.AUDIENCE` when that variable is not set.
 *
 * The members' values are not copied: a value such as a clock can be an instance of any class.
 *
 * @param known the accepted names; `'any'` for records (claims, headers, a JWK), which can hold undefined
 * @param owner the function or option that accepts the object, for messages
 * @returns an object without a prototype
 * @throws {TypeError} naming the member or the owner
 * @example
 * const { retries = 3 } = takeOptions<{ retries?: number }>({ retries: 5 }, ['retries'], 'createSomething')
 */
export function takeOptions<T extends object>(
  options: T,
  known: readonly (keyof T & string)[] | 'any',
  owner: string,
): T {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`${owner} takes an object of options`)
  }
  const names: readonly string[] = known === 'any' ? Object.getOwnPropertyNames(options) : known
  const prototype: object | null = Object.getPrototypeOf(options)
  if (!isPlainPrototype(prototype)) throw notPlainError(options, names, owner)

  const taken: Record<string, unknown> = Object.create(null)
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) {
      throw new TypeError(`${owner} has no option \`${name}\`. Its options are ${names.join(', ')}`)
    }
    const value: unknown = Reflect.get(options, name)
    if (value === undefined && known !== 'any') throw undefinedError(name)
    taken[name] = value
  }
  const lost = names.find((name) => !(name in taken) && isGiven(options, name, prototype))
  if (lost !== undefined) throw lostMemberError(lost, owner)
  // `taken` holds only members of a `T`. The caller checks the values.
  return taken as T
}

/** Accepts null and the `Object.prototype` of any realm, which has no prototype and owns `isPrototypeOf`. */
function isPlainPrototype(prototype: object | null): boolean {
  if (prototype === null) return true
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf')
}

function notPlainError(options: object, names: readonly string[], owner: string): TypeError {
  const inherited = names.find((name) => name in options && !Object.hasOwn(options, name))
  if (inherited !== undefined) return lostMemberError(inherited, owner)
  return new TypeError(`${owner} takes a plain object, not an instance of a class. ${COPY}`)
}

/** Whether a member was given but not copied: not enumerable, or supplied only by a Proxy's `get`. */
function isGiven(options: object, name: string, prototype: object | null): boolean {
  if (Object.hasOwn(options, name)) return true
  // A polluted `Object.prototype` supplies nothing.
  return Reflect.get(options, name) !== undefined && !(prototype !== null && name in prototype)
}

const COPY = 'Copy its members into a plain object'

function lostMemberError(name: string, owner: string): TypeError {
  return new TypeError(`${owner}: \`${name}\` is not an own, enumerable member of the object. ${COPY}`)
}

function undefinedError(name: string): TypeError {
  return new TypeError(`\`${name}\` is undefined: give it a value, or leave it out`)
}

/**
 * Copies an array. The length and each entry are read once, by index; a custom iterator is not used.
 *
 * @param option the name of the list, for messages
 * @throws {TypeError} unless `list` is an array, and for an entry that is undefined or missing
 * @example
 * const names = takeList(['a', 'b'], 'names')
 */
export function takeList<T>(list: readonly T[], option: string): T[] {
  if (!Array.isArray(list)) throw new TypeError(`\`${option}\` must be a list`)
  const entries: T[] = []
  const given: readonly T[] = list
  const { length } = given
  for (let index = 0; index < length; index++) {
    const entry = given[index]
    if (entry === undefined) throw undefinedError(`${option}[${index}]`)
    entries.push(entry)
  }
  return entries
}

/**
 * Copies a value that will be sent or read as JSON. The rules of {@link takeOptions} apply at every level. At
 * most 32 levels are allowed.
 *
 * @param path where the value is, such as `jwks.keys[0]`, for error messages
 * @throws {TypeError} with the path of the first value that is not JSON
 */
export function takeJson(value: unknown, path: string, depth = 0): unknown {
  if (depth > 32) throw new TypeError(`\`${path}\` is nested too deeply`)
  const take = (member: unknown, at: string) => takeJson(member, `${path}${at}`, depth + 1)
  if (Array.isArray(value)) return takeList(value, path).map((entry, index) => take(entry, `[${index}]`))
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(takeOptions(value, 'any', `\`${path}\``))
    return Object.fromEntries(members.map(([name, member]) => [name, take(member, `.${name}`)]))
  }
  if (value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value)) return value
  throw new TypeError(`\`${path}\` must be JSON`)
}

export function numberBetween(
  value: unknown,
  minimum: number,
  maximum: number,
  option: string,
  unit = '',
): number {
  if (typeof value === 'number' && value >= minimum && value <= maximum) return value
  throw new TypeError(`\`${option}\` must be a number from ${minimum} to ${maximum}${unit}`)
}

export function wholeNumberBetween(value: unknown, minimum: number, maximum: number, option: string): number {
  if (Number.isInteger(value)) return numberBetween(value, minimum, maximum, option)
  throw new TypeError(`\`${option}\` must be a whole number from ${minimum} to ${maximum}`)
}

/** @throws {TypeError} unless the value is a function or undefined */
export function functionOrAbsent<T>(value: T, option: string): T {
  if (value === undefined || typeof value === 'function') return value
  throw new TypeError(`\`${option}\` must be a function`)
}

/**
 * Whether a function of the application returned a promise, although it must be synchronous. Catches the
 * promise's rejection, because an unhandled rejection ends the process.
 */
export function isUnwantedPromise(result: unknown): boolean {
  if (typeof result !== 'object' || result === null || typeof Reflect.get(result, 'then') !== 'function')
    return false
  Promise.resolve(result).catch(() => undefined)
  return true
}

/**
 * Reads a string or a list of strings, each of which `isWellFormed` must accept.
 *
 * @throws {TypeError} for a malformed entry, and for an empty list, which could mean "no restriction" or "no
 *   caller"
 */
export function stringList<T extends string>(
  value: unknown,
  isWellFormed: (entry: unknown) => entry is T,
  form: string,
  option: string,
): readonly T[] {
  const entries: readonly unknown[] = Array.isArray(value) ? takeList(value, option) : [value]
  if (entries.length === 0) throw new TypeError(`\`${option}\` is empty: leave it out, or name at least one`)
  if (!entries.every(isWellFormed)) throw new TypeError(`\`${option}\` must be ${form}`)
  return Object.freeze(entries)
}

/** Rejects white space: URL parsers drop it, but issuers and audiences are compared exactly with claims. */
export function isAbsoluteUri(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value) && !/\s/.test(value)
}
