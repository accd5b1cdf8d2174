/**
 * Runs `work` while Object.prototype has these members, and returns the result of `work`. By default, the
 * members are read-only, so that an assignment to a member of the same name throws.
 */
export async function withPollutedPrototype<T>(
  members: object,
  work: () => T | Promise<T>,
  { writable = false } = {},
): Promise<T> {
  for (const [name, value] of Object.entries(members)) {
    const descriptor = { value, configurable: true, enumerable: true, writable }
    Object.defineProperty(Object.prototype, name, descriptor)
  }
  try {
    return await work()
  } finally {
    for (const name of Object.keys(members)) Reflect.deleteProperty(Object.prototype, name)
  }
}
