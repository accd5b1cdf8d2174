/** Runs `work` while Object.prototype has these members, and returns the result of `work`. */
export async function withPollutedPrototype<T>(members: object, work: () => T | Promise<T>): Promise<T> {
  for (const [name, value] of Object.entries(members)) {
    Object.defineProperty(Object.prototype, name, { value, configurable: true, enumerable: true })
  }
  try {
    return await work()
  } finally {
    for (const name of Object.keys(members)) Reflect.deleteProperty(Object.prototype, name)
  }
}
