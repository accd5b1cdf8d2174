/** Returns a promise that never settles. */
export const never = () => new Promise<never>(() => undefined)

/** A promise and the function that resolves it. */
export function deferred<T = unknown>() {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((settle) => (resolve = settle))
  return { promise, resolve }
}
