/**
 * A way to copy and freeze objects whose named members are not for people and machines that only look on:
 * `JSON.stringify` and `util.inspect` leave them out. Reading them by name works as ever.
 *
 * @param names members that may hold national identity numbers
 */
export function sealWithout<T extends object>(
  names: readonly (keyof T & string)[],
): (object: T) => Readonly<T> {
  function shown(this: T) {
    return Object.fromEntries(
      Object.entries(this).filter(([name]) => !names.some((hidden) => hidden === name)),
    )
  }
  // Inherited: the object's own members are exactly its documented ones, and each object costs a pointer.
  const prototype: object = Object.freeze(
    Object.create(Object.prototype, {
      toJSON: { value: shown },
      [Symbol.for('nodejs.util.inspect.custom')]: { value: shown },
    }),
  )
  return (object) => Object.freeze(Object.assign(Object.create(prototype), object))
}
