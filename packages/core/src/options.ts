/**
 * Takes a caller's options once: as own members, so that a polluted `Object.prototype` sets nothing. A check
 * must not be absent by mistake, so an unknown name is refused, and so is `audience: process.env.AUDIENCE`
 * where that variable is missing.
 *
 * @throws {TypeError} naming the option
 * @example
 * const { retries = 3 } = takeOptions<{ retries?: number }>({ retries: 5 }, ['retries'], 'createSomething')
 */
export function takeOptions<T extends object>(
  options: T,
  known: readonly (keyof T & string)[],
  owner: string,
): T {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`${owner} takes an object of options`)
  }
  for (const [name, value] of Object.entries(options)) {
    if (!(known as readonly string[]).includes(name)) {
      throw new TypeError(`${owner} has no option \`${name}\`. Its options are ${known.join(', ')}`)
    }
    if (value === undefined) throw new TypeError(`\`${name}\` is undefined: give it a value, or leave it out`)
  }
  return Object.assign(Object.create(null), options)
}

/** @throws {TypeError} unless the value is a finite number in the range */
export function numberBetween(value: unknown, minimum: number, maximum: number, option: string): number {
  if (typeof value === 'number' && value >= minimum && value <= maximum) return value
  throw new TypeError(`\`${option}\` must be a number from ${minimum} to ${maximum}`)
}

/** @throws {TypeError} unless the value is a whole number in the range */
export function wholeNumberBetween(value: unknown, minimum: number, maximum: number, option: string): number {
  if (Number.isInteger(value)) return numberBetween(value, minimum, maximum, option)
  throw new TypeError(`\`${option}\` must be a whole number from ${minimum} to ${maximum}`)
}

/** @throws {TypeError} unless the value is a function or absent */
export function functionOrAbsent<T>(value: T, option: string): T {
  if (value === undefined || typeof value === 'function') return value
  throw new TypeError(`\`${option}\` must be a function`)
}

/**
 * One or several strings, each of the right form. An empty list is refused: it would read as "no restriction"
 * to one person and as "nobody" to the next.
 *
 * @throws {TypeError} naming the option and the form
 */
export function stringList<T extends string>(
  value: unknown,
  isWellFormed: (entry: unknown) => entry is T,
  form: string,
  option: string,
): readonly T[] {
  // A copy, in which what was a hole is an entry, and `every` sees it.
  const entries: readonly unknown[] = Array.isArray(value) ? [...value] : [value]
  if (entries.length === 0) throw new TypeError(`\`${option}\` is empty: leave it out, or name at least one`)
  if (!entries.every(isWellFormed)) throw new TypeError(`\`${option}\` must be ${form}`)
  return Object.freeze(entries)
}

/** A parser of URLs drops white space, but what is compared with a token is compared exactly. */
export function isAbsoluteUri(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value) && !/\s/.test(value)
}

/** A set of configured values that cannot be changed: `Object.freeze` leaves a `Set` open to `add` and `delete`. */
export interface FixedSet<T> extends Iterable<T> {
  readonly size: number
  readonly has: (value: T) => boolean
}

export function fixedSet<T>(values: Iterable<T>): FixedSet<T> {
  const set = new Set(values)
  return Object.freeze<FixedSet<T>>({
    size: set.size,
    has: (value) => set.has(value),
    [Symbol.iterator]: () => set.values(),
  })
}
