/**
 * Freezes an object whose named members are not for people and machines that only look on: `JSON.stringify`
 * and `util.inspect` leave them out. Reading them by name works as ever.
 *
 * @param names members that may hold national identity numbers
 */
export function sealWithout<T extends object>(object: T, names: readonly string[]): Readonly<T> {
  const shown = () => Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
  // Non-enumerable, so that the object's members are exactly its documented ones.
  Object.defineProperty(object, 'toJSON', { value: shown })
  Object.defineProperty(object, Symbol.for('nodejs.util.inspect.custom'), { value: shown })
  return Object.freeze(object)
}
