/**
 * Refuses a misspelt option, which would otherwise be without effect: a test would pass for the wrong reason.
 *
 * @param known every name there is, which the compiler holds complete
 * @throws {TypeError} naming the unknown option
 */
export function refuseUnknown<T extends object>(
  options: T,
  known: Record<keyof T, true>,
  owner: string,
): void {
  if (typeof options !== 'object' || options === null) throw new TypeError(`${owner} takes an object`)
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name))
  if (unknown === undefined) return
  throw new TypeError(
    `${owner} has no option \`${unknown}\`. Its options are ${Object.keys(known).join(', ')}`,
  )
}

/**
 * A copy, which the caller can no longer change.
 *
 * @throws {TypeError} unless the value is a list: in a string, `includes` would look for a part of a name
 */
export function listOf<T>(value: readonly T[], option: string): readonly T[] {
  if (Array.isArray(value)) return [...value]
  throw new TypeError(`\`${option}\` must be a list`)
}
